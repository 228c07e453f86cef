"""How a message authenticates: its envelope, then SPF, every DKIM signature, ARC and iprev side by side, and DMARC over them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from todoku.auth.arc import ArcResult, validate
from todoku.auth.ask import Allowance, Ask, limited, settled, together
from todoku.auth.dkim.verify import DkimResult, verify
from todoku.auth.dmarc import DmarcResult, evaluate
from todoku.auth.iprev import IprevResult, iprev
from todoku.auth.memory import remembering
from todoku.auth.spf import SpfResult, check_identity
from todoku.auth.suffixes import Suffixes
from todoku.causes import missing_reasons
from todoku.evidence.facts import Authentication
from todoku.mail.address import Author
from todoku.mail.envelope import Envelope
from todoku.mail.message import Message
from todoku.mail.route import Route
from todoku.mail.ses import is_ses_host
from todoku.words.verdict import Missing

MAX_QUESTIONS = 60
"""DNS questions that one message may cost beyond those of SPF, which RFC 7208 section 4.6.4 bounds."""
DMARC_SPARE = 20
"""Of these are kept for DMARC, whose questions come last: a chain of ARC or PTR names must not use them up."""

MAX_DIAGNOSED = 3
"""Signatures of one message that failed, for which the way back to what was signed is searched: it costs milliseconds."""


def known_envelope(given: Envelope | None, route: Route) -> Envelope | Missing:
    """What was given over what was seen in the message; Missing where it was never sent, or does not show by whom.

    Of a message that was handed on within its receiver's company, what was seen is the session in which its sender handed it over.
    """
    seen = route.original or route.envelope
    if seen is None and route.hops and (given is None or given.ip is None):
        return missing_reasons.could_not_look(missing_reasons.NO_ENVELOPE)
    if given is None:
        return _no_session(route) if seen is None else seen
    if seen is None:
        return given
    return Envelope(
        ip=seen.ip if given.ip is None else given.ip,
        helo=seen.helo if given.helo is None else given.helo,
        mail_from=seen.mail_from if given.mail_from is None else given.mail_from,
        tls=seen.tls if given.tls is None else given.tls,
        source=given.source,
    )


def _no_session(route: Route) -> Missing:
    """Why there is no session to look at: what bears a receiver's results was sent, and its Received fields were cut off."""
    if route.trusted or route.untrusted:
        return missing_reasons.could_not_look(missing_reasons.RECEIVED_CUT_OFF)
    return missing_reasons.not_asked(missing_reasons.NOT_SENT)


def authenticate(
    message: Message,
    envelope: Envelope | Missing,
    author_domain: str,
    *,
    now: datetime | None,
    suffixes: Suffixes,
    allowance: Allowance,
    passed: frozenset[str] = frozenset(),
) -> Ask[Authentication]:
    """SPF, every DKIM signature, ARC and iprev side by side, then DMARC over the first two.

    ``passed``: domains for which SPF passed when the message arrived, long ago, so that today's records decide nothing else.
    """
    address = (
        envelope
        if isinstance(envelope, Missing)
        else envelope.ip or missing_reasons.not_asked(missing_reasons.NO_ENVELOPE)
    )
    spf, dkim, reverse, arc = yield from together(
        _spf(envelope),
        limited(_dkim(message, now), allowance),
        limited(_iprev(address), allowance, spare=DMARC_SPARE),
        limited(_arc(message, now), allowance, spare=DMARC_SPARE),
    )
    if isinstance(spf, SpfResult) and spf.domain in passed:
        spf = msgspec.structs.replace(spf, outdated=spf.result != "pass")
    dmarc = yield from limited(dmarc_of(message, author_domain, spf, dkim, suffixes), allowance)
    return Authentication(spf=spf, dkim=dkim, arc=arc, iprev=reverse, dmarc=dmarc)


def _spf(envelope: Envelope | Missing) -> Ask[SpfResult | Missing]:
    if isinstance(envelope, Missing):
        return settled(envelope)
    if envelope.ip is None or envelope.mail_from is None:
        return settled(missing_reasons.not_asked(missing_reasons.NO_ENVELOPE))
    return check_identity(envelope.ip, envelope.mail_from, envelope.helo or "")


