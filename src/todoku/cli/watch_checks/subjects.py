"""Judging domains and the identities of SES accounts as ``todoku check`` does, against what was known of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from sqlalchemy import Connection

from todoku.account.read import Wanted
from todoku.api import SECONDS, Settings, checking_accounts, checking_stored_domain
from todoku.auth.ask import Answer, Reply
from todoku.cli.watch_checks.round import Found, Remembered, Turn, roll_name, same, subject_name
from todoku.judging.account_report import AccountReport
from todoku.judging.judge import Report
from todoku.mail.domain_name import ascii_domain
from todoku.net.aws.ses import SesApi
from todoku.net.aws.ses_subject import ses_subject
from todoku.net.drivers import run_look
from todoku.net.stored_facts import StoredFacts
from todoku.store import snapshots
from todoku.watching import drift, identities, verdicts
from todoku.watching.away import DNS_LASTS, Tried
from todoku.watching.drift import State, Thing, Whose
from todoku.watching.identities import Roll
from todoku.watching.joined import joined
from todoku.watching.signal import Signal
from todoku.words.errors import UsageError
from todoku.words.verdict import Missing, Text, fill

REQUIREMENT = "dkim"  # what is mostly learnt from a listing of identities
MOST_CAUSES = 3  # questions that failed, as an alarm names them


def check_domain(turn: Turn, subject: str, found: Found) -> None:
    """A domain. Raises ``Away``."""
    domain = ascii_domain(subject) or subject
    engine = checking_stored_domain(domain, Settings(now=turn.clock()))
    report = run_look(engine, turn.dns, StoredFacts(turn.store), seconds=SECONDS)
    unseen = _judged(turn, Whose(domain, domain), report, report.transcript, found)
    causes = tuple(_unanswered(report))[:MOST_CAUSES] if unseen else ()
    found.tried.append(
        Tried(source=domain, requirement="sender-domain", causes=causes, lasts=DNS_LASTS, together="DNS")
    )


def _unanswered(report: Report) -> Iterator[Text]:
    """What the DNS did not say of a domain: that it shows nothing public, or each question that failed."""
    dark = report.evidence.dns
    if dark is not None:
        text = fill(dark.reason.text, dark.values)
        yield Text(text.en.rstrip("."), text.ja.rstrip("。"))
        return
    for answer in report.transcript:
        if answer.failed:
            yield same(f"{answer.question.name} {answer.question.rdtype}: {answer.status}")


def check_account(turn: Turn, subject: str, found: Found) -> tuple[str, ...]:
    """Every identity of an account in a region; their names. Raises ``Away``."""
    try:
        report = _account_report(turn, subject)
    except UsageError as error:
        found.did_not_answer(subject, REQUIREMENT, error.text)
        return ()
    listed = report.reading.listed
    if isinstance(listed, Reply):
        cause = same(f"{listed.call.operation}: {listed.detail or listed.status}")
        found.did_not_answer(subject, REQUIREMENT, cause)
        return ()
    before = _before(turn, subject, report)
    if before is None:
        cause = Text("AWS does not say which account this is", "どのAWSアカウントかを確認できません")
        found.did_not_answer(subject, REQUIREMENT, cause)
        return ()
    found.answered(subject, REQUIREMENT)
    if not listed:  # as for `todoku check`, nothing was looked at
        region = report.reading.wanted.region
        found.unseen.append(
            Text(f"{subject}: there are no identities in {region}", f"{subject}: {region} に検証済みIDがありません")
        )
    called = identities.look_at(listed, before, turn.clock())
    found.seen.append(called.seen)
    found.rolls[subject] = called.roll
    names = []
    for one in report.identities:
        name = one.evidence.subject.name
        _judged(turn, Whose(before.about(name), name.rpartition("@")[2]), one, report.answers, found)
        names.append(name)
    return tuple(names)


def _account_report(turn: Turn, subject: str) -> AccountReport:
    """Raises ``UsageError``, ``Away``."""
    account, region = ses_subject(subject)
    engine = checking_accounts([Wanted(profile=account, region=region)], Settings(now=turn.clock()))
    (report,) = run_look(engine, turn.dns, StoredFacts(turn.store, SesApi()))
    return report


def _before(turn: Turn, subject: str, report: AccountReport) -> Roll | None:
    """Who was there before. Another account may answer to the same name by now: of that nobody was. None where neither says which."""
    with turn.store.database.read() as connection:
        last = roll(connection, subject)
    number, region = _number(report), report.reading.wanted.region
    if not number or (last and (last.account, last.region) == (number, region)):
        return last
    return Roll(number, region)


def _number(report: AccountReport) -> str:
    """The number of the account, "" where AWS does not say it."""
    told = (one for one in report.replies if one.call.operation == "GetCallerIdentity" and not one.failed)
    return next((str(one.value.get("Account", "")) for one in told), "")


def roll(connection: Connection, subject: str) -> Roll | None:
    """Who was there when an account was last looked at; None where it never was."""
    return snapshots.last(connection, roll_name(subject), Roll)


def _judged(turn: Turn, whose: Whose, report: Report, answers: Iterable[Answer], found: Found) -> bool:
    """Verdicts and records of one domain or identity, against what was known of it. Whether something could not be looked at."""
    now, about = turn.clock(), whose.about
    with turn.store.database.read() as connection:
        before = snapshots.last(connection, subject_name(about), Remembered) or Remembered()
    results = verdicts.results(report.verdicts)
    seen = verdicts.look_at(about, report.verdicts, before.best, turn.config.accept, now.date())
    seen = msgspec.structs.replace(seen, signals=tuple(_with_fixes(seen.signals, report)))
    memory = before.memory
    if report.evidence.dns is None:  # else the DNS that was asked is not the one that receivers see
        things = {**drift.records(answers, whose.domain), **_settings(report)}
        worse = verdicts.worsened(before.best, results)
        compared = drift.compare(whose, things, memory, worse=worse, at=now)
        found.seen.append(compared.seen)
        apart = {cause for cause, subject in turn.alarms if subject == about}
        seen = msgspec.structs.replace(seen, signals=tuple(joined(seen.signals, compared.seen.signals, apart)))
        memory = compared.memory
    found.seen.append(seen)
    found.remember[about] = Remembered(verdicts.improved(before.best, results), memory)
    unseen = verdicts.unseen(report.verdicts)
    if unseen:
        found.unseen.append(same(f"{about}: {', '.join(sorted(unseen))}"))
    return bool(unseen)


def _settings(report: Report) -> dict[Thing, State | None]:
    identity = report.evidence.identity
    return {} if isinstance(identity, Missing) else drift.settings(identity)


def _with_fixes(signals: Iterable[Signal], report: Report) -> Iterator[Signal]:
    for one in signals:
        fixes = tuple(ready for ready in report.fixes if one.reason.tag in ready.mends)
        yield msgspec.structs.replace(one, fixes=fixes)
