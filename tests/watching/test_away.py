"""Sources that do not answer: told once it has lasted, and over with the first answer, whatever kind of source it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import msgspec
import pytest
from moto import mock_aws

from imap_server import PASSWORD, Dovecot
from postmaster_server import PostmasterServer
from todoku.cli import stored, watch_run
from todoku.cli.stored import clock
from todoku.cli.watch_run import Watcher
from todoku.demo.ses_server import SesServer
from todoku.demo.ses_world import World
from todoku.net.dns.zone import Zone
from todoku.net.sources import aws_service
from todoku.settings.config import Config, IngestSection, PostmasterSection, WatchSection
from todoku.store.snapshots import last, open_alarms
from todoku.store.store import Places, Store
from todoku.watching.alarm import Alarm, advance
from todoku.watching.away import DNS_LASTS, LASTS, Absences, Tried, look_at
from todoku.words.verdict import Text, fill

START = datetime(2026, 11, 24, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
MAILBOX = "imaps://dmarc@mail.example.com:993/INBOX"
SILENT = Text("_dmarc.example.com TXT: timeout", "_dmarc.example.com TXT: timeout")
ZONE = "$ORIGIN example.com.\n@ 300 IN SOA ns1 admin 1 3600 600 86400 300\n"
PUBLIC = 'amazonses.com. 300 IN TXT "v=spf1 ip4:198.51.100.0/24 -all"\n'
REFUSED = Text("the server does not let this user in", "サインインできませんでした")


def tried(*causes: Text) -> Tried:
    return Tried(source=MAILBOX, requirement="dmarc-record", causes=causes)


def steps(*rounds: tuple[float, Tried | None]) -> list[list[str]]:
    """What is told at each hour; what is remembered goes through JSON."""
    alarms: tuple[Alarm, ...] = ()
    absences, told = Absences(), []
    for hours, one in rounds:
        at = START + hours * HOUR
        asked = look_at([one] if one else [], absences, at)
        absences = msgspec.json.decode(msgspec.json.encode(asked.absences), type=Absences)
        advanced = advance(alarms, asked.seen.signals, asked.seen.looked, at)
        alarms = advanced.alarms
        told.append([notice.step for notice in advanced.notices])
    return told


def test_what_lasts_is_told_once_and_over_with_the_first_answer() -> None:
    rounds = [(hour, tried(REFUSED)) for hour in (0, 3, 5.99, 6, 7, 30)]
    assert steps(*rounds, (31, tried()), (32, tried())) == [[], [], [], ["fired"], [], [], ["resolved"], []]


def looked_up(domain: str, *causes: Text) -> Tried:
    return Tried(source=domain, requirement="sender-domain", causes=causes, lasts=DNS_LASTS, together="DNS")


def test_domains_that_cannot_be_looked_up_for_a_day_are_one_alarm() -> None:
    alarms: tuple[Alarm, ...] = ()
    absences, told = Absences(), []
    rounds = [(0, (SILENT,)), (23, (SILENT,)), (24, (SILENT,)), (25, (SILENT,)), (26, ())]
    for hours, causes in rounds:
        at = START + hours * HOUR
        asked = look_at([looked_up(one, *causes) for one in ("example.com", "example.net")], absences, at)
        absences = asked.absences
        advanced = advance(alarms, asked.seen.signals, asked.seen.looked, at)
        alarms = advanced.alarms
        told.append([(notice.step, notice.abouts, len(notice.said)) for notice in advanced.notices])
    both = ("example.com", "example.net")
    assert told == [[], [], [("fired", both, 2)], [], [("resolved", both, 2)]]


def test_an_answer_in_between_begins_it_anew() -> None:
    assert steps(*((hour, tried() if hour == 5 else tried(REFUSED)) for hour in range(11))) == [[]] * 11


def test_who_was_not_asked_is_as_before() -> None:
    assert steps((0, tried(REFUSED)), (3, None), (6, tried(REFUSED)), (7, None), (8, tried())) == [
        [],
        [],
        ["fired"],
        [],
        ["resolved"],
    ]


def test_a_clock_that_was_set_back_has_not_waited() -> None:
    assert steps((24, tried(REFUSED)), (0, tried(REFUSED)), (5, tried(REFUSED)), (6, tried(REFUSED))) == [
        [],
        [],
        [],
        ["fired"],
    ]


def test_it_is_told_since_when_and_why_in_both_languages() -> None:
    absences = look_at([tried(REFUSED)], Absences(), START).absences
    braces = Text("{odd} reply", "{変な}応答")
    (signal,) = look_at([tried(REFUSED, braces, REFUSED)], absences, START + LASTS).seen.signals
    text = fill(signal.reason.text, signal.values)
    assert f"{MAILBOX} has not answered since 2026-11-24 06:00 UTC: {REFUSED.en}; {{odd}} reply." in text.en
    assert f"{MAILBOX} から 2026-11-24 06:00 UTC 以降、応答がありません: {REFUSED.ja}、{{変な}}応答。" in text.ja


def test_what_is_asked_no_more_is_forgotten() -> None:
    absences = Absences({"a": START, "b": START})
    assert absences.of({"b", "c"}) == Absences({"b": START})


class Source:
    """A source of one kind: the settings that name it, what breaks it, and what mends it."""

    def __init__(self, name: str, settings: Config, break_it: Callable[[], object], mend: Callable[[], object]) -> None:
        self.name, self.settings, self.break_it, self.mend = name, settings, break_it, mend


@pytest.fixture
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("AWS_", "TODOKU_", "XDG_"))]:
        monkeypatch.delenv(name)
    for name, value in {"HOME": str(tmp_path), "NO_PROXY": "127.0.0.1", "AWS_EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def mailbox(surroundings: None, dovecot: Dovecot, ca_file: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    name = f"imaps://dmarc@127.0.0.1:{dovecot.port}/INBOX"
    return Source(
        name,
        Config(ingest=IngestSection(sources=(name,), ca_file=str(ca_file))),
        lambda: monkeypatch.setenv("TODOKU_INGEST_PASSWORD", "another"),
        lambda: monkeypatch.setenv("TODOKU_INGEST_PASSWORD", PASSWORD),
    )


@pytest.fixture
def queue(surroundings: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    monkeypatch.setattr(aws_service, "FIRST_PAUSE", 0.0)
    for name, value in {"ACCESS_KEY_ID": "testing", "SECRET_ACCESS_KEY": "testing", "REGION": "eu-west-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with mock_aws():
        client = boto3.client("sqs", region_name="eu-west-1")
        yield Source(
            "sqs://events",
            Config(ingest=IngestSection(sources=("sqs://events",))),
            lambda: None,  # it was never made
            lambda: client.create_queue(QueueName="events"),
        )


@pytest.fixture
def account(surroundings: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    with SesServer(World(clock=clock, answers=Zone.from_text(""))) as server:
        for name, value in {
            "AWS_ENDPOINT_URL": server.url,
            "AWS_ACCESS_KEY_ID": "123456789012",
            "AWS_SECRET_ACCESS_KEY": server.secret,
        }.items():
            monkeypatch.setenv(name, value)
        yield Source(
            "ses:eu-west-1",
            Config(watch=WatchSection(subjects=("ses:eu-west-1",))),
            lambda: server.inject("ListEmailIdentities", "AccessDeniedException", times=None),
            server.clear,
        )


@pytest.fixture
def google(surroundings: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    server = PostmasterServer()
    monkeypatch.setenv("TODOKU_POSTMASTER_ENDPOINT", server.url)
    consent = PostmasterSection(token_file=str(server.consent_file(tmp_path)))
    try:
        yield Source(
            "Postmaster Tools",
            Config(watch=WatchSection(subjects=("example.com",)), postmaster=consent),
            lambda: setattr(server, "revoked", True),
            lambda: setattr(server, "revoked", False),
        )
    finally:
        server.close()


class Rounds:
    """Rounds of watching a source, at so many hours after the first."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch, self.began = monkeypatch, clock()
        self.zone = folder / "zone"
        self.zone.write_text(ZONE + PUBLIC)
        self.store = Store(Places(folder=folder / "store")).prepare()

    def turn(self, source: Source, hours: float) -> set[str]:
        """Which sources have an alarm afterwards."""
        for module in (stored, watch_run):
            self.monkeypatch.setattr(module, "clock", lambda: self.began + hours * HOUR)
        watch = msgspec.structs.replace(source.settings.watch, dns=(f"zone:{self.zone}",))
        settings = msgspec.structs.replace(source.settings, watch=watch)
        Watcher(settings, "en", lambda: False).turn(self.store, force=True)
        with self.store.database.read() as connection:
            found = open_alarms(connection)
        return {about for one in found if one.tag == "source-away" for about in one.abouts}

    def away(self) -> set[str]:
        """Which sources are known not to answer."""
        with self.store.database.read() as connection:
            return set((last(connection, watch_run.ABSENCES, Absences) or Absences()).since)


