"""Raw text files: recognise, decompress and decode them, and cut them into blocks."""

from kortf.data.corpus.corpus import read_documents

__all__ = ["read_documents"]
