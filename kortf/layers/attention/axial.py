"""Axial positions (Kitaev et al. 2020, section 4; Ho et al. 2019): a grid of two small tables."""

import math

import keras
from keras import ops


def axial_shape(length: int, rows: int | None = None, columns: int | None = None) -> tuple:
    """Return sizes of a grid with a place for each position.

    Example: the nearest to a square without a place too many, if there is one, or with few
        >>> axial_shape(512), axial_shape(5056), axial_shape(521), axial_shape(512, rows=8)
        ((16, 32), (64, 79), (22, 24), (8, 64))

    Args:
        length: Number of positions.
        rows: Rows of the grid; None to find them.
        columns: Columns of the grid; None to find them.

    Raises:
        ValueError: Both are given and their product is below the length.
    """
    if rows is None and columns is None:
        root = math.isqrt(length)
        exact = (n for n in range(root, root // 2, -1) if length % n == 0)
        rows = next(exact, root) or 1
    for name, value in (("axial_rows", rows), ("axial_columns", columns)):
        if value is not None and value < 1:
            raise ValueError(f"{name}={value}: choose 1 or more")
    rows = rows or -(-length // columns)
    columns = columns or -(-length // rows)
    if rows * columns < length:
        fitting = " and ".join(
            f"{name}={value}"
            for name, value in zip(
                ("axial_rows", "axial_columns"), axial_shape(length), strict=True
            )
        )
        raise ValueError(
            f"axial_rows={rows} times axial_columns={columns} are {rows * columns} positions where "
            f"max_length={length}: choose {fitting}"
        )
    return rows, columns


class AxialPositions(keras.layers.Layer):
    """Vectors of positions in a grid: half from the row, half from the column.

    So `rows + columns` vectors of half the size do for `rows · columns` positions.

    Args:
        rows: Rows of the grid.
        columns: Columns of the grid.
        init: Initialiser of both tables.
    """

    def __init__(self, rows: int, columns: int, init: keras.initializers.Initializer, **kwargs):
        super().__init__(**kwargs)
        self.shape = rows, columns
        self.init = init

    def build(self, dim: int):
        sizes = dim // 2, dim - dim // 2
        self.rows, self.columns = (
            self.add_weight(name=name, shape=(places, size), initializer=self.init, autocast=False)
            for name, places, size in zip(("rows", "columns"), self.shape, sizes, strict=True)
        )
        self.built = True

    def call(self, positions):
        """Vectors of `positions` int32 `[batch or 1, seq]`: float32 `[batch or 1, seq, dim]`."""
        rows, columns = self.shape
        grid = ops.concatenate(
            [
                ops.repeat(self.rows.value, columns, axis=0),
                ops.tile(self.columns.value, (rows, 1)),
            ],
            axis=-1,
        )  # (rows * columns, dim)
        return ops.take(grid, positions, axis=0)
