"""L21: each fallible call of a round fails, once and for good; then all works again, and nobody has missed anything or hears it anew."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
from prometheus_client import exposition
from sqlalchemy import delete, event, select, update
from sqlalchemy.exc import OperationalError

from mint_reports import aggregate
from postmaster_server import PostmasterServer
from store_bench import Given
from todoku.auth.ask import Answer, Question
from todoku.cli import stored, watch_run
from todoku.cli.stored import clock
from todoku.cli.watch_run import Watcher
from todoku.feedback.traffic import Day, Series
from todoku.intake.source import Item, SourceAway
from todoku.intake.worker import NoWorker
from todoku.net.dns.zone import Zone
from todoku.net.google.credentials import ENDPOINT_VARIABLE
from todoku.net.google.poll import SOURCE
from todoku.settings.config import AlertsSection, Config, PostmasterSection, WatchSection
from todoku.store import days
from todoku.store.away import Away, LeaseLost
from todoku.store.snapshots import ROUND, open_alarms
from todoku.store.status import status
from todoku.store.store import Places, Store
from todoku.store.tables import leases, outbox, snapshots
from todoku.words.errors import UsageError
from todoku.words.verdict import Text
from torture import often

ZONE = """$ORIGIN example.com.
@ 300 IN SOA ns1 admin 1 3600 600 86400 300
@ 300 IN MX 10 mx1
@ 300 IN TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc 300 IN TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.com"
mx1 300 IN A 192.0.2.1
amazonses.com. 300 IN TXT "v=spf1 ip4:198.51.100.0/24 -all"
"""
TODAY = clock().date()
SPAM_RATE = Series(source=SOURCE, about="example.com", metric="spam-rate", part="")
REPORTS = [aggregate(number, count=number + 1) for number in range(2)]


class Faults:
    """Counts the calls that can fail, and lets the n-th fail, or it and all that follow."""

    def __init__(self) -> None:
        self.calls = self.fails_at = 0
        self.for_good = False
        self.kinds: Counter[str] = Counter()

    def set(self, fails_at: int, *, for_good: bool) -> None:
        self.calls, self.fails_at, self.for_good = 0, fails_at, for_good
        self.kinds.clear()

    def fails(self, kind: str) -> bool:
        self.calls += 1
        self.kinds[kind] += 1
        return self.fails_at > 0 and (self.calls == self.fails_at or (self.for_good and self.calls > self.fails_at))


class Dns:
    """A zone of which a question may time out."""

    def __init__(self, faults: Faults, text: str) -> None:
        self._faults = faults
        self._zone = Zone.from_text(text)

    def answers(self, questions: Sequence[Question], *, seconds: float | None = None) -> Sequence[Answer]:
        if self._faults.fails("dns"):
            return [Answer(one, status="timeout") for one in questions]
        return self._zone.answers(questions, seconds=seconds)

    async def answers_async(self, questions: Sequence[Question]) -> Sequence[Answer]:
        return self.answers(questions)


class Mailbox(Given):
    """A source that may be away, before a report and before it is told of one."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(REPORTS)
        self._faults = faults

    def _come(self) -> None:
        if self._faults.fails("source"):
            raise SourceAway(Text("away", "away"))

    def items(self) -> Iterator[Item]:
        for one in super().items():
            self._come()
            yield one

    def acknowledge(self, ids: Sequence[str]) -> None:
        self._come()
        super().acknowledge(ids)

    def close(self) -> None:
        pass


def refused(*_given: object) -> tuple[int, dict[str, Any]]:
    """What Google says where it will not answer: to whom it lets in, and to whom it does not."""
    return 403, {"error": {"code": 403, "status": "PERMISSION_DENIED", "message": ""}}


def ended(*_given: object) -> tuple[int, dict[str, Any]]:
    return 400, {"error": "invalid_grant"}


class Rows:
    """A connection of DuckDB's whose statements may fail."""

    def __init__(self, real: duckdb.DuckDBPyConnection, faults: Faults) -> None:
        self._real, self._faults = real, faults

    def execute(self, *given: Any) -> duckdb.DuckDBPyConnection:
        if self._faults.fails("rows"):
            raise duckdb.IOException("no such file")
        return self._real.execute(*given)

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


