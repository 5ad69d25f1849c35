"""Cleans raw text: rules that change it, rules that drop it, and no text twice."""
