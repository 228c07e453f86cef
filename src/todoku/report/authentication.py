"""What authenticates a message, our evaluation beside what its receiver wrote when it arrived."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from todoku.auth.dmarc.receiver import mail_from_domain, signing_domain
from todoku.evidence.facts import Evidence
from todoku.mail.authres import MethodResult
from todoku.report.words import Language, harmless, say
from todoku.words.verdict import Missing, Text


class AuthenticationRow(msgspec.Struct, frozen=True):
    """One method: of which name, what we found, what the receiver wrote ("" where it wrote nothing), and whether they differ."""

    method: str
    about: str
    ours: str
    theirs: str
    differs: bool


def authentication_rows(evidence: Evidence, language: Language) -> tuple[AuthenticationRow, ...]:
    """SPF, each signature, DMARC, ARC, reverse DNS and TLS. Every string is harmless."""
    said = _said(evidence)
    rows = [
        *_spf_rows(evidence, said, language),
        *_dkim_rows(evidence, said, language),
        *_dmarc_rows(evidence, said),
        *_other_rows(evidence, said, language),
    ]
    return tuple(
        AuthenticationRow(row.method, harmless(row.about), harmless(row.ours), harmless(row.theirs), row.differs)
        for row in rows
    )


def _said(evidence: Evidence) -> tuple[MethodResult, ...]:
    """Every result that the receiver itself wrote."""
    if isinstance(evidence.route, Missing):
        return ()
    return tuple(result for field in evidence.route.trusted for result in field.results)


def _row(method: str, about: str, ours: str, theirs: Iterable[MethodResult]) -> AuthenticationRow:
    words = list(dict.fromkeys(result.result for result in theirs))
    first = ours.split(" ", 1)[0]
    return AuthenticationRow(method, about, ours, ", ".join(words), bool(words) and first not in words)


def _spf_rows(evidence: Evidence, said: tuple[MethodResult, ...], language: Language) -> list[AuthenticationRow]:
    spf = evidence.spf
    theirs = [one for one in said if one.method == "spf"]
    if isinstance(spf, Missing):
        return [_unseen("SPF", theirs, language)]
    return [_row("SPF", spf.domain, spf.result, theirs)]


def _unseen(method: str, theirs: list[MethodResult], language: Language) -> AuthenticationRow:
    """What we could not look at: about the domains that the receiver names."""
    words = ", ".join(dict.fromkeys(result.result for result in theirs))
    named = ((mail_from_domain if result.method == "spf" else signing_domain)(result) for result in theirs)
    about = ", ".join(dict.fromkeys(filter(None, named)))
    return AuthenticationRow(method, about, say(Text("not visible", "判定不能"), language), words, differs=False)


def _dkim_rows(evidence: Evidence, said: tuple[MethodResult, ...], language: Language) -> list[AuthenticationRow]:
    theirs = [one for one in said if one.method == "dkim"]
    if isinstance(evidence.dkim, Missing):
        return [_unseen("DKIM", theirs, language)]
    rows = []
    for one in evidence.dkim:
        about = f"{one.domain} (s={one.selector})"
        rows.append(
            _row("DKIM", about, one.result, [said for said in theirs if _same_signature(said, one.domain, one.b)])
        )
    return rows or [_row("DKIM", "", "none", theirs)]


def _same_signature(said: MethodResult, domain: str, signature: str) -> bool:
    """Whether a receiver's dkim result is about this signature: by the first characters of b=, else by its domain."""
    if shown := said.properties.get("header.b"):
        return signature.startswith(shown)
    named = said.properties.get("header.d") or said.properties.get("header.i", "").rpartition("@")[2]
    return named.lower() == domain


def _dmarc_rows(evidence: Evidence, said: tuple[MethodResult, ...]) -> list[AuthenticationRow]:
    dmarc = evidence.dmarc
    if isinstance(dmarc, Missing):
        return []
    policy = "" if dmarc.record is None else f" (p={dmarc.record.policy})"
    return [_row("DMARC", dmarc.author_domain, dmarc.result + policy, [one for one in said if one.method == "dmarc"])]


def _other_rows(evidence: Evidence, said: tuple[MethodResult, ...], language: Language) -> list[AuthenticationRow]:
    rows = []
    arc, iprev, tls = evidence.arc, evidence.iprev, evidence.tls
    if not isinstance(arc, Missing) and arc.sets:
        rows.append(
            _row("ARC", ", ".join(one.domain for one in arc.sets), arc.result, [s for s in said if s.method == "arc"])
        )
    if not isinstance(iprev, Missing):
        label = say(Text("Reverse DNS", "逆引きDNS"), language)
        rows.append(_row(label, iprev.ip, iprev.result, [one for one in said if one.method == "iprev"]))
    if not isinstance(tls, Missing) and tls.used is not None:
        ours = say(Text("yes" if tls.used else "no", "あり" if tls.used else "なし"), language)
        rows.append(
            AuthenticationRow("TLS", " ".join(filter(None, (tls.version, tls.cipher))), ours, "", differs=False)
        )
    return rows
