"""Whether the reporter that a report names is the one who signed its mail.

A report has to be sent so that it passes DMARC (RFC 7489 section 7.2.1.1, RFC 9990). Afterwards only DKIM can show that it did: SPF
needs the address that the mail came from, which a stored mail does not prove. Anybody can sign with a domain of their own, so the signer
must also be the reporter: its domain is that of ``org_name`` where that is a domain, else that of ``email``.
"""

from __future__ import annotations

from collections.abc import Iterable

from todoku.auth.signers import Signers
from todoku.auth.suffixes import Suffixes
from todoku.mail.domain_name import ascii_domain
from todoku.receivers import FACTS, MAILBOX_DOMAINS
from todoku.store.proofs import Proof, ProofResult

LATE = (
    14 * 86_400
)  # seconds from the end of a period: a report that comes later is from an archive, and its key may be withdrawn
ALSO = {domain: named for facts in FACTS.values() for domain, named in facts.reporters.items()}
"""Reporters whose mail is signed by one of their domains and names another. Seen in their reports of 2022 to 2026."""


def result_of(signers: Signers, suffixes: Suffixes) -> ProofResult:
    """What the signatures of a message prove of its author's domain. Alignment is relaxed (RFC 7489 section 3.1.1)."""
    home = suffixes.organizational_domain(signers.author)

    def are_aligned(domains: Iterable[str]) -> bool:
        return bool(signers.author) and any(suffixes.organizational_domain(one) == home for one in domains)

    if are_aligned(signers.verified):
        return "proven"
    if are_aligned(signers.unknown):
        return "unknown"
    return "past" if are_aligned(signers.past) else "none"


def vouched_by(proof: Proof, *, org: str, contact: str, late: bool, suffixes: Suffixes) -> str | None:
    """The domain whose signature proves that the reporter sent the report; "" where none does, None where that is not known.

    ``org`` and ``contact`` are the name and address that the report gives for its reporter; a complaint gives neither, and both are "".
    What another domain's name servers do not say leaves nothing unknown: whoever has a domain can have them say nothing.
    """
    if proof.result == "none" or (proof.result == "past" and not late):
        return ""
    if proof.signer and not _is_reporter(proof.signer, org, contact, suffixes):
        return ""
    return proof.signer if proof.result == "proven" else None


def _is_reporter(signer: str, org: str, contact: str, suffixes: Suffixes) -> bool:
    if signer in MAILBOX_DOMAINS:
        return False  # anybody can have an address there: one of their users wrote the mail, and not the receiver
    home = suffixes.organizational_domain(signer)
    named = (ascii_domain(org) if "." in org else None) or ascii_domain(contact.rpartition("@")[2])
    if named is None:
        return not org and not contact
    return suffixes.organizational_domain(named) in (home, *ALSO.get(home, ()))


def named_by(kind: str, org: str) -> str:
    """The name that a report gives its reporter. A complaint gives none: its ``org`` is the program or server that made it."""
    return "" if kind == "feedback" else org


def is_late(end: int, received: int) -> bool:
    """Whether a report came so long after its period that its key may be gone. ``end``: seconds since 1970; ``received``: microseconds."""
    return end + LATE < received // 1_000_000
