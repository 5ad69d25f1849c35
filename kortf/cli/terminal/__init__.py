"""Terminal output that all verbs share."""
