"""A fake of Google's API and a store for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from google_lab import Place
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


SECRET = ("key.json", "consent.json", "client.json", "postmaster.json")
"""What the credentials are kept in, by the user or by a login."""


@pytest.fixture
def place(tmp_path: Path, google: PostmasterServer) -> Iterator[Place]:
    place = Place(tmp_path, google)
    yield place
    assert google.faults == []
    written = "".join(
        path.read_text("latin-1") for path in tmp_path.rglob("*") if path.is_file() and path.name not in SECRET
    )
    for canary in google.canaries:
        assert canary not in place.said
        assert canary not in written
