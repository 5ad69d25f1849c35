"""Byte-level BPE: words of a text, merges, and the tokenizer in the graph."""
