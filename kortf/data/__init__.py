"""Records: reading corpora, packing segments, writing and reading TFRecords."""
