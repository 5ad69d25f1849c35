"""Readers of corpus files, one a file: each declares how its format is recognised.

A module of the user's own on PYTHONPATH works as well: `--format=my_package.my_reader`.
"""
