"""The report on an SES account in one region: each identity judged as a domain is, and what they have in common said once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from todoku.account.read import AccountReading
from todoku.account.sending import ConfigurationSet
from todoku.auth.ask import Answer, Reply
from todoku.causes.account_state import standing
from todoku.evidence.account import AccountEvidence
from todoku.evidence.facts import Evidence
from todoku.judging.judge import Report, catalogue, judge, ready_fixes
from todoku.words.verdict import Note, Terms, Verdict


class AccountReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of an account in one region, and a report on each of its identities.

    Their verdicts are ``about`` the identity and the region. The transcript stands here, once: ``answers`` of the DNS and
    ``replies`` of AWS, in the order in which they were asked for.
    """

    name: str  # as the user gave it: "ses:ap-northeast-1"
    at: datetime | None
    terms: Terms
    reading: AccountReading
    identities: tuple[Report, ...]
    answers: tuple[Answer, ...] = ()
    replies: tuple[Reply, ...] = ()

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Those of every identity."""
        return tuple(verdict for report in self.identities for verdict in report.verdicts)

    @property
    def standing(self) -> tuple[Note, ...]:
        """What keeps the account from sending as it should, whatever its identities are set to."""
        if isinstance(self.reading.account, Reply):
            return ()
        sets = (found for _, found in self.reading.sets if isinstance(found, ConfigurationSet))
        return standing(self.reading.account, sets)


def report_account(
    evidence: AccountEvidence,
    terms: Terms,
    *,
    name: str,
    at: datetime | None,
    answers: Iterable[Answer] = (),
    replies: Iterable[Reply] = (),
) -> AccountReport:
    """The report on what was gathered."""
    return AccountReport(
        name=name,
        at=at,
        terms=terms,
        reading=evidence.reading,
        identities=tuple(_of_identity(one, terms, evidence.reading.wanted.region) for one in evidence.identities),
        answers=tuple(answers),
        replies=tuple(replies),
    )


def _of_identity(evidence: Evidence, terms: Terms, region: str) -> Report:
    about = (evidence.subject.name, region)
    verdicts = tuple(msgspec.structs.replace(verdict, about=about) for verdict in judge(evidence, catalogue(), terms))
    return Report(evidence=evidence, terms=terms, verdicts=verdicts, fixes=ready_fixes(verdicts, evidence, terms))
