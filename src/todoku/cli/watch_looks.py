"""What a round of ``todoku watch`` looks at. Each look gives what it saw; one that cannot look says so and hinders no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection

from todoku.account.read import Wanted
from todoku.account_report import AccountReport
from todoku.api import SECONDS, Settings, checking_accounts, checking_stored_domain
from todoku.auth.ask import Answer, Reply
from todoku.config import Config
from todoku.errors import UsageError
from todoku.feedback.answers import Scope
from todoku.feedback.claims import is_claimed
from todoku.intake.parse import SCHEMAS
from todoku.intake.process import process
from todoku.intake.source import Source, SourceAway
from todoku.intake.take import take
from todoku.intake.worker import Worker
from todoku.judge import Report
from todoku.mail.domain_name import ascii_domain
from todoku.net.aws import keep as aws_keep
from todoku.net.aws.metrics import Watched
from todoku.net.aws.ses import SesApi
from todoku.net.aws.ses_subject import is_ses_subject, ses_subject
from todoku.net.drive import DnsSource, run_look
from todoku.net.google import keep as google_keep
from todoku.net.google.credentials import open_api, token_place
from todoku.net.stored_facts import StoredFacts
from todoku.store import snapshots
from todoku.store.lease import Lease
from todoku.store.questions.extent import extent
from todoku.store.questions.passing import passing
from todoku.store.questions.reporters import reporters
from todoku.store.questions.unaligned import unaligned
from todoku.store.read import Reader
from todoku.store.store import Store
from todoku.verdict import Missing, Result, Text
from todoku.watching import drift, identities, refusals, streams, verdicts
from todoku.watching import passing as rates
from todoku.watching import reporters as silence
from todoku.watching.drift import Memory, State, Thing, Whose
from todoku.watching.identities import Roll
from todoku.watching.signal import Seen, Signal

PASSING_DAYS = 70  # eight weeks, and what they are held against


class Remembered(msgspec.Struct, frozen=True):
    """What is known of a subject from earlier looks."""

    best: dict[str, Result] = {}
    memory: Memory = Memory()


class Found(msgspec.Struct):
    """What a round has gathered: filled look by look, and written down at its end."""

    seen: list[Seen] = msgspec.field(default_factory=list)
    remember: dict[str, Remembered] = msgspec.field(default_factory=dict)
    rolls: dict[str, Roll] = msgspec.field(default_factory=dict)
    unseen: list[Text] = msgspec.field(default_factory=list)

    def remembered(self) -> Iterator[tuple[str, Remembered | Roll]]:
        """What is to be kept, by the names under which it is."""
        yield from self.remember.items()
        for subject, one in self.rolls.items():
            yield _roll_name(subject), one


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What every look of a round needs."""

    store: Store
    lease: Lease
    config: Config
    dns: DnsSource
    clock: Callable[[], datetime]


def take_reports(turn: Turn, sources: Sequence[Source], found: Found) -> bool:
    """Whether every source was emptied; what came is read. Raises ``Away``, ``LeaseLost``, ``NoWorker``."""
    whole = True
    for source in sources:
        try:
            for _ in take(turn.store, source, turn.clock):
                pass
        except SourceAway as away:
            whole = False
            found.unseen.append(away.text)
        finally:
            source.close()
    with Worker() as worker:
        for _ in process(turn.store, turn.lease, worker, turn.clock):
            pass
    return whole


def ask_google(turn: Turn, found: Found) -> None:
    """Gmail's rates and Google's verdicts into the store, where there are credentials. Raises ``Away``, ``LeaseLost``."""
    section = turn.config.postmaster
    if not section.credentials_file and not token_place(section).exists():
        return
    try:
        polled = google_keep.poll_into(turn.store, turn.lease, open_api(section), turn.clock)
    except UsageError as error:
        found.seen.append(refusals.look_at("Postmaster Tools", [error.text.en], requirement="postmaster-registration"))
        return
    found.unseen += [_same(f"Postmaster Tools: {one.cause}: {one.detail}") for one in polled.refusals]
    lasting = [f"{one.cause}: {one.detail}" for one in polled.refusals if not one.passing]
    if lasting or not polled.refusals:
        found.seen.append(refusals.look_at("Postmaster Tools", lasting, requirement="postmaster-registration"))


def ask_ses(turn: Turn, subject: str, names: tuple[str, ...], found: Found) -> None:
    """What CloudWatch and SES count into the store. Raises ``Away``, ``LeaseLost``."""
    account, region = ses_subject(subject)
    watched = Watched(account=account, region=region, identities=names)
    polled = aws_keep.poll_into(turn.store, turn.lease, SesApi(), watched, turn.clock)
    found.unseen += [_same(f"{subject}: {one.call.operation}: {one.detail or one.status}") for one in polled.failures]
    lasting = [f"{one.call.operation}: {one.status}" for one in polled.failures if one.status in ("denied", "refused")]
    if lasting or not polled.failures:
        found.seen.append(refusals.look_at(subject, lasting, requirement="bounce-handling"))


