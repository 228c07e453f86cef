"""Reports as CSV (RFC 4180), for a spreadsheet: a line for each verdict, of all subjects together.

The names of the columns stay. Titles and sentences are in the reader's language; all else is as in the JSON report. Of an account, what could not
be read is a line too, without a requirement, so that a short table is not taken for a good one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from todoku.judging.account_report import AccountReport
from todoku.judging.judge import Report, catalogue
from todoku.report.account_facts import unread
from todoku.report.answers.csv import head, lines
from todoku.report.json_parts import verdict_part
from todoku.report.render_options import Manner
from todoku.report.rendered import Drawn
from todoku.report.words import Language, say


class VerdictLine(msgspec.Struct, frozen=True, kw_only=True):
    """One verdict; or what could not be read of an account, where ``requirement`` is empty. ``fix`` are the ids of what mends it."""

    subject: str
    identity: str = ""  # these two of an account alone
    region: str = ""
    requirement: str = ""
    title: str = ""
    receiver: str = ""
    volume: str = ""
    level: str = ""
    result: str
    missing: str = ""
    accepted: bool = False
    reason: str = ""
    text: str
    fix: tuple[str, ...] = ()


def render(reports: Sequence[Report | AccountReport | Drawn], manner: Manner) -> Iterator[str]:
    """One table of all reports."""
    yield head(VerdictLine)
    for number, report in enumerate(reports):
        yield (report if isinstance(report, Drawn) else drawn(report, manner, number)).text


def drawn(report: Report | AccountReport, manner: Manner, _number: int) -> Drawn:
    """The lines of one report among several."""
    found = (
        _of_account(report, manner.language) if isinstance(report, AccountReport) else _of_one(report, manner.language)
    )
    return Drawn("", "".join(lines(found)))


def _of_account(report: AccountReport, language: Language) -> Iterator[VerdictLine]:
    for one in unread(report):
        yield VerdictLine(
            subject=report.name,
            region=report.reading.wanted.region,
            result="unknown",
            missing="could-not-look",
            text=say(one.text, language),
        )
    for identity in report.identities:
        yield from _of_one(identity, language, of=report.name)


def _of_one(report: Report, language: Language, *, of: str = "") -> Iterator[VerdictLine]:
    titles = {requirement.id: requirement.title for requirement in catalogue()}
    for verdict in report.verdicts:
        part = verdict_part(verdict, report.fixes)
        about = part.about or {}
        yield VerdictLine(
            subject=of or report.evidence.subject.name,
            identity=about.get("identity", ""),
            region=about.get("region", ""),
            requirement=part.requirement,
            title=say(titles[part.requirement], language),
            receiver=part.receiver,
            volume=part.volume,
            level=part.level,
            result=part.result,
            missing=part.missing or "",
            accepted=verdict.accepted,
            reason=part.reason,
            text=say(part.text, language),
            fix=part.fix,
        )
