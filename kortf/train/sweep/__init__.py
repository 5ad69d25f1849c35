"""Sweeps: fine-tunings with other settings, of which the dev part chooses one."""
