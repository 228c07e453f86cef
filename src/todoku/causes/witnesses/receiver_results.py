"""The receiver's own results, in the place of ours where we could not look: no body, no envelope, DNS that does not answer.

The rule here: **only results that the receiver itself wrote** (``Route.trusted``), and of them only what they say. A pass for
one domain is no pass for another: whether a domain is aligned with From is worked out by us, from the domains that the
receiver names. A word that leaves it open (``temperror``, ``unknown``) stands in for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from todoku.auth.ask import Ask
from todoku.auth.dkim.verify import DkimOutcome, DkimResult
from todoku.auth.dmarc import DmarcResult, ReceiverDmarc
from todoku.auth.dmarc.receiver import helo_domain, is_best_guess, mail_from_domain, signing_domain, telling
from todoku.auth.domain import MailDomain
from todoku.auth.spf import SpfOutcome, SpfResult
from todoku.causes.circumstances import Circumstances, circumstances
from todoku.causes.dkim import damage
from todoku.causes.dmarc.unaligned import Identities, identities
from todoku.causes.witnesses.receiver import is_about, result_exhibit
from todoku.mail.authres import AuthenticationResults, MethodResult
from todoku.mail.domain_name import ascii_domain
from todoku.mail.envelope import Envelope
from todoku.mail.message import Message
from todoku.mail.route import Route
from todoku.mail.ses import SesStamp
from todoku.mail.tags import parse_tags
from todoku.receivers import NAMES
from todoku.words.verdict import Exhibit, Finding, Missing

SPF_WORDS: dict[str, SpfOutcome] = {
    "pass": "pass", "fail": "fail", "softfail": "softfail", "neutral": "neutral", "none": "none", "permerror": "permerror",
}  # fmt: skip
DKIM_WORDS: dict[str, DkimOutcome] = {
    "pass": "pass", "fail": "fail", "neutral": "neutral", "policy": "policy", "permerror": "permerror",
}  # fmt: skip
"""Words that decide (RFC 8601 section 2.7). ``dkim=none`` decides too: the message is not signed."""
MAX_TOLD = 40  # results of a receiver that are looked at; it writes about ten
TELLING = ("spf", "dkim", "dmarc", "compauth")

Told = tuple[AuthenticationResults, MethodResult]


class ReceiverResults(msgspec.Struct, frozen=True, kw_only=True):
    """SPF and DKIM with the receiver's results for those of ours that are missing or undecided, and what follows from both.

    ``methods`` are those whose results are the receiver's. ``seen`` is missing where there is no one From domain. ``dmarc`` is
    its own word on DMARC, None where it is about another From domain or about what a forwarder made of the message.
    """

    receiver: str
    methods: frozenset[str]
    spf: SpfResult | Missing
    dkim: tuple[DkimResult, ...] | Missing
    around: Circumstances
    seen: Identities | Missing
    dmarc: ReceiverDmarc | None
    exhibits: tuple[Exhibit, ...]

    def say(self, finding: Finding | None) -> Finding | None:
        """The finding as one by the receiver's word; None where that leaves it open."""
        if finding is None or finding.result == "unknown":
            return None
        return self.marked(finding)

    def marked(self, finding: Finding) -> Finding:
        """The finding, marked, with the receiver's fields first."""
        return msgspec.structs.replace(finding, reported_by=self.receiver, exhibits=(*self.exhibits, *finding.exhibits))


class OwnResults(msgspec.Struct, frozen=True, kw_only=True):
    """What we found ourselves, and what is known around it."""

    message: Message
    author_domain: str
    route: Route
    envelope: Envelope | Missing
    ses: SesStamp
    age_days: float | Missing
    mail_from_domain: MailDomain | Missing
    spf: SpfResult | Missing
    dkim: tuple[DkimResult, ...] | Missing
    dmarc: DmarcResult | Missing

    @property
    def are_whole(self) -> bool:
        """Whether all was looked at and all passed, as of nearly all messages: there is no place for a receiver's word."""
        return (
            isinstance(self.spf, SpfResult)
            and not self.spf.undecided
            and not isinstance(self.dkim, Missing)
            and all(one.result == "pass" for one in self.dkim)
            and not _is_open(self.dmarc)
        )

    def around(self) -> Circumstances:
        """What stands around these results."""
        return circumstances(self.dmarc, self.dkim, self.route, self.ses, self.age_days)


def receiver_results(
    ours: OwnResults,
    said: ReceiverDmarc,
    evaluate: Callable[[SpfResult | Missing, tuple[DkimResult, ...] | Missing], Ask[DmarcResult | Missing]],
) -> Ask[ReceiverResults | None]:
    """What the receiver's results give; None where we know all of it ourselves.

    ``said`` is what it wrote of DMARC. ``evaluate`` is DMARC over results of SPF and DKIM, from the answers of the DNS.
    """
    if ours.are_whole:
        return None
    told = [(field, one) for field in telling(ours.route.trusted) for one in field.results if one.method in TELLING]
    del told[MAX_TOLD:]
    is_open = isinstance(ours.spf, Missing) or ours.spf.undecided
    their_spf = _spf(told, ours.envelope) if is_open and not ours.route.spf_of_forwarder else None
    their_dkim = _dkim(told, ours.dkim, ours.around(), ours.message)
    supplied = [name for name, theirs in (("spf", their_spf), ("dkim", their_dkim)) if theirs is not None]
    if not supplied and not _is_open(ours.dmarc):
        return None
    spf = ours.spf if their_spf is None else their_spf
    dkim = ours.dkim if their_dkim is None else their_dkim
    dmarc = _dmarc((yield from evaluate(spf, dkim)), ours.dmarc)
    around = msgspec.structs.replace(ours, spf=spf, dkim=dkim, dmarc=dmarc).around()
    return ReceiverResults(
        receiver=_name(ours.route, told[0][0]),
        methods=frozenset(supplied),
        spf=spf,
        dkim=dkim,
        around=around,
        seen=dmarc
        if isinstance(dmarc, Missing)
        else identities(dmarc, spf, dkim, ours.mail_from_domain, around, ours.message),
        dmarc=said if said.author_domain == ours.author_domain and not ours.route.forwarded else None,
        exhibits=tuple(result_exhibit(result, field.offset) for field, result in told),
    )


