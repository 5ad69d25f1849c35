"""Errors of a fine-tuned model: confusion, worst examples, entities, spans."""
