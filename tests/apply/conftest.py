from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import pytest

from apply.rig import ACCOUNT, Rig
from todoku.demo.ses_server import SesServer
from writers.conftest import Knot, key_file, knot

__all__ = ["key_file", "knot"]  # fixtures

SECRET = "wJalrXUtnFEMIcanaryK7MDENGcanaryfiCYEXAM"


def credentials(environment: pytest.MonkeyPatch, folder: Path) -> None:
    """For boto3: those of one account, and no file of the machine's."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        environment.delenv(name)
    environment.setenv("AWS_ACCESS_KEY_ID", ACCOUNT)
    environment.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        environment.setenv(name, str(folder / "none"))


@contextmanager
def world(knot: Knot, key: Path, folder: Path) -> Iterator[Rig]:
    """An empty account, and a zone in which only the name server itself stands; the zone is so again afterwards."""
    base = knot.lines()
    made = Rig(folder, knot.port, key)
    with pytest.MonkeyPatch.context() as environment, SesServer(made.world, secret=SECRET) as server:
        credentials(environment, folder)
        environment.setenv("AWS_ENDPOINT_URL", server.url)
        made.server = server
        try:
            yield made
        finally:
            wipe(knot, base)


@pytest.fixture
def rig(knot: Knot, key_file: Path, tmp_path: Path) -> Iterator[Rig]:
    with world(knot, key_file, tmp_path) as made:
        yield made


def wipe(knot: Knot, base: list[str]) -> None:
    """Take from the zone what was not there before."""
    names = {line.split(" ")[0] for line in set(knot.lines()) - set(base)}
    for name, rdtype in product(names, ("A", "CNAME", "MX", "TXT")):
        knot.put(name, 0, rdtype)
