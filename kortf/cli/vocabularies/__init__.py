"""Parts of `kortf vocab`: comparison and extension of vocabularies."""
