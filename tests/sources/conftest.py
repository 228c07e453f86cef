"""A store for each test, and a mail server for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from imap_server import Dovecot
from store_bench import another, bench, worker

__all__ = ["another", "bench", "worker"]


@pytest.fixture(scope="session")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(ca: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="session")
def running(ca: trustme.CA) -> Iterator[Dovecot]:
    server = Dovecot(ca)
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def dovecot(running: Dovecot) -> Dovecot:
    """The server with an empty mailbox."""
    running.clear()
    return running
