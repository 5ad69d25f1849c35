"""TFRecords of clean ids: plan, pack, pair, write and read them."""
