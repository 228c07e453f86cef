"""The parts that reports in JSON have in common, whatever they are on: verdicts, fixes, what DNS holds, the transcript."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from todoku import __version__
from todoku.auth.ask import Answer
from todoku.auth.dmarc import DmarcResult
from todoku.auth.lone_record import LoneRecord
from todoku.auth.setup import DomainSetup
from todoku.causes.dmarc.methods_differ import methods_differ
from todoku.judging.judge import ReadyFix, mendable
from todoku.receivers import RULES_READ
from todoku.report.document import (
    REPORT_VERSION,
    AnswerPart,
    DmarcPart,
    FixPart,
    MailFromPart,
    NotePart,
    OwnSpfPart,
    RecordPart,
    RequirementPart,
    SelectorPart,
    SesDefaultPart,
    SetupPart,
    Tool,
    TranscriptPart,
    VerdictPart,
    WitnessPart,
)
from todoku.words.verdict import Note, Requirement, Verdict, sentence


def tool_part() -> Tool:
    """Which program made the report, by which rules."""
    return Tool(__version__, REPORT_VERSION, RULES_READ.isoformat())


def moment(at: datetime | None) -> str | None:
    """When something was looked at, in UTC."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def requirement_part(requirement: Requirement) -> RequirementPart:
    """A requirement that a verdict speaks of."""
    default = requirement.ses_default
    return RequirementPart(
        requirement.title,
        SesDefaultPart(default.met, default.text, default.source, bool(default.source)),
        requirement.setup_page,
        requirement.google_row,
    )


def verdict_part(verdict: Verdict, fixes: Sequence[ReadyFix]) -> VerdictPart:
    """A verdict with what mends it."""
    tags = {reason.tag for reason in mendable(verdict)}
    about = None if verdict.about is None else {"identity": verdict.about[0], "region": verdict.about[1]}
    return VerdictPart(
        requirement=verdict.requirement,
        receiver=verdict.receiver,
        about=about,
        volume=verdict.clause.volume,
        level=verdict.clause.level,
        since=None if verdict.clause.since is None else verdict.clause.since.isoformat(),
        source=verdict.clause.source,
        result=verdict.result,
        reason=verdict.reason.tag,
        values=dict(verdict.values),
        text=sentence(verdict),
        missing=verdict.missing,
        exhibits=verdict.exhibits,
        notes=tuple(map(note_part, verdict.notes)),
        witnesses=tuple(
            WitnessPart(said.kind, said.finding.result, said.finding.reason.tag) for said in verdict.witnesses
        ),
        fix=tuple(ready.fix.id for ready in fixes if tags & {*ready.mends}),
        consequence=verdict.consequence,
        certain=verdict.clause.certain,
        since_seen=verdict.clause.since_seen,
        reported_by=verdict.reported_by,
    )


def dmarc_part(dmarc: DmarcResult) -> DmarcPart:
    """What DMARC says of a domain."""
    return DmarcPart(
        dmarc.result,
        dmarc.policy,
        dmarc.author_domain,
        dmarc.organizational_domain,
        None if dmarc.record is None else dmarc.record.domain,
        None if dmarc.record is None else dmarc.record.text,
        "treewalk",
        methods_differ(dmarc),
        dmarc.psl.result,
    )


def setup_part(setup: DomainSetup) -> SetupPart:
    """What DNS shows of a domain before anything is sent."""
    spf = setup.spf
    return SetupPart(
        organizational_domain=setup.organization,
        name_servers=setup.name_servers.records,
        dnssec=setup.signed,
        region=setup.region,
        spf=OwnSpfPart(spf.record, spf.cause, spf.lookups, spf.voids),
        dmarc=dmarc_part(setup.dmarc),
        selectors=tuple(
            SelectorPart(key.selector, key.domain, key.problem, key.kind, key.bits, key.target)
            for key in setup.selectors
        ),
        mail_from=tuple(
            MailFromPart(one.name, one.problem, one.region, one.mx.records, one.spf.record) for one in setup.mail_from
        ),
        mta_sts=_record(setup.mta_sts),
        tls_rpt=_record(setup.tls_rpt),
        bimi=_record(setup.bimi),
    )


def _record(found: LoneRecord) -> RecordPart:
    return RecordPart(found.status, found.record, found.detail)


def transcript_part(answer: Answer) -> TranscriptPart:
    """One answer of the transcript."""
    return TranscriptPart(
        (answer.question.name, answer.question.rdtype),
        AnswerPart(
            answer.status,
            answer.records,
            answer.ttl,
            answer.authenticated,
            answer.chain,
            answer.authority,
            answer.detail,
        ),
    )


def note_part(note: Note) -> NotePart:
    """A further thing worth reading."""
    return NotePart(note.reason.tag, dict(note.values), sentence(note), note.exhibits)


def fix_part(ready: ReadyFix) -> FixPart:
    """A fix with real names filled in."""
    return FixPart(ready.fix.id, ready.fix.title, ready.mends, ready.changes, ready.advice)
