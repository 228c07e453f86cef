"""One identity of an SES account in one row: what SES says of it, whether it will be aligned, how much is wrong."""

from __future__ import annotations

import msgspec

from todoku.account.identity import SesIdentity
from todoku.judging.judge import Report
from todoku.report.view import severity
from todoku.report.words import RESULT_WORDS, Language, harmless, say
from todoku.words.verdict import SEVERITY, Result, Text

Cell = tuple[Result, str]
"""A word, and the result whose colour it has."""

STATES: dict[str, tuple[Result, Text]] = {
    "SUCCESS": ("pass", Text("yes", "済み")),
    "PENDING": ("warn", Text("pending", "確認中")),
    "FAILED": ("fail", Text("failed", "失敗")),
    "TEMPORARY_FAILURE": ("fail", Text("failing", "再確認中")),
    "NOT_STARTED": ("fail", Text("no", "未")),
}
"""How SES's states read."""
NONE = Text("-", "-")
UNREAD = Text("not read", "不明")


class IdentityRow(msgspec.Struct, frozen=True):
    """An identity. ``cells`` are its kind, verification, DKIM, MAIL FROM, alignment, failing and doubtful requirements.

    ``failed``, ``dark`` and ``warned`` are how many requirements fail, could not be looked at, and are in doubt.
    """

    name: str
    cells: tuple[Cell, ...]
    failed: int
    dark: int
    warned: int

    @property
    def order(self) -> tuple[int, int, int, str, str]:
        """The worst comes first; of equals, those of one domain stand together."""
        return -self.failed, -self.dark, -self.warned, self.name.rpartition("@")[2], self.name


def identity_row(report: Report, language: Language) -> IdentityRow:
    """The row of an identity. Every string is harmless."""
    worst: dict[str, int] = {}
    for verdict in report.verdicts:
        worst[verdict.requirement] = max(worst.get(verdict.requirement, 0), severity(verdict))
    found = list(worst.values())
    failed = found.count(SEVERITY["fail", None])
    dark = found.count(SEVERITY["unknown", "could-not-look"])
    warned = found.count(SEVERITY["warn", None])
    name = report.evidence.subject.name
    kind = Text("address", "アドレス") if "@" in name else Text("domain", "ドメイン")
    cells = (
        ("notapplicable", kind),
        *_by_ses(report.evidence.identity),
        _aligned(report),
        ("fail" if failed else "notapplicable", _number(failed)),
        ("warn" if warned else "notapplicable", _number(warned)),
    )
    return IdentityRow(
        harmless(name), tuple((how, harmless(say(word, language))) for how, word in cells), failed, dark, warned
    )


def _number(count: int) -> Text:
    return Text(str(count), str(count))


def _by_ses(said: object) -> tuple[tuple[Result, Text], ...]:
    """Whether it is verified, whether SES signs as it, with which MAIL FROM domain it sends."""
    if not isinstance(said, SesIdentity):
        return (("unknown", UNREAD),) * 3
    failing = said.status == "TEMPORARY_FAILURE"  # SES goes on sending for up to 72 hours
    verified = _state("SUCCESS" if said.verified and not failing else said.status)
    dkim = _state(said.dkim.status) if said.dkim.signing else ("fail", Text("off", "無効"))
    mail_from = _state(said.mail_from.status) if said.mail_from.domain else ("notapplicable", NONE)
    return verified, dkim, mail_from


def _state(status: str) -> tuple[Result, Text]:
    return STATES.get(status) or ("unknown", Text(status, status))


def _aligned(report: Report) -> tuple[Result, Text]:
    """The worst verdict on alignment."""
    verdicts = [one for one in report.verdicts if one.requirement == "dmarc-alignment"]
    if not verdicts:
        return "notapplicable", NONE
    result = max(verdicts, key=severity).result
    return result, RESULT_WORDS[result]
