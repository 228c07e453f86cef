"""Listening to a real IMAP server: new mail wakes, silence is looked into, what breaks is opened anew, and a stop is heard."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from imap_server import PASSWORD, Breaking, Dovecot
from mint_reports import aggregate, mailed
from todoku.cli.stop import Stop
from todoku.intake.source import SourceAway, Waking
from todoku.net.sources import listening
from todoku.net.sources.listening import Listener
from todoku.net.sources.mailbox import Mailbox
from todoku.net.sources.named import source_named
from todoku.settings.config import IngestSection
from todoku.words.verdict import Text

MAIL = [mailed(aggregate(number), number) for number in range(3)]
LONG = 100.0  # seconds: what is tested comes long before

Open = Callable[..., Mailbox]


@pytest.fixture
def opened(ca_file: Path, monkeypatch: pytest.MonkeyPatch, dovecot: Dovecot) -> Iterator[Open]:
    monkeypatch.setenv("TODOKU_INGEST_PASSWORD", PASSWORD)
    made: list[Mailbox] = []

    def make(port: int = 0) -> Mailbox:
        source = source_named(
            f"imaps://dmarc@127.0.0.1:{port or dovecot.port}/INBOX", IngestSection(ca_file=str(ca_file))
        )
        assert isinstance(source, Mailbox)
        assert isinstance(source, Waking)
        made.append(source)
        return source

    yield make
    for each in made:
        each.close()


@pytest.fixture
def stop() -> Iterator[Stop]:
    stop = Stop()
    yield stop
    stop.close()


def later(do: Callable[..., object], *given: object) -> None:
    threading.Timer(0.5, do, given).start()


def test_new_mail_wakes(dovecot: Dovecot, opened: Open, stop: Stop, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 2177: nothing but the server's word can have done it, since nobody looks for so long."""
    monkeypatch.setattr(listening, "FIRST", 10 * LONG)
    source = opened()
    listener = Listener([source])
    assert listener.wait(0, stop.fileno()) == []
    later(dovecot.deliver, MAIL[0])
    assert listener.wait(LONG, stop.fileno()) == [source]
    assert [item.octets for item in source.items()] == MAIL[:1]


def test_of_several_who_has_mail_is_named(
    dovecot: Dovecot, opened: Open, stop: Stop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "FIRST", 10 * LONG)
    with Breaking(dovecot.port) as way:
        source, other = opened(), opened(way.port)
        monkeypatch.setattr(other, "has_some", lambda: False)
        listener = Listener([other, source])
        assert listener.wait(0, stop.fileno()) == []
        later(dovecot.deliver, MAIL[0])
        assert listener.wait(LONG, stop.fileno()) == [source]
        other.close()


def test_what_the_server_does_not_tell_is_found(
    dovecot: Dovecot, opened: Open, stop: Stop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "FIRST", 0.1)
    source = opened()
    nothing, silent = os.pipe()
    monkeypatch.setattr(source, "listen", lambda: nothing)
    listener = Listener([source])
    assert listener.wait(0, stop.fileno()) == []
    dovecot.deliver(MAIL[0])
    assert listener.wait(LONG, stop.fileno()) == [source]
    os.close(nothing)
    os.close(silent)


