"""Tokenizers: strings to ids in the graph, offsets, and ids back to strings."""


def __getattr__(name: str):
    # Lazy: the tokenizer imports TensorFlow, and some modules of this package do not.
    if name == "load_tokenizer":
        from kortf.text.tokenizer.tokenizer import load_tokenizer

        return load_tokenizer
    raise AttributeError(f"module 'kortf.text.tokenizer' has no attribute {name!r}")