def _dmarc(found: DmarcResult | Missing, ours: DmarcResult | Missing) -> DmarcResult | Missing:
    """DMARC over the receiver's results. Where a DNS that does not see the public one hid ours, it tells nothing of the record."""
    if isinstance(found, Missing) or not isinstance(ours, Missing):
        return found
    tree, psl = (msgspec.structs.replace(one, status="temperror", record=None) for one in (found.treewalk, found.psl))
    return msgspec.structs.replace(found, result="temperror", treewalk=tree, psl=psl)


def passed_then(route: Route, age_days: float | Missing) -> frozenset[str]:
    """The MAIL FROM domains for which the receiver saw SPF pass, of a message so old that the records may have changed since."""
    if isinstance(age_days, Missing) or age_days <= damage.KEY_KEPT_DAYS or route.spf_of_forwarder:
        return frozenset()
    passed = (one for field in route.trusted for one in field.of("spf") if one.result == "pass")
    return frozenset(mail_from_domain(one) for one in passed if not is_best_guess(one)) - {""}


def _is_open(dmarc: DmarcResult | Missing) -> bool:
    """Whether DNS did not tell us of the DMARC record."""
    return isinstance(dmarc, Missing) or dmarc.treewalk.status == "temperror"


def _name(route: Route, field: AuthenticationResults) -> str:
    """Whose word it is: the border's receiver, or the server that the user named."""
    if route.receiver is not None and route.trusted_by == "border":
        return NAMES[route.receiver]
    return field.authserv_id or NAMES["outlook"]  # which alone leaves it out


def _spf(told: Iterable[Told], envelope: Envelope | Missing) -> SpfResult | None:
    """The receiver's SPF result; None where it wrote none that decides, or does not say for which domain."""
    known = None if isinstance(envelope, Missing) else envelope
    results = [one for _, one in told if one.method == "spf"]
    # RFC 7208 2.4: HELO stands in for an empty MAIL FROM, and beside another it is not DMARC's
    has_mail_from = any(map(mail_from_domain, results)) or (known is not None and bool(known.mail_from))
    for one in results:
        outcome = SPF_WORDS.get(one.result)
        if outcome is None:
            continue
        domain, by_helo = mail_from_domain(one), helo_domain(one)
        if not domain and by_helo and has_mail_from:
            continue
        by_helo = "" if domain else by_helo
        domain = domain or by_helo or (known.mail_from_domain if known is not None else "")
        if not domain:
            continue
        return SpfResult(
            result="none" if is_best_guess(one) else outcome,
            cause="reported",
            domain=domain,
            identity="helo" if by_helo else "mailfrom",
            ip="" if known is None else known.ip or "",
            sender=one.properties.get("smtp.mailfrom", domain),
        )
    return None


def _dkim(
    told: Iterable[Told], dkim: tuple[DkimResult, ...] | Missing, around: Circumstances, message: Message
) -> tuple[DkimResult, ...] | None:
    """The signatures, those that we could not judge by the receiver's word; None where it says nothing of them."""
    theirs = [(field, one) for field, one in told if one.method == "dkim"]
    if isinstance(dkim, Missing):
        found = tuple(_signatures(theirs, message))
        unsigned = bool(theirs) and all(one.result == "none" for _, one in theirs)
        return found if found or unsigned else None
    results = tuple(_judged(one, theirs, around) for one in dkim)
    return None if results == dkim else results


def _signatures(theirs: Iterable[Told], message: Message) -> Iterator[DkimResult]:
    """Each signature that the receiver wrote a result for. One that it leaves open is open here too."""
    written = [parse_tags(field.value) for field in message.all("dkim-signature")[:MAX_TOLD]]
    for field, one in theirs:
        domain = signing_domain(one)
        if not one.properties.get("header.d"):  # Gmail names i= alone, which may lie below d=: RFC 6376 3.5
            selector = one.properties.get("header.s", "")
            signers = [ascii_domain(tags.get("d")) or "" for tags in written if selector in ("", tags.get("s"))]
            domain = min(
                (name for name in signers if name and f".{domain}".endswith(f".{name}")), key=len, default=domain
            )
        if domain and one.result != "none":
            yield DkimResult(
                result=DKIM_WORDS.get(one.result, "temperror"),
                cause="reported" if one.result in DKIM_WORDS else "dns-failed",
                domain=domain,
                selector=one.properties.get("header.s", ""),
                identity=one.properties.get("header.i", ""),
                offset=field.offset,
            )


def _judged(signature: DkimResult, theirs: Iterable[Told], around: Circumstances) -> DkimResult:
    """A signature with the receiver's result, where we could not judge it and the receiver did."""
    if signature.result == "pass" or damage.explain(signature, around).result != "unknown":
        return signature
    about = (one for _, one in theirs if one.result in DKIM_WORDS and is_about(one, signature, around.signers))
    word = next((DKIM_WORDS[one.result] for one in about), None)
    return signature if word is None else msgspec.structs.replace(signature, result=word, cause="reported", key=None)
