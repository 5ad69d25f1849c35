"""Tokenize many lines at a time, for records: the ids of the tokenizer in the graph, faster."""
