"""What the tests of Google's rates share: the API with the fake's credentials, and a poll into a store."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from postmaster_server import PostmasterServer
from store_bench import Bench
from todoku.feedback.traffic import Day, Series
from todoku.net.google.api import Api, Limits
from todoku.net.google.credentials import ENDPOINT_VARIABLE, open_api
from todoku.net.google.poll import SOURCE, Polled
from todoku.net.google.store_rates import poll_into
from todoku.settings.config import PostmasterSection
from todoku.store import days

TODAY = date(2026, 11, 24)
YESTERDAY = TODAY - timedelta(days=1)
DOMAIN = "example.com"


class Waits(list[float]):
    """Who waits is not kept waiting: how long he would have is written down."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def open_fake(
    google: PostmasterServer, folder: Path, *, sleep: Callable[[float], object] | None = None, **limits
) -> Api:
    section = PostmasterSection(token_file=str(google.consent_file(folder)))
    given = Limits(sleep=Waits() if sleep is None else sleep, chance=Random(1), **{"seconds": 5.0, **limits})
    return open_api(section, limits=given, environ={ENDPOINT_VARIABLE: google.url})


def poll_once(bench: Bench, api: Api, now: Callable[[], datetime] | None = None) -> Polled:
    lease = bench.lease()
    try:
        return poll_into(bench.store, lease, api, now or bench.clock)
    finally:
        lease.release(bench.store.database)


def stored(
    bench: Bench, metric: str = "spam-rate", part: str = "", *, domain: str = DOMAIN, reach: int = 90
) -> tuple[Day, ...]:
    asked = Series(source=SOURCE, about=domain, metric=metric, part=part)
    with bench.store.database.read() as connection:
        return days.series(connection, asked, TODAY - timedelta(days=reach), TODAY).days


def some_days(count: int, value: float = 0.001) -> dict[date, float | int | list[str]]:
    """Numbers for the last days up to yesterday, no two alike."""
    return {YESTERDAY - timedelta(days=n): round(value + n / 10_000, 6) for n in range(count)}


def real_yesterday() -> date:
    """By the clock of this machine: commands have no other."""
    return datetime.now(UTC).date() - timedelta(days=1)


class Place:
    """A working folder with the credentials of the fake, and the commands run in it."""

    def __init__(self, folder: Path, google: PostmasterServer) -> None:
        self.folder = folder
        self.google = google
        self.environment = {
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "HOME": str(folder),
            "TODOKU_POSTMASTER_ENDPOINT": google.url,
        }
        self.said = ""

    def settings(self, **told: Path) -> None:
        lines = [f'{name} = "{path}"' for name, path in told.items()]
        (self.folder / "todoku.toml").write_text("\n".join(["[postmaster]", *lines, ""]))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return self.start_any("postmaster", *arguments)

    def start_any(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "todoku", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=60)
        self.said += out + err
        return process.returncode, out, err
