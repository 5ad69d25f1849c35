"""TFRecords: planning, packing, pairing, writing and reading them."""
