"""The report as one JSON document: ``document.py`` says its shape, this fills it in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeGuard

from todoku.auth.dkim.verify import DkimResult
from todoku.auth.dmarc import DmarcResult
from todoku.evidence.facts import Evidence
from todoku.judging.account_report import AccountReport
from todoku.judging.judge import Report, catalogue
from todoku.report.account_json import account_fields
from todoku.report.document import (
    ArcPart,
    AuthenticationPart,
    DkimPart,
    IprevPart,
    ReportDocument,
    SpfPart,
    SubjectPart,
    TlsPart,
)
from todoku.report.json_parts import (
    dmarc_part,
    fix_part,
    moment,
    requirement_part,
    setup_part,
    tool_part,
    transcript_part,
    verdict_part,
)
from todoku.report.json_pieces import fields_of, written
from todoku.report.render_options import Manner
from todoku.report.rendered import Drawn
from todoku.words.verdict import Missing


def render(reports: Sequence[Report | AccountReport | Drawn], _manner: Manner) -> Iterator[str]:
    """One report, or ``{"reports": [...]}`` for several, indented, with a line end; in pieces, since an account is large."""
    if len(reports) == 1 and not isinstance(reports[0], Drawn):
        yield from written(_fields(reports[0]))
    else:
        yield '{\n  "reports": ['
        for number, report in enumerate(reports):
            yield ",\n    " if number else "\n    "
            yield from (report.text,) if isinstance(report, Drawn) else written(_fields(report), margin=4)
        yield "\n  ]\n}"
    yield "\n"


def drawn(report: Report | AccountReport, _manner: Manner, _number: int) -> Drawn:
    """The report as one of several."""
    return Drawn("", "".join(written(_fields(report), margin=4)))


def _fields(report: Report | AccountReport) -> dict[str, object]:
    return account_fields(report) if isinstance(report, AccountReport) else fields_of(document(report))


def document(report: Report) -> ReportDocument:
    """The report as the types of its JSON form."""
    evidence = report.evidence
    spoken_of = {verdict.requirement for verdict in report.verdicts}
    return ReportDocument(
        todoku=tool_part(),
        subject=SubjectPart(
            evidence.subject.kind,
            evidence.subject.name,
            evidence.shape_notes,
            None if isinstance(evidence.age_days, Missing) else round(evidence.age_days, 3),
        ),
        at=moment(evidence.at),
        as_of=report.terms.as_of.isoformat(),
        requirements={one.id: requirement_part(one) for one in catalogue() if one.id in spoken_of},
        verdicts=tuple(verdict_part(verdict, report.fixes) for verdict in report.verdicts),
        authentication=_authentication(evidence),
        fixes=tuple(map(fix_part, report.fixes)),
        transcript=tuple(map(transcript_part, report.transcript)),
        setup=None if isinstance(evidence.setup, Missing) else setup_part(evidence.setup),
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
        dmarc=None if isinstance(dmarc, Missing) or not isinstance(evidence.setup, Missing) else dmarc_part(dmarc),
        arc=None
        if isinstance(arc, Missing)
        else ArcPart(arc.result, arc.cause, len(arc.sets), tuple(one.domain for one in arc.sets)),
        iprev=None if isinstance(iprev, Missing) else IprevPart(iprev.result, iprev.ip, iprev.names, iprev.name),
        tls=None if isinstance(tls, Missing) else TlsPart(tls.used, tls.version, tls.cipher),
    )


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
