from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from apply.rig import ACCOUNT, Rig
from todoku.demo.ses_server import SesServer
from writers.conftest import Knot, key_file, knot

__all__ = ["key_file", "knot"]  # fixtures

SECRET = "wJalrXUtnFEMIcanaryK7MDENGcanaryfiCYEXAM"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """boto3 with the credentials of one account, and no file of the machine's."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCOUNT)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    return monkeypatch


@pytest.fixture
def rig(knot: Knot, key_file: Path, tmp_path: Path, environment: pytest.MonkeyPatch) -> Iterator[Rig]:
    """An empty account and a zone in which only the name server itself stands."""
    base = knot.lines()
    made = Rig(tmp_path, knot.port, key_file)
    with SesServer(made.world) as server:
        environment.setenv("AWS_ENDPOINT_URL", server.url)
        made.server = server
        yield made
    wipe(knot, base)


def wipe(knot: Knot, base: list[str]) -> None:
    """Take from the zone what was not there before."""
    for line in set(knot.lines()) - set(base):
        name, _ttl, _class, rdtype, *_ = line.split(" ")
        knot.put(name, 0, rdtype)
