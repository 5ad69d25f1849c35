"""Raw text files: found, decompressed, split into blocks and documents."""

from kortf.data.corpus.corpus import read_documents

__all__ = ["read_documents"]
