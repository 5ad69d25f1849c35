"""Unicode: classes of characters and normalization."""
