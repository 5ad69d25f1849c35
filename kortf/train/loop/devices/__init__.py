"""Devices of a run: the `tf.distribute` strategy, clusters, and placement of variables."""
