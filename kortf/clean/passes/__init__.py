"""The passes of a cleaning run over a corpus, and the files between them."""
