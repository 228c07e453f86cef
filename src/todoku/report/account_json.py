"""The report on an SES account as JSON: everything of every identity. ``document.py`` says its shape."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from todoku.account.identity import SesIdentity
from todoku.account.reputation import Reputation
from todoku.account.sending import SesAccount
from todoku.account.suppression import SuppressionList
from todoku.auth.ask import Reply
from todoku.judging.account_report import AccountReport
from todoku.judging.judge import Report, catalogue
from todoku.report.account_facts import unread
from todoku.report.document import (
    AccountPart,
    AuthenticationPart,
    CallPart,
    FixPart,
    IdentityPart,
    ReportDocument,
    SubjectPart,
    VerdictPart,
)
from todoku.report.json_parts import (
    fix_part,
    moment,
    note_part,
    requirement_part,
    setup_part,
    tool_part,
    transcript_part,
    verdict_part,
)
from todoku.words.verdict import Missing


def account_fields(report: AccountReport) -> dict[str, object]:
    """The fields of the ``ReportDocument``, its long lists as iterators."""
    spoken_of = {verdict.requirement for verdict in report.verdicts}
    region = report.reading.wanted.region
    whole = ReportDocument(
        todoku=tool_part(),
        subject=SubjectPart("account", report.name),
        at=moment(report.at),
        as_of=report.terms.as_of.isoformat(),
        requirements={one.id: requirement_part(one) for one in catalogue() if one.id in spoken_of},
        verdicts=(),
        authentication=AuthenticationPart(None, None, None, None, None, None),
        fixes=(),
        transcript=(),
        account=_account(report),
    )
    long: dict[str, Iterator[object]] = {
        "verdicts": _verdicts(report),
        "fixes": (part for one in report.identities for part in _fixes(one, region)),
        "transcript": (transcript_part(answer) for answer in report.answers),
        "identities": (_identity(one, region) for one in report.identities),
        "calls": (_call(reply) for reply in report.replies),
    }
    return {name: long.get(name, getattr(whole, name)) for name in whole.__struct_fields__}


def _verdicts(report: AccountReport) -> Iterator[VerdictPart]:
    for one in report.identities:
        yield from (verdict_part(verdict, one.fixes) for verdict in one.verdicts)


def _fixes(one: Report, region: str) -> Iterator[FixPart]:
    about = {"identity": one.evidence.subject.name, "region": region}
    return (msgspec.structs.replace(fix_part(ready), about=about) for ready in one.fixes)


def _account(report: AccountReport) -> AccountPart:
    listed, account, rates = report.reading.listed, report.reading.account, report.reading.reputation
    suppressed = report.reading.suppressed
    return AccountPart(
        region=report.reading.wanted.region,
        account=account if isinstance(account, SesAccount) else None,
        listed=None if isinstance(listed, Reply) else len(listed),
        judged_as="bulk" if report.terms.volume == "bulk" else "small",
        standing=tuple(map(note_part, report.standing)),
        unread=unread(report),
        reputation=rates if isinstance(rates, Reputation) else None,
        suppressed=suppressed if isinstance(suppressed, SuppressionList) else None,
    )


def _identity(one: Report, region: str) -> IdentityPart:
    said, setup = one.evidence.identity, one.evidence.setup
    return IdentityPart(
        identity=one.evidence.subject.name,
        region=region,
        said=said if isinstance(said, SesIdentity) else None,
        setup=None if isinstance(setup, Missing) else setup_part(setup),
    )


def _call(reply: Reply) -> CallPart:
    call = reply.call
    return CallPart(
        service=call.service,
        region=call.region,
        operation=call.operation,
        parameters=dict(call.parameters),
        status=reply.status,
        detail=reply.detail,
        value=dict(reply.value),
    )