def spf_of_header_from(envelope: Envelope | Missing, author: Author) -> Ask[SpfResult | Missing]:
    """SPF of the domain in From for the sending address, as a receiver does that looks at what its users see."""
    if isinstance(envelope, Missing):
        return settled(envelope)
    if envelope.ip is None:
        return settled(missing_reasons.not_asked(missing_reasons.NO_ENVELOPE))
    if not author.domain:
        return settled(missing_reasons.not_asked(missing_reasons.NO_AUTHOR))
    return check_identity(envelope.ip, f"postmaster@{author.domain}", envelope.helo or "")


def _dkim(message: Message, now: datetime | None) -> Ask[tuple[DkimResult, ...] | Missing]:
    missing = _unverifiable(message)
    return verify(message, now=now) if missing is None else settled(missing)


def _arc(message: Message, now: datetime | None) -> Ask[ArcResult | Missing]:
    missing = _unverifiable(message)
    return validate(message, now=now) if missing is None else settled(missing)


def _unverifiable(message: Message) -> Missing | None:
    """Why no signature of the message can be verified, or None."""
    if message.headers_only:
        return missing_reasons.not_asked(missing_reasons.HEADERS_ONLY)
    if message.limits:
        return missing_reasons.could_not_look(missing_reasons.OVER_LIMIT, limit=message.limits[0])
    return None


def cut_header(message: Message) -> Missing | None:
    """Why nothing can be said that needs the whole header, or None: a second From may stand beyond a limit of ours."""
    limit = next((one for one in message.limits if one in ("header-size", "field-count")), None)
    return None if limit is None else missing_reasons.could_not_look(missing_reasons.OVER_LIMIT, limit=limit)


def _iprev(address: str | Missing) -> Ask[IprevResult | Missing]:
    return settled(address) if isinstance(address, Missing) else iprev(address)


def dmarc_of(
    message: Message,
    author_domain: str,
    spf: SpfResult | Missing,
    dkim: Sequence[DkimResult] | Missing,
    suffixes: Suffixes,
) -> Ask[DmarcResult | Missing]:
    """DMARC over SPF and DKIM. What could not be had of them leaves a fail undecided: ``temperror`` (RFC 9989 section 5.3)."""
    if (cut := cut_header(message)) is not None:
        return cut
    if not author_domain:
        return missing_reasons.not_asked(missing_reasons.NO_AUTHOR)
    result = yield from _evaluate(
        author_domain,
        spf=None if isinstance(spf, Missing) or not spf.domain else (spf.domain, _passed(spf)),
        dkim=() if isinstance(dkim, Missing) else tuple((one.domain, _passed(one)) for one in dkim if one.domain),
        suffixes=suffixes,
    )
    if result.result == "fail" and (isinstance(spf, Missing) or isinstance(dkim, Missing)):
        return msgspec.structs.replace(result, result="temperror")
    return result


def signatures(
    message: Message, envelope: Envelope | Missing, dkim: tuple[DkimResult, ...] | Missing
) -> tuple[DkimResult, ...] | Missing:
    """The signatures. A message that was neither sent nor signed has none yet: SES signs what it sends.

    In a session whose client is not SES's it has been sent, and its having none is a fact.
    """
    if isinstance(envelope, Missing):
        unsent = envelope.reason is missing_reasons.NOT_SENT
    else:
        unsent = envelope.source == "options" or is_ses_host(envelope.helo or "")
    if unsent and not message.all("received") and not message.all("dkim-signature"):
        return missing_reasons.not_asked(missing_reasons.NOT_SENT)
    return _diagnosed(message, dkim)


def _diagnosed(message: Message, dkim: tuple[DkimResult, ...] | Missing) -> tuple[DkimResult, ...] | Missing:
    """The signatures, the first that failed with what was done to the message since they were made."""
    if isinstance(dkim, Missing):
        return dkim
    failed = [index for index, one in enumerate(dkim) if one.result != "pass"][:MAX_DIAGNOSED]
    if not failed:
        return dkim
    from todoku.auth.dkim.damage import diagnose  # noqa: PLC0415 -- 6 ms at start-up that an intact message saves

    return tuple(
        msgspec.structs.replace(one, damage=diagnose(message, one)) if index in failed else one
        for index, one in enumerate(dkim)
    )


_evaluate = remembering(evaluate)


def _passed(result: SpfResult | DkimResult) -> bool | None:
    """Whether it passed; None where we could not look."""
    undecided = result.undecided if isinstance(result, SpfResult) else result.result == "temperror"
    return None if undecided else result.result == "pass"
