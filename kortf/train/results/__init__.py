"""Results of training runs: scores, predictions and model cards."""
