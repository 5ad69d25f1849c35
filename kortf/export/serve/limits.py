"""Bounds on what the server accepts and how it batches."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Limits:
    """Bounds of one server.

    Attributes:
        max_batch: Maximum number of rows that are computed together.
        batch_wait: Seconds that a row waits for others while the model is idle.
        max_queue: Maximum number of rows that wait or are computed, for each model.
        max_rows: Maximum number of rows of a request.
        max_bytes: Maximum size of a request body.
        timeout: Seconds after which a request is given up.
    """

    max_batch: int = 32
    batch_wait: float = 0.0
    max_queue: int = 1024
    max_rows: int = 256
    max_bytes: int = 4 << 20
    timeout: float = 30.0