def check(turn: Turn, subject: str, found: Found) -> tuple[str, ...]:
    """Judge a subject as ``todoku check`` does; the names of its identities, of an account. Raises ``UsageError``, ``Away``."""
    settings = Settings(now=turn.clock())
    if not is_ses_subject(subject):
        domain = ascii_domain(subject) or subject
        engine = checking_stored_domain(domain, settings)
        report = run_look(engine, turn.dns, StoredFacts(turn.store), seconds=SECONDS)
        _judged(turn, domain, domain, report, report.transcript, found)
        return ()
    account, region = ses_subject(subject)
    engine_of_all = checking_accounts([Wanted(profile=account, region=region)], settings)
    reports: tuple[AccountReport, ...] = run_look(engine_of_all, turn.dns, StoredFacts(turn.store, SesApi()))
    for of_account in reports:
        for report in of_account.identities:
            name = report.evidence.subject.name
            _judged(turn, identities.named(name, region), name.rpartition("@")[2], report, of_account.answers, found)
        _called(turn, subject, of_account, found)
    return tuple(report.evidence.subject.name for of_account in reports for report in of_account.identities)


def _called(turn: Turn, subject: str, report: AccountReport, found: Found) -> None:
    """Who of an account's identities is missing. As for ``todoku check``, nothing was looked at where there are none."""
    listed, region = report.reading.listed, report.reading.wanted.region
    if isinstance(listed, Reply):
        found.unseen.append(_same(f"{subject}: {listed.call.operation}: {listed.detail or listed.status}"))
        return
    if not listed:
        found.unseen.append(
            Text(f"{subject}: there are no identities in {region}", f"{subject}: {region} に検証済みIDがありません")
        )
    with turn.store.database.read() as connection:
        before = roll(connection, subject) or Roll(region=region)
    called = identities.look_at(listed, before, turn.clock())
    found.seen.append(called.seen)
    found.rolls[subject] = called.roll


def roll(connection: Connection, subject: str) -> Roll | None:
    """Who was there when an account was last looked at; None where it never was."""
    return snapshots.last(connection, _roll_name(subject), Roll)


def _roll_name(subject: str) -> str:
    return f"roll/{subject}"


def _judged(turn: Turn, about: str, domain: str, report: Report, answers: Iterable[Answer], found: Found) -> None:
    """Verdicts and records of one domain or identity, against what was known of it."""
    now, day = turn.clock(), turn.clock().date()
    with turn.store.database.read() as connection:
        before = snapshots.last(connection, _name(about), Remembered) or Remembered()
    results = verdicts.results(report.verdicts)
    seen = verdicts.look_at(about, report.verdicts, before.best, turn.config.accept, day)
    found.seen.append(msgspec.structs.replace(seen, signals=tuple(_with_fixes(seen.signals, report))))
    memory = before.memory
    if report.evidence.dns is None:  # else the DNS that was asked is not the one that receivers see
        things = {**drift.records(answers, domain), **_settings(report)}
        worse = verdicts.worsened(before.best, results)
        compared = drift.compare(Whose(about, domain), things, memory, worse=worse, at=now)
        found.seen.append(compared.seen)
        memory = compared.memory
    found.remember[_name(about)] = Remembered(verdicts.improved(before.best, results), memory)
    unseen = dict.fromkeys(one.requirement for one in report.verdicts if one.missing == "could-not-look")
    if unseen:
        found.unseen.append(_same(f"{about}: {', '.join(unseen)}"))


def _settings(report: Report) -> dict[Thing, State | None]:
    identity = report.evidence.identity
    return {} if isinstance(identity, Missing) else drift.settings(identity)


def _with_fixes(signals: Iterable[Signal], report: Report) -> Iterator[Signal]:
    for one in signals:
        fixes = tuple(ready for ready in report.fixes if one.reason.tag in ready.mends)
        yield msgspec.structs.replace(one, fixes=fixes)


def ask_rows(turn: Turn, *, whole: bool, found: Found) -> None:
    """What reports show: pass rates, new streams, and who is silent, if every mailbox could be read. Raises ``Away``."""
    today = turn.clock().date()
    yesterday = today - timedelta(days=1)
    with Reader(turn.store, SCHEMAS) as reader:
        every = passing(reader, Scope("", today - timedelta(days=PASSING_DAYS), yesterday), "day")
        daily = [one for one in every if is_watched(turn.config, one.domain)]
        found.seen.append(rates.look_at(daily, today))
        for domain in sorted({one.domain for one in daily}):
            reach = extent(reader, Scope(domain))
            if reach is not None:
                found.seen.append(streams.look_at(domain, unaligned(reader, Scope(domain)), reach.first, today))
            if whole:
                found.seen.append(silence.look_at(domain, reporters(reader, Scope(domain)), today))


def is_watched(config: Config, domain: str) -> bool:
    """Whether reports about a domain may raise an alarm: anybody can send one about any domain.

    ``[store] domains`` says whose they are, and the reader knows it. Without it they are those that are watched, unless an
    account is, which may send for any.
    """
    subjects = config.watch.subjects
    if config.store.domains or not subjects or any(map(is_ses_subject, subjects)):
        return True
    return is_claimed(domain, [ascii_domain(one) or one for one in subjects])


def _name(about: str) -> str:
    return f"subject/{about}"


def _same(words: str) -> Text:
    return Text(words, words)
