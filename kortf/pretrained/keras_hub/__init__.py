"""Conversion from and to keras-hub presets."""