@pytest.fixture
def google(tmp_path: Path) -> Iterator[PostmasterServer]:
    server = PostmasterServer()
    server.consent_file(tmp_path)
    server.add("example.com")
    try:
        yield server
        assert not server.faults
    finally:
        server.close()


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch, google: PostmasterServer) -> Faults:
    faults = Faults()

    def watch(place: object, name: str, kind: str, otherwise: Callable[..., object] | None = None) -> None:
        real = getattr(place, name)

        def called(*arguments: object, **named: object) -> object:
            if not faults.fails(kind):
                return real(*arguments, **named)
            if otherwise is None:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return otherwise(*arguments)

        monkeypatch.setattr(place, name, called)

    for place, name in ((os, "open"), (os, "write"), (os, "fsync"), (os, "rename"), (Path, "rename")):
        watch(place, name, "disk")
    monkeypatch.setattr(exposition, "open", open, raising=False)
    watch(exposition, "open", "metrics")
    watch(google, "token", "google", ended)
    watch(google, "answer", "google", refused)
    connect, real = duckdb.connect, socket.socket.connect
    monkeypatch.setattr(duckdb, "connect", lambda **given: Rows(connect(**given), faults))

    def connected(self: socket.socket, place: tuple[str, int]) -> None:
        if not google.url.endswith(f":{place[1]}") and faults.fails("alert"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(self, place)

    monkeypatch.setattr(socket.socket, "connect", connected)
    return faults


@contextmanager
def failing_statements(store: Store, faults: Faults) -> Iterator[None]:
    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if faults.fails("sql"):
            raise OperationalError(statement, {}, sqlite3.OperationalError("disk I/O error"))

    engine = store.database._engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", count)


class Outcome(NamedTuple):
    """What people and the store know in the end."""

    told: frozenset[tuple[str, str]]
    alarms: frozenset[tuple[str, str, str, tuple[str, ...]]]
    reports: int
    messages: int
    rates: tuple[Day, ...]


class Trial:
    """A store that has seen one good round, before the policy is loosened and two reports arrive."""

    def __init__(self, folder: Path, faults: Faults, hook: Any) -> None:
        before = folder.exists()
        self.folder, self.faults, self.hook = folder, faults, hook
        self.store = Store(Places(folder=folder / "store")).prepare()
        self.mailbox = Mailbox(faults)
        self.why = "another watcher is at it"
        settings = Config(
            watch=WatchSection(subjects=("example.com",), metrics_file=str(folder / "figures.prom")),
            postmaster=PostmasterSection(token_file=str(folder.parent / "consent.json")),
            alerts=AlertsSection(urls=(f"json://127.0.0.1:{hook.server_port}/",)),
        )
        self.watcher = Watcher(settings, "en", lambda: False)
        if not before:
            self.turn(ZONE, ())
        self.wait()

    def turn(self, zone: str, sources: Sequence[Mailbox]) -> bool:
        """Whether a round came to its end; ``why`` tells what ended it before."""
        self.watcher._dns = Dns(self.faults, zone)
        self.watcher._sources = list(sources)
        try:
            return self.watcher.turn(self.store, force=True) is not None
        except (Away, NoWorker, LeaseLost, UsageError) as error:
            self.why = repr(error)
            return False

    def loosened(self) -> bool:
        return self.turn(ZONE.replace("p=reject", "p=none"), [self.mailbox])

    def wait(self) -> None:
        """As if a day had gone by: the lease has run out, letters may be tried again, and Google is to be asked."""
        with self.store.database.write() as connection:
            connection.execute(update(leases).values(until=0))
            connection.execute(update(outbox).values(next_try=0))
            connection.execute(delete(snapshots).where(snapshots.c.name == ROUND))

    def outcome(self) -> Outcome:
        with self.store.database.read() as connection:
            alarms = open_alarms(connection)
            rates = days.series(connection, SPAM_RATE, TODAY - timedelta(days=9), TODAY).days
        now = status(self.store, clock())
        return Outcome(
            frozenset((one["title"], one["message"].split("\n")[0]) for one in self.hook.bodies),
            frozenset((one.cause, one.tag, one.level, one.named) for one in alarms),
            now.parsed,
            now.messages,
            rates,
        )

    def twice(self) -> int:
        """How many letters were sent without its being written down: they are sent at least once."""
        told = {one["title"] for one in self.hook.bodies}
        with self.store.database.read() as connection:
            waiting = connection.execute(select(outbox.c.title).where(outbox.c.sent.is_(None))).scalars()
            return sum(title in told for title in waiting)


@pytest.fixture
def trial(
    tmp_path: Path, faults: Faults, hook: Any, google: PostmasterServer, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Trial]:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(ENDPOINT_VARIABLE, google.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def make(name: str) -> Trial:
        hook.bodies.clear()
        if name != "first":
            shutil.copytree(tmp_path / "first", tmp_path / name)
        return Trial(tmp_path / name, faults, hook)

    return make


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for-good"])
def test_each_call_of_a_round_failing_loses_and_repeats_nothing(
    trial: Callable[[str], Trial], faults: Faults, google: PostmasterServer, *, for_good: bool
) -> None:
    trial("first").store.database.close()
    google.count("example.com", "SPAM_RATE", "", {TODAY - timedelta(days=1): 0.004})
    undisturbed = trial("undisturbed")
    faults.set(0, for_good=False)
    with failing_statements(undisturbed.store, faults):
        assert undisturbed.loosened(), undisturbed.why
    calls, kinds = faults.calls, dict(faults.kinds)
    expected = undisturbed.outcome()
    letters = len(undisturbed.hook.bodies)
    assert set(kinds) == {"sql", "disk", "alert", "dns", "source", "google", "metrics", "rows"}
    assert [one.value for one in expected.rates if one.state == "number"] == [0.004]
    assert letters == 2
    for number in range(1, calls + 1, often(16, 1)):
        one = trial(f"{number}")
        faults.set(number, for_good=for_good)
        with failing_statements(one.store, faults):
            one.loosened()
        faults.set(0, for_good=False)
        unsettled = one.twice()
        for _ in range(2):
            one.wait()
            assert one.loosened(), (number, one.why)
        assert one.outcome() == expected, number
        assert len(one.hook.bodies) == letters + unsettled, number
        one.store.database.close()


def test_a_letter_that_was_not_taken_is_sent_between_the_rounds(trial: Callable[[str], Trial], hook: Any) -> None:
    one = trial("first")
    hook.status = 500
    assert one.loosened()
    hook.status = 200
    one.watcher.send_again(one.store)  # not yet: the first wait is a minute
    assert hook.bodies == []
    one.wait()
    for _ in range(2):
        one.watcher.send_again(one.store)
    assert len(hook.bodies) == 1
    one.store.database.close()


def test_a_clock_that_jumps_tells_nothing_twice(
    trial: Callable[[str], Trial], hook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L10: a day back and forth between rounds; each is made, and what is open stays so."""
    one = trial("first")
    began = clock()
    for shift in (0, -1, 1, 0, -1, 0):
        moment = began + timedelta(days=shift)
        for module in (stored, watch_run):
            monkeypatch.setattr(module, "clock", lambda moment=moment: moment)
        assert one.loosened()
        assert one.outcome().alarms
    assert len(hook.bodies) == 1
    one.store.database.close()
