"""Whether a report comes from whom it names: the signature of its mail is held against what it says of its reporter.

A report has to be sent so that it passes DMARC (RFC 7489 section 7.2.1.1, RFC 9990). DKIM alone can show that afterwards: the
address that the mail came from, which SPF would need, is in no report's octets. Anybody can sign with a domain of his own, so the
signer must also be who the report names: by the domain of ``org_name`` where that is one, else by that of ``email``.
"""

from __future__ import annotations

from collections.abc import Iterable

from todoku.auth.signers import Signers
from todoku.auth.suffixes import Suffixes
from todoku.mail.domain_name import ascii_domain
from todoku.store.proofs import Proof, ProofResult

LATE = (
    14 * 86_400
)  # seconds from the end of a period: a report that comes later is out of an archive, and keys are taken away
ALSO = {"yahoo.com": ("yahooinc.com",), "microsoft.com": ("outlook.com",)}
"""Reporters that name another of their domains than their mail comes from, as their reports of 2022 to 2026 do: Yahoo writes from
dmarc.yahoo.com and names dmarchelp@yahooinc.com, Microsoft's Outlook.com writes from microsoft.com."""
MAILBOXES = frozenset(
    {
        *("gmail.com", "googlemail.com", "yahoo.com", "ymail.com", "rocketmail.com", "aol.com"),
        *("outlook.com", "hotmail.com", "live.com", "msn.com", "icloud.com", "me.com", "mac.com"),
    }
)
"""Domains in which anybody can have an address: that they sign a message proves who wrote it, and that it is no receiver."""


def result_of(signers: Signers, suffixes: Suffixes) -> ProofResult:
    """What the signatures of a message show of its author's domain: alignment is relaxed, as in RFC 7489 section 3.1.1."""
    home = suffixes.organizational_domain(signers.author)

    def are_aligned(domains: Iterable[str]) -> bool:
        return bool(signers.author) and any(suffixes.organizational_domain(one) == home for one in domains)

    if are_aligned(signers.verified):
        return "proven"
    if are_aligned(signers.unknown):
        return "unknown"
    return "past" if are_aligned(signers.past) else "none"


def vouched_by(proof: Proof, *, org: str, contact: str, late: bool, suffixes: Suffixes) -> str | None:
    """The domain that proves that a report's mail came from its reporter; "" where none does, None where that is not known.

    ``org`` and ``contact`` are what the report says of its reporter. A complaint says nothing of it: both are "".
    """
    match proof.result:
        case "proven":
            return proof.signer if _is_reporter(proof.signer, org, contact, suffixes) else ""
        case "none":
            return ""
        case "past":
            return None if late else ""
    return None


def _is_reporter(signer: str, org: str, contact: str, suffixes: Suffixes) -> bool:
    if signer in MAILBOXES:
        return False
    home = suffixes.organizational_domain(signer)
    named = (ascii_domain(org) if "." in org else None) or ascii_domain(contact.rpartition("@")[2])
    if named is None:
        return not org and not contact
    return suffixes.organizational_domain(named) in (home, *ALSO.get(home, ()))


def named_by(kind: str, org: str) -> str:
    """What a report calls its reporter. A complaint names none: ``org`` is then the program or server that made it."""
    return "" if kind == "feedback" else org


def is_late(end: int, received: int) -> bool:
    """Whether a report came so long after its period that its key may be gone. ``received`` in microseconds of UTC."""
    return end + LATE < received // 1_000_000