@pytest.fixture
def rounds(tmp_path: Path, surroundings: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rounds]:
    rounds = Rounds(tmp_path, monkeypatch)
    yield rounds
    rounds.store.database.close()


@pytest.mark.parametrize("kind", ["mailbox", "queue", "account", "google"])
def test_a_source_that_refuses_for_good(kind: str, request: pytest.FixtureRequest, rounds: Rounds) -> None:
    source: Source = request.getfixturevalue(kind)
    source.break_it()
    assert [rounds.turn(source, hours) for hours in (0, 5, 6.5)] == [set(), set(), {source.name}]
    source.mend()
    assert rounds.turn(source, 7.5) == set()


def test_a_domain_that_could_not_be_looked_up_for_a_day(rounds: Rounds) -> None:
    watched = Source("example.com", Config(watch=WatchSection(subjects=("Example.COM",))), lambda: None, lambda: None)
    rounds.zone.write_text(ZONE)  # whoever knows no amazonses.com sees no public DNS
    assert [rounds.turn(watched, hours) for hours in (0, 7, 23.5, 24)] == [set(), set(), set(), {watched.name}]
    rounds.zone.write_text(ZONE + PUBLIC)
    assert rounds.turn(watched, 25) == set()


def test_who_did_not_tell_rates_is_asked_again_in_the_next_round(google: Source, rounds: Rounds) -> None:
    google.break_it()
    rounds.turn(google, 0)
    assert rounds.away() == {google.name}
    google.mend()
    rounds.turn(google, 1)
    assert rounds.away() == set()
    google.break_it()
    rounds.turn(google, 2)  # what was had an hour ago is not asked for
    assert rounds.away() == set()
