"""Programs that training runs: an encoder under objectives or under a task."""
