"""Recording a look and looking again from the record: the same version gives the same verdicts, another says what differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from todoku import __version__
from todoku.account.read import Wanted
from todoku.api import Settings, check, check_domain, checking_accounts, checking_stored_domain
from todoku.judging.account_report import AccountReport
from todoku.judging.judge import Report
from todoku.net.bundle import Bundle, read_bundle, write_bundle
from todoku.net.drivers import Recorded, Transcript, run_look
from todoku.receivers import FACTS, RULES_READ
from todoku.report.json import document
from todoku.words.errors import UsageError
from todoku.words.verdict import Text, Verdict

FIRST_YEAR, LAST_YEAR = 2000, 9000
"""Between which a look is at."""
MAX_REGIONS = 100
"""Of an account: AWS has some 40 regions."""
MAX_NAMED = 1000
"""Of whatever a person names in options: selectors, patterns of identities, accepted findings."""

Judged = Mapping[tuple[str, str, str, str], str]
"""Result and reason of each verdict, by its requirement, its receiver, and the identity and region that it is about."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What a bundle's options hold: by which version, under which name and how it was looked at."""

    version: str
    name: str
    settings: Settings
    kind: Literal["message", "domain", "account"] = "message"  # the bundle of the others holds an empty message
    wanted: tuple[Wanted, ...] = ()  # of an account: what was read of it, a region each


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed to look again. ``source`` answers questions and calls from the record."""

    record: Record
    message: bytes
    source: Recorded
    judged: Judged


class Difference(msgspec.Struct, frozen=True):
    """A verdict that is not as it was recorded; "" where there was or is none. ``about`` is an identity and its region."""

    requirement: str
    receiver: str
    before: str
    after: str
    about: str = ""


class _Verdict(msgspec.Struct, frozen=True):
    """What is compared of a verdict in a report on a message or a domain."""

    requirement: str
    receiver: str
    result: str
    reason: str


class _Row(msgspec.Struct, frozen=True, array_like=True):
    """The same in few octets: an account has seventy verdicts for each of its identities."""

    requirement: str
    receiver: str
    result: str
    reason: str


class _OfIdentity(msgspec.Struct, frozen=True):
    identity: str
    region: str
    verdicts: tuple[_Row, ...]


class _Judgement(msgspec.Struct, frozen=True):
    """What is read of a recorded report: ``identities`` stands in that of an account alone."""

    verdicts: tuple[_Verdict, ...] = ()
    identities: tuple[_OfIdentity, ...] = ()


def keep(path: Path, report: Report, settings: Settings, message: bytes) -> None:
    """Write the bundle of a look: its message (empty where a domain was looked at), how it was looked at, every answer, and the report."""
    subject = report.evidence.subject
    kind: Literal["message", "domain"] = "domain" if subject.kind == "domain" else "message"
    record = Record(version=__version__, name=subject.name, settings=_settled(settings, report), kind=kind)
    write_bundle(
        path,
        Bundle(
            message=message,
            options=msgspec.to_builtins(record),
            transcript=report.transcript,
            replies=report.replies,
            report=msgspec.json.encode(document(report)),
            rules=RULES_READ.isoformat(),
        ),
    )


def keep_accounts(path: Path, reports: Sequence[AccountReport], settings: Settings) -> None:
    """Write the bundle of a look at an account: every answer and reply. Of the reports only their verdicts, since an account is large."""
    record = Record(
        version=__version__,
        name=reports[0].name,
        settings=_settled(settings, reports[0]),
        kind="account",
        wanted=tuple(report.reading.wanted for report in reports),
    )
    transcript = Transcript(
        (answer for report in reports for answer in report.answers),
        (reply for report in reports for reply in report.replies),
    )
    judged = [_of_identity(one, report) for report in reports for one in report.identities]
    write_bundle(
        path,
        Bundle(
            message=b"",
            options=msgspec.to_builtins(record),
            transcript=tuple(transcript),
            replies=tuple(transcript.replies),
            report=msgspec.json.encode({"identities": judged}),
            rules=RULES_READ.isoformat(),
        ),
    )


def _settled(settings: Settings, report: Report | AccountReport) -> Settings:
    """The settings with the day of the rules, so that they stay those of the record."""
    return msgspec.structs.replace(settings, as_of=report.terms.as_of)


def _of_identity(report: Report, whole: AccountReport) -> _OfIdentity:
    rows = tuple(_Row(one.requirement, one.receiver, one.result, one.reason.tag) for one in report.verdicts)
    return _OfIdentity(report.evidence.subject.name, whole.reading.wanted.region, rows)


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """What was judged again, how it differs from what was recorded, and the version that recorded it."""

    reports: tuple[Report | AccountReport, ...]
    differences: tuple[Difference, ...]
    version: str


def look_again(path: Path) -> Again:
    """The reports judged again from a bundle. Raises ``UsageError`` where the file is none."""
    opened = open_record(path)
    reports = _judged_again(opened)
    verdicts = (verdict for report in reports for verdict in report.verdicts)
    return Again(reports=reports, differences=differences(opened.judged, verdicts), version=opened.record.version)


def _judged_again(opened: Opened) -> tuple[Report | AccountReport, ...]:
    record, source = opened.record, opened.source
    if record.kind == "account":
        return run_look(checking_accounts(record.wanted, record.settings), source, source)
    if record.kind == "domain" and record.settings.stored:
        return (run_look(checking_stored_domain(record.name, record.settings), source, source),)
    if record.kind == "domain":
        return (check_domain(record.name, resolver=source, settings=record.settings),)
    return (check(opened.message, resolver=source, name=record.name, settings=record.settings),)


def open_record(path: Path) -> Opened:
    """What a bundle holds. Raises ``UsageError`` where the file is no bundle."""
    bundle = read_bundle(path)
    try:
        record = msgspec.convert(bundle.options, Record)
        judged = _recorded(msgspec.json.decode(bundle.report, type=_Judgement))
        _check_clock(record.settings)
        _check_lengths(record)
    except (ValueError, RecursionError, UsageError):  # the last of a setting that no look has
        raise UsageError(
            Text(
                f"{path}: this bundle was written by a version that this one cannot read",
                f"{path}: このバージョンでは読めない形式の記録です",
            )
        ) from None
    source = Recorded(Transcript(bundle.transcript, bundle.replies))
    return Opened(record=record, message=bundle.message, source=source, judged=judged)


def _check_clock(settings: Settings) -> None:
    """Refuse a moment that no look was at: dates are subtracted from it, and it is shown in other zones."""
    now = settings.now
    if now is not None and (now.tzinfo is None or not FIRST_YEAR <= now.year <= LAST_YEAR):
        raise msgspec.ValidationError(f"not the moment of a look: {now}")


def _check_lengths(record: Record) -> None:
    """Refuse more than any look has: each region is read and each receiver judged by itself."""
    settings = record.settings
    lists = {
        "wanted": (len(record.wanted), MAX_REGIONS),
        "receivers": (len(settings.receivers or ()), len(FACTS)),
        "selectors": (len(settings.selectors), MAX_NAMED),
        "accepts": (len(settings.accepts), MAX_NAMED),
        "identities": (max((len(one.identities) + len(one.tags) for one in record.wanted), default=0), MAX_NAMED),
    }
    for name, (found, most) in lists.items():
        if found > most:
            raise msgspec.ValidationError(f"{name} has {found} entries, and {most} is the most")
    if len({(one.profile, one.region) for one in record.wanted}) < len(record.wanted):
        raise msgspec.ValidationError("a region is wanted twice")


def _recorded(report: _Judgement) -> Judged:
    judged = {(one.requirement, one.receiver, "", ""): _outcome(one.result, one.reason) for one in report.verdicts}
    for about in report.identities:
        for row in about.verdicts:
            key = (row.requirement, row.receiver, about.identity, about.region)
            judged[key] = _outcome(row.result, row.reason)
    return judged


def _outcome(result: str, reason: str) -> str:
    return f"{result} ({reason})"


def differences(before: Judged, verdicts: Iterable[Verdict]) -> tuple[Difference, ...]:
    """How verdicts differ from recorded ones."""
    after: Judged = {
        (one.requirement, one.receiver, *(one.about or ("", ""))): _outcome(one.result, one.reason.tag)
        for one in verdicts
    }
    return tuple(
        Difference(requirement, receiver, before.get(key, ""), after.get(key, ""), " ".join(filter(None, about)))
        for key in dict.fromkeys((*before, *after))
        for requirement, receiver, *about in [key]
        if before.get(key, "") != after.get(key, "")
    )
