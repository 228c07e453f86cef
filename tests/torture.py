"""How often a test of chance tries: seldom in ``make test``, very often in ``make torture``."""

from __future__ import annotations

import os

AT_LENGTH = "TODOKU_TORTURE" in os.environ


def often(ordinarily: int, at_length: int) -> int:
    """The number for this run."""
    return at_length if AT_LENGTH else ordinarily
