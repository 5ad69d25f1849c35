"""Settings of a run: configs, the meaning of their keys, and the identity of a run."""