def test_listening_is_begun_anew_within_29_minutes(opened: Open, stop: Stop, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 2177: however long nothing comes. The clock is ours; each look moves it to when the next is due."""
    source, listener = opened(), None
    now, begun = [0.0], []
    real = source.listen

    def listen() -> int | None:
        begun.append(now[0])
        return real()

    def poll(_self: Listener, until: float, _stop: int) -> frozenset[int]:
        now[0] = until
        return frozenset()

    monkeypatch.setattr(source, "listen", listen)
    monkeypatch.setattr(listening, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(Listener, "_heard", poll)
    listener = Listener([source])
    assert listener.wait(7200, stop.fileno()) == []
    spans = [after - before for before, after in pairwise(begun)]
    assert max(spans) <= 29 * 60
    assert len(begun) < 7200 / 60


class Liar:
    """A source that tells each millisecond of what is not there; ``breaks``: it breaks off instead of letting itself be looked into."""

    def __init__(self, now: list[float], place: int, *, breaks: bool) -> None:
        self.now, self.place, self.breaks, self.looks = now, place, breaks, list[float]()
        self.listens = False

    def listen(self) -> int:
        self.listens = True
        return self.place

    def has_some(self) -> bool:
        self.looks.append(self.now[0])
        assert len(self.looks) < 1000
        if self.breaks and self.listens:
            self.listens = False
            raise SourceAway(Text("it broke off", "切れました"))
        return False


@pytest.mark.parametrize("breaks", [False, True], ids=["tells-of-nothing", "breaks-off"])
def test_who_tells_without_end_is_looked_into_once_a_minute(
    stop: Stop, monkeypatch: pytest.MonkeyPatch, *, breaks: bool
) -> None:
    """The clock is ours: it goes on by a millisecond where the liar is listened to, else to when something is due."""
    now = [0.0]

    class Poll:
        def __init__(self) -> None:
            self.places: list[int] = []

        def register(self, place: int, _events: int) -> None:
            self.places.append(place)

        def poll(self, milliseconds: float) -> list[tuple[int, int]]:
            heard = liar.place in self.places
            now[0] += 0.001 if heard else max(0.001, milliseconds / 1000)
            return [(liar.place, select.POLLIN)] if heard else []

    liar = Liar(now, 10_000, breaks=breaks)
    monkeypatch.setattr(listening, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(listening, "select", SimpleNamespace(poll=Poll, POLLIN=select.POLLIN))
    assert Listener([cast("Waking", liar)]).wait(3600, stop.fileno()) == []
    assert 30 < len(liar.looks) < 2 * 3600 / listening.POLL + 20
    assert max(after - before for before, after in pairwise(liar.looks)) <= listening.POLL + 1


def test_who_says_now_and_then_that_it_is_still_there_is_listened_to(
    stop: Stop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock is ours: every three minutes the server tells of nothing, and each time it is ignored as briefly as the first."""
    now, tells, ignored = [0.0], [180.0], list[float]()

    class Poll:
        def __init__(self) -> None:
            self.places: list[int] = []

        def register(self, place: int, _events: int) -> None:
            self.places.append(place)

        def poll(self, milliseconds: float) -> list[tuple[int, int]]:
            until = now[0] + max(0.001, milliseconds / 1000)
            if source.listens and source.place not in self.places:
                ignored.append(until - now[0])
            elif tells[0] <= until:
                now[0], tells[0] = max(now[0], tells[0]), tells[0] + 180
                return [(source.place, select.POLLIN)]
            now[0] = until
            return []

    source = Liar(now, 10_000, breaks=False)
    monkeypatch.setattr(listening, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(listening, "select", SimpleNamespace(poll=Poll, POLLIN=select.POLLIN))
    assert Listener([cast("Waking", source)]).wait(3600, stop.fileno()) == []
    assert len(ignored) >= 10
    assert max(ignored) <= listening.FIRST


def test_connection_that_breaks_is_opened_anew(
    dovecot: Dovecot, opened: Open, stop: Stop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "POLL", 0.1)
    with Breaking(dovecot.port) as way:
        source = opened(way.port)
        listener = Listener([source])
        assert listener.wait(0, stop.fileno()) == []
        way.left = 1
        later(dovecot.deliver, MAIL[0])
        assert listener.wait(LONG, stop.fileno()) == [source]
        assert way.broken
        source.close()


def test_mailbox_that_refuses_ends_nothing(
    dovecot: Dovecot, opened: Open, stop: Stop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "POLL", 0.1)
    monkeypatch.setenv("TODOKU_INGEST_PASSWORD", "another")
    source = opened()
    listener = Listener([source])
    assert listener.wait(0.5, stop.fileno()) == []
    monkeypatch.setenv("TODOKU_INGEST_PASSWORD", PASSWORD)
    dovecot.deliver(MAIL[0])
    assert listener.wait(LONG, stop.fileno()) == [source]


def test_server_without_idle_is_looked_into(
    dovecot: Dovecot, opened: Open, stop: Stop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "POLL", 0.1)
    source = opened()
    assert not source.has_some()
    monkeypatch.setattr(source._client, "has_capability", lambda name: name != "IDLE")
    listener = Listener([source])
    assert listener.wait(0, stop.fileno()) == []
    later(dovecot.deliver, MAIL[0])
    assert listener.wait(LONG, stop.fileno()) == [source]


def test_a_stop_is_heard_while_all_is_silent(opened: Open, stop: Stop) -> None:
    listener = Listener([opened()])
    assert listener.wait(0, stop.fileno()) == []
    later(stop.ask)
    assert not listener.wait(10 * LONG, stop.fileno())
    assert stop.is_set()


def test_whoever_asks_ends_the_listening(dovecot: Dovecot, opened: Open) -> None:
    source = opened()
    assert source.listen() is not None
    dovecot.deliver(*MAIL)
    assert [item.octets for item in source.items()] == MAIL
    assert source.listen() is not None
    assert source.has_some()
    source.listen()
    source.close()
    assert [item.octets for item in source.items()] == MAIL
