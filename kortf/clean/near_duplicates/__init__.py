"""Near duplicates: MinHash signatures and the pairs that share a band."""
