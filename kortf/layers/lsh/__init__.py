"""Attention by locality-sensitive hashing (Kitaev et al. 2020), a row of small pure functions.

Hash, sort, chunk, look around, mask, attend, unsort, combine the rounds. Shapes are static and
numbers are int32, so that all of it can be compiled.
"""

from kortf.layers.lsh.attention import Plan, lsh_attention, make_plan
from kortf.layers.lsh.hashing import hash_vectors, random_rotations
from kortf.layers.lsh.neighbours import Reach

__all__ = ["Plan", "Reach", "hash_vectors", "lsh_attention", "make_plan", "random_rotations"]
