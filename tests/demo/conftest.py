from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.ses_lab import Lab, client_of
from todoku.demo.ses_server import SesServer


@pytest.fixture
def lab() -> Lab:
    return Lab()


@pytest.fixture
def server(lab: Lab) -> Iterator[SesServer]:
    with SesServer(lab.world) as running:
        yield running


@pytest.fixture
def client(server: SesServer):
    return client_of(server)
