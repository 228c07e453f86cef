"""A fake of Google's API and a store for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from postmaster_server import PostmasterServer
from store_bench import another, bench, worker

__all__ = ["another", "bench", "worker"]


@pytest.fixture
def google() -> Iterator[PostmasterServer]:
    server = PostmasterServer()
    try:
        yield server
    finally:
        server.close()
