"""The report as one JSON document: ``document.py`` says its shape, this fills it in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

import msgspec

from todoku import __version__
from todoku.auth.ask import Answer
from todoku.auth.dkim.verify import DkimResult
from todoku.auth.dmarc import DmarcResult
from todoku.auth.lone_record import LoneRecord
from todoku.auth.setup import DomainSetup
from todoku.causes.methods_differ import methods_differ
from todoku.evidence import Evidence
from todoku.judge import ReadyFix, Report, catalogue, mendable
from todoku.receivers import RULES_READ
from todoku.report.document import (
    REPORT_VERSION,
    AnswerPart,
    ArcPart,
    AuthenticationPart,
    DkimPart,
    DmarcPart,
    FixPart,
    IprevPart,
    MailFromPart,
    NotePart,
    OwnSpfPart,
    RecordPart,
    ReportDocument,
    ReportsDocument,
    RequirementPart,
    SelectorPart,
    SesDefaultPart,
    SetupPart,
    SpfPart,
    SubjectPart,
    TlsPart,
    Tool,
    TranscriptPart,
    VerdictPart,
    WitnessPart,
)
from todoku.report.manner import Manner
from todoku.report.words import sentence
from todoku.verdict import Missing, Requirement, Verdict


def render(reports: Sequence[Report], _manner: Manner) -> str:
    """One report, or ``{"reports": [...]}`` for several, indented, with a line end."""
    documents = tuple(document(report) for report in reports)
    whole = documents[0] if len(documents) == 1 else ReportsDocument(documents)
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode() + "\n"


def document(report: Report) -> ReportDocument:
    """The report as the types of its JSON form."""
    evidence = report.evidence
    spoken_of = {verdict.requirement for verdict in report.verdicts}
    return ReportDocument(
        todoku=Tool(__version__, REPORT_VERSION, RULES_READ.isoformat()),
        subject=SubjectPart(
            evidence.subject.kind,
            evidence.subject.name,
            evidence.shape_notes,
            None if isinstance(evidence.age_days, Missing) else round(evidence.age_days, 3),
        ),
        at=None if evidence.at is None else evidence.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        as_of=report.terms.as_of.isoformat(),
        requirements={one.id: _requirement(one) for one in catalogue() if one.id in spoken_of},
        verdicts=tuple(_verdict(verdict, report.fixes) for verdict in report.verdicts),
        authentication=_authentication(evidence),
        fixes=tuple(
            FixPart(ready.fix.id, ready.fix.title, ready.mends, ready.changes, ready.advice) for ready in report.fixes
        ),
        transcript=tuple(transcript_part(answer) for answer in report.transcript),
        setup=None if isinstance(evidence.setup, Missing) else _setup(evidence.setup),
    )


def _requirement(requirement: Requirement) -> RequirementPart:
    default = requirement.ses_default
    return RequirementPart(
        requirement.title,
        SesDefaultPart(default.met, default.text, default.source),
        requirement.setup_page,
        requirement.google_row,
    )


def _verdict(verdict: Verdict, fixes: Sequence[ReadyFix]) -> VerdictPart:
    tags = {reason.tag for reason in mendable(verdict)}
    about = None if verdict.about is None else {"identity": verdict.about[0], "region": verdict.about[1]}
    return VerdictPart(
        requirement=verdict.requirement,
        receiver=verdict.receiver,
        about=about,
        volume=verdict.clause.volume,
        level=verdict.clause.level,
        since=verdict.clause.since.isoformat(),
        source=verdict.clause.source,
        result=verdict.result,
        reason=verdict.reason.tag,
        values=dict(verdict.values),
        text=sentence(verdict),
        missing=verdict.missing,
        exhibits=verdict.exhibits,
        notes=tuple(
            NotePart(note.reason.tag, dict(note.values), sentence(note), note.exhibits) for note in verdict.notes
        ),
        witnesses=tuple(
            WitnessPart(said.kind, said.finding.result, said.finding.reason.tag) for said in verdict.witnesses
        ),
        fix=tuple(ready.fix.id for ready in fixes if tags & {*ready.mends}),
    )


def _authentication(evidence: Evidence) -> AuthenticationPart:
    spf, dkim, dmarc = evidence.spf, evidence.dkim, evidence.dmarc
    arc, iprev, tls = evidence.arc, evidence.iprev, evidence.tls
    return AuthenticationPart(
        spf=None
        if isinstance(spf, Missing)
        else SpfPart(
            spf.result,
            spf.domain,
            spf.cause,
            spf.identity,
            spf.ip,
            None if not _discovered(dmarc) or spf.undecided else dmarc.treewalk.spf_aligned,
            spf.record,
            spf.term,
            spf.lookups,
            spf.voids,
        ),
        dkim=None
        if isinstance(dkim, Missing)
        else tuple(
            DkimPart(
                one.result,
                one.cause,
                one.domain,
                one.selector,
                _is_aligned(dmarc, one),
                one.algorithm,
                one.key_bits,
                one.offset,
            )
            for one in dkim
        ),
        dmarc=None if isinstance(dmarc, Missing) or not isinstance(evidence.setup, Missing) else _dmarc(dmarc),
        arc=None
        if isinstance(arc, Missing)
        else ArcPart(arc.result, arc.cause, len(arc.sets), tuple(one.domain for one in arc.sets)),
        iprev=None if isinstance(iprev, Missing) else IprevPart(iprev.result, iprev.ip, iprev.names, iprev.name),
        tls=None if isinstance(tls, Missing) else TlsPart(tls.used, tls.version, tls.cipher),
    )


def _dmarc(dmarc: DmarcResult) -> DmarcPart:
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


def _setup(setup: DomainSetup) -> SetupPart:
    spf = setup.spf
    return SetupPart(
        organizational_domain=setup.organization,
        name_servers=setup.name_servers.records,
        dnssec=setup.signed,
        region=setup.region,
        spf=OwnSpfPart(spf.record, spf.cause, spf.lookups, spf.voids),
        dmarc=_dmarc(setup.dmarc),
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


def _discovered(dmarc: DmarcResult | Missing) -> TypeGuard[DmarcResult]:
    """Whether it is known which names belong together: no look at a DMARC record failed."""
    return not isinstance(dmarc, Missing) and dmarc.treewalk.status != "temperror"


def _is_aligned(dmarc: DmarcResult | Missing, signature: DkimResult) -> bool | None:
    """Whether a signature passed and its domain is aligned with the From domain; None where DNS did not let us know."""
    if signature.result == "temperror":
        return None
    if signature.result != "pass":
        return False
    if not _discovered(dmarc):
        return None
    pairs = zip(dmarc.dkim_domains, dmarc.treewalk.dkim_aligned, strict=False)
    return any(aligned for signer, aligned in pairs if signer == signature.domain)


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
