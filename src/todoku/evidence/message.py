"""Everything that was seen of a subject, and the engine that runs all the engines that a look at it needs.

``Evidence`` is frozen; every field is a value or ``Missing`` with why. Requirements name the fields they need as
parameters of their ``decide``. The engines that do not need each other run side by side, so that their questions share
rounds. SPF is bounded by its own RFC; everything else shares one allowance of questions a message.

A little longer than a module should be: a field, what it rests on and what leaves it unknown are read side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeVar

import msgspec

from todoku.account.identity import SesIdentity
from todoku.account.reputation import Reputation
from todoku.account.sending import ConfigurationSet, Recommendation, SesAccount
from todoku.auth.arc import ArcResult, validate
from todoku.auth.ask import Allowance, Answer, Ask, ask, limited, settled, together
from todoku.auth.dkim.verify import DkimResult, verify
from todoku.auth.dmarc import DmarcResult, ReceiverDmarc, evaluate, receiver_dmarc
from todoku.auth.domain import MailDomain, mail_domain
from todoku.auth.iprev import IprevResult, iprev
from todoku.auth.mail_from_name import MailFromName, mail_from_names
from todoku.auth.memory import remembering
from todoku.auth.setup import DomainSetup
from todoku.auth.spf import SpfResult, check_identity
from todoku.auth.spf.tree import SpfTree, spf_tree
from todoku.auth.suffixes import Suffixes
from todoku.causes import missing_reasons
from todoku.causes.circumstances import is_amazon
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS
from todoku.causes.missing_reasons import NO_ACCOUNT, NO_SETUP, NO_STORE, UNSHOWN
from todoku.causes.unreliable_dns import DNS_SILENT, darkness
from todoku.causes.witnesses.receiver_results import OwnResults, ReceiverResults, passed_then, receiver_results
from todoku.feedback.compliance import Compliance
from todoku.feedback.traffic import Traffic
from todoku.mail.address import Author, parse_author, parse_mailboxes
from todoku.mail.envelope import Envelope, Tls
from todoku.mail.links import BodyLinks, body_links
from todoku.mail.lint import Defect, lint
from todoku.mail.message import Message
from todoku.mail.mime import Mime, mime_tree
from todoku.mail.route import Route, trace
from todoku.mail.saved import Saved
from todoku.mail.ses import SesStamp, is_ses_host, ses_stamp
from todoku.mail.unsubscribe import Unsubscribe, unsubscribe
from todoku.words.verdict import Missing

MAX_QUESTIONS = 60
"""DNS questions that one message may cost beyond those of SPF, which RFC 7208 section 4.6.4 bounds."""
DMARC_SPARE = 20
"""Of these are kept for DMARC, whose questions come last: a chain of ARC or PTR names must not use them up."""

MAX_TREE_QUESTIONS = 60
"""And what the whole SPF records of the sender's domains may cost, of which SPF itself reads as far as it has to."""

MAX_DIAGNOSED = 3
"""Signatures of one message that failed, for which the way back to what was signed is searched: it costs milliseconds."""

T = TypeVar("T")


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked at, and by what name a person knows it."""

    kind: Literal["message", "domain", "account"]
    name: str


class Authentication(msgspec.Struct, frozen=True, kw_only=True):
    """What the engines say of a message and its envelope."""

    spf: SpfResult | Missing
    dkim: tuple[DkimResult, ...] | Missing
    arc: ArcResult | Missing
    iprev: IprevResult | Missing
    dmarc: DmarcResult | Missing


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """The facts. A requirement's ``decide`` may also ask for ``terms``.

    ``age_days``: from the message's arrival, which only the border hop tells, to ``at``. ``mail_from_domain`` is missing for a
    null reverse-path. ``reply_domain``: where replies go. ``helo_addresses``: the HELO name looked up, which comes before
    the PTR when a person follows it with dig. ``from_apex_txt``: TXT at the From's organizational domain; does it include
    amazonses.com in vain? ``spf_trees``: the records by which somebody may pass SPF as the sender, those of MAIL FROM, From and its
    organization, each domain once. ``mail_from_names``: the usual names for a custom MAIL FROM domain, where there is none. ``setup``: where a domain was looked at, what DNS holds for it; ``author`` is then the From domain
    alone, ``ses`` that SES is to send, and all that only a message shows is missing. Of an account, ``broader`` are the
    identities that this one takes precedence over and ``wider`` what SES says of the first; ``elsewhere`` the other regions in
    which it is verified, None where these were not read. ``traffic`` and ``compliance`` are what a store holds of the domain, or
    of the one above it. ``dns``: why the DNS that was asked tells nothing, where it does not.
    """

    subject: Subject
    at: datetime | None
    shape_notes: tuple[str, ...] = ()
    message: Message | Missing = UNSHOWN
    author: Author | Missing
    route: Route | Missing = UNSHOWN
    envelope: Envelope | Missing = UNSHOWN
    mime: Mime | Missing = UNSHOWN
    defects: tuple[Defect, ...] | Missing = UNSHOWN
    unsubscribe: Unsubscribe | Missing = UNSHOWN
    links: BodyLinks | Missing = UNSHOWN
    ses: SesStamp | Missing
    age_days: float | Missing = UNSHOWN
    tls: Tls | Missing = UNSHOWN
    spf: SpfResult | Missing = UNSHOWN
    dkim: tuple[DkimResult, ...] | Missing = UNSHOWN
    dmarc: DmarcResult | Missing
    receiver_dmarc: ReceiverDmarc | None = None  # None: no results of a receiver that may be believed
    reported: ReceiverResults | None = None  # None: as above, or we know it all ourselves
    arc: ArcResult | Missing = UNSHOWN
    iprev: IprevResult | Missing = UNSHOWN
    header_from_spf: SpfResult | Missing = UNSHOWN  # of the domain in From: docomo asks for it beside that of MAIL FROM
    helo_addresses: Answer | Missing = UNSHOWN
    mail_from_domain: MailDomain | Missing = UNSHOWN
    author_domain: MailDomain | Missing
    reply_domain: MailDomain | Missing
    from_apex_txt: Answer | Missing
    spf_trees: tuple[SpfTree, ...] | Missing = UNSHOWN
    mail_from_names: tuple[MailFromName, ...] | Missing = UNSHOWN
    setup: DomainSetup | Missing = Missing("not-asked", NO_SETUP)
    identity: SesIdentity | Missing = NO_ACCOUNT
    account: SesAccount | Missing = NO_ACCOUNT
    configuration_set: ConfigurationSet | Missing | None = NO_ACCOUNT
    addresses: tuple[IprevResult, ...] | Missing = NO_ACCOUNT
    broader: tuple[str, ...] | Missing = NO_ACCOUNT
    wider: SesIdentity | Missing | None = NO_ACCOUNT
    elsewhere: tuple[str, ...] | None = None
    recommendations: tuple[Recommendation, ...] | Missing = NO_ACCOUNT
    reputation: Reputation | Missing = NO_ACCOUNT
    traffic: Traffic | Missing = NO_STORE
    compliance: Compliance | Missing = NO_STORE
    dns: Missing | None = None
    refused: tuple[Answer, ...] = ()  # to questions beyond our own bound


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What DNS says of the names around a message."""

    helo_addresses: Answer | Missing
    mail_from_domain: MailDomain | Missing
    author_domain: MailDomain | Missing
    reply_domain: MailDomain | Missing
    from_apex_txt: Answer | Missing


def gather(
    saved: Saved,
    *,
    name: str,
    now: datetime | None,
    suffixes: Suffixes,
    envelope: Envelope | None = None,
    trust: str | None = None,
    header_from_spf: bool = False,
) -> Ask[Evidence]:
    """The evidence of one message. ``envelope`` is what is known better than its Received fields; ``trust`` an
    authserv-id to believe, or ``none``. ``header_from_spf``: SPF is looked up for the domain in From too.
    """
    message = saved.message
    author = parse_author(message)
    route = trace(message, trust=trust, given=envelope)
    known = known_envelope(envelope, route)
    age_days = _age_days(route, now)
    passed = passed_then(route, age_days)
    mime = mime_tree(message)
    cut = _cut_header(message)
    allowance = Allowance(MAX_QUESTIONS)
    ses = ses_stamp(message, None if isinstance(known, Missing) else known)
    of_trees = Allowance(MAX_TREE_QUESTIONS)
    authentication, around, from_spf, (trees, names) = yield from together(
        authenticate(message, known, author.domain, now=now, suffixes=suffixes, allowance=allowance, passed=passed),
        limited(surroundings(message, known, author.domain, suffixes), allowance, spare=DMARC_SPARE),
        _spf_of_header_from(known, author) if header_from_spf else settled(UNSHOWN),
        limited(
            together(_spf_trees(known, author.domain, suffixes), _mail_from_names(ses, author.domain, suffixes)),
            of_trees,
        ),
    )
    dark = yield from limited(darkness(_answers(authentication, around)), allowance)
    if dark is not None:
        authentication, around = _in_the_dark(authentication, around, dark)
    forwarded = _by_forwarder(envelope, route)
    stamp = ses_stamp(message, None if isinstance(known, Missing) else known)
    dkim = _signatures(message, known, authentication.dkim)
    said = receiver_dmarc(route.trusted, author.domain, suffixes, found=authentication.dmarc)
    reported = None
    if said is not None:
        ours = OwnResults(
            message=message,
            author_domain=author.domain,
            route=route,
            envelope=known,
            ses=stamp,
            age_days=age_days,
            mail_from_domain=around.mail_from_domain,
            spf=authentication.spf,
            dkim=dkim,
            dmarc=authentication.dmarc,
        )
        reported = yield from receiver_results(
            ours, said, lambda spf, dkim: limited(_dmarc(message, author.domain, spf, dkim, suffixes), allowance)
        )
    return Evidence(
        subject=Subject(kind="message", name=name),
        at=now,
        shape_notes=saved.notes,
        message=message,
        author=cut or author,
        route=route,
        envelope=known,
        mime=mime,
        defects=lint(message, mime, author, now=now),
        unsubscribe=cut or unsubscribe(message),
        links=missing_reasons.not_asked(missing_reasons.HEADERS_ONLY)
        if message.headers_only
        else body_links(message, mime),
        ses=stamp,
        age_days=age_days,
        tls=forwarded
        or (
            known if isinstance(known, Missing) else known.tls or missing_reasons.not_asked(missing_reasons.NO_ENVELOPE)
        ),
        spf=authentication.spf,
        dkim=dkim,
        dmarc=authentication.dmarc,
        receiver_dmarc=said,
        reported=reported,
        arc=authentication.arc,
        iprev=forwarded or authentication.iprev,
        header_from_spf=from_spf if dark is None or isinstance(from_spf, Missing) else dark,
        helo_addresses=around.helo_addresses,
        mail_from_domain=around.mail_from_domain,
        author_domain=around.author_domain,
        reply_domain=around.reply_domain,
        from_apex_txt=around.from_apex_txt,
        spf_trees=dark or trees,
        mail_from_names=dark or names,
        dns=dark,
        refused=(*allowance.refused, *of_trees.refused),
    )


def _by_forwarder(given: Envelope | None, route: Route) -> Missing | None:
    """Why the address and the TLS of the envelope say nothing of the sender; None where they do, or where a person gave them."""
    is_given = given is not None and given.ip is not None
    return missing_reasons.not_asked(missing_reasons.BY_FORWARDER) if route.by_forwarder and not is_given else None


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
    dmarc = yield from limited(_dmarc(message, author_domain, spf, dkim, suffixes), allowance)
    return Authentication(spf=spf, dkim=dkim, arc=arc, iprev=reverse, dmarc=dmarc)


def _spf(envelope: Envelope | Missing) -> Ask[SpfResult | Missing]:
    if isinstance(envelope, Missing):
        return settled(envelope)
    if envelope.ip is None or envelope.mail_from is None:
        return settled(missing_reasons.not_asked(missing_reasons.NO_ENVELOPE))
    return check_identity(envelope.ip, envelope.mail_from, envelope.helo or "")


def _spf_of_header_from(envelope: Envelope | Missing, author: Author) -> Ask[SpfResult | Missing]:
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


def _cut_header(message: Message) -> Missing | None:
    """Why nothing can be said that needs the whole header, or None: a second From may stand beyond a limit of ours."""
    limit = next((one for one in message.limits if one in ("header-size", "field-count")), None)
    return None if limit is None else missing_reasons.could_not_look(missing_reasons.OVER_LIMIT, limit=limit)


def _iprev(address: str | Missing) -> Ask[IprevResult | Missing]:
    return settled(address) if isinstance(address, Missing) else iprev(address)


def _dmarc(
    message: Message,
    author_domain: str,
    spf: SpfResult | Missing,
    dkim: Sequence[DkimResult] | Missing,
    suffixes: Suffixes,
) -> Ask[DmarcResult | Missing]:
    """DMARC over SPF and DKIM. What could not be had of them leaves a fail undecided: ``temperror`` (RFC 9989 section 5.3)."""
    if (cut := _cut_header(message)) is not None:
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


def _signatures(
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
_spf_tree = remembering(spf_tree)


def _passed(result: SpfResult | DkimResult) -> bool | None:
    """Whether it passed; None where we could not look."""
    undecided = result.undecided if isinstance(result, SpfResult) else result.result == "temperror"
    return None if undecided else result.result == "pass"


def surroundings(
    message: Message, envelope: Envelope | Missing, author_domain: str, suffixes: Suffixes
) -> Ask[Surroundings]:
    """The HELO name forward, and whether the domains of MAIL FROM, From and Reply-To exist and take mail."""
    no_author = missing_reasons.not_asked(missing_reasons.NO_AUTHOR)
    mail_from = envelope if isinstance(envelope, Missing) else envelope.mail_from_domain
    reply = _reply_domain(message) or author_domain
    addresses, sender, author, (replies, apex) = yield from together(
        _helo_addresses(envelope),
        _domain(mail_from or missing_reasons.not_asked(missing_reasons.NO_MAIL_FROM)),
        _domain(author_domain or no_author),
        together(
            _domain(reply or no_author),
            _answer(suffixes.organizational_domain(author_domain) if author_domain else no_author, "TXT"),
        ),
    )
    return Surroundings(
        helo_addresses=addresses,
        mail_from_domain=sender,
        author_domain=author,
        reply_domain=replies,
        from_apex_txt=apex,
    )


def _answers(authentication: Authentication, around: Surroundings) -> tuple[Answer, ...]:
    """Every answer of the DNS, each once."""
    found: list[Answer | None] = []
    for domain in (around.mail_from_domain, around.author_domain, around.reply_domain):
        found += () if isinstance(domain, Missing) else (domain.soa, domain.mx, *domain.addresses)
    found += [one for one in (around.helo_addresses, around.from_apex_txt) if not isinstance(one, Missing)]
    found += () if isinstance(authentication.dkim, Missing) else (one.key for one in authentication.dkim)
    if not isinstance(authentication.iprev, Missing):
        found += (authentication.iprev.ptr, *authentication.iprev.forward)
    for result in (authentication.spf, authentication.dmarc, authentication.arc):
        found += () if isinstance(result, Missing) else result.answers
    return tuple({one.question: one for one in found if one is not None}.values())


def _in_the_dark(
    authentication: Authentication, around: Surroundings, dark: Missing
) -> tuple[Authentication, Surroundings]:
    """The facts without what the DNS said of them. What is known without it stays: that nothing was signed or sealed.

    A DNS that is silent leaves SPF, DKIM and DMARC as they are: ``temperror``, with the names that they are about.
    """
    dkim, arc = authentication.dkim, authentication.arc
    unseen = msgspec.structs.replace(authentication, iprev=_hidden(authentication.iprev, dark))
    if isinstance(arc, ArcResult) and arc.sets:
        unseen = msgspec.structs.replace(unseen, arc=dark)
    if dark.reason is not DNS_SILENT:
        spf, dmarc = _hidden(authentication.spf, dark), _hidden(authentication.dmarc, dark)
        unseen = msgspec.structs.replace(unseen, spf=spf, dmarc=dmarc, dkim=_hidden(dkim, dark) if dkim else dkim)
    return unseen, Surroundings(
        helo_addresses=_hidden(around.helo_addresses, dark),
        mail_from_domain=_hidden(around.mail_from_domain, dark),
        author_domain=_hidden(around.author_domain, dark),
        reply_domain=_hidden(around.reply_domain, dark),
        from_apex_txt=_hidden(around.from_apex_txt, dark),
    )


def _hidden(fact: object, dark: Missing) -> Missing:
    """Why a fact is not to be had: its own reason comes before that of the DNS."""
    return fact if isinstance(fact, Missing) else dark


def _helo_addresses(envelope: Envelope | Missing) -> Ask[Answer | Missing]:
    if isinstance(envelope, Missing):
        return settled(envelope)
    if not envelope.helo or envelope.ip is None:
        return settled(missing_reasons.not_asked(missing_reasons.NO_ENVELOPE))
    return ask(envelope.helo, "AAAA" if ":" in envelope.ip else "A")


def _spf_trees(envelope: Envelope | Missing, author_domain: str, suffixes: Suffixes) -> Ask[tuple[SpfTree, ...]]:
    """Of the domains that a stranger may put in MAIL FROM to pass as this sender; SES and mailbox providers keep their own."""
    sender = "" if isinstance(envelope, Missing) else envelope.mail_from_domain
    names = (sender, author_domain, suffixes.organizational_domain(author_domain) if author_domain else "")
    asked = (name for name in dict.fromkeys(names) if name and name not in CONSUMER_DOMAINS and not is_amazon(name))
    return (yield from together(*map(_spf_tree, asked)))


def _mail_from_names(ses: SesStamp, author_domain: str, suffixes: Suffixes) -> Ask[tuple[MailFromName, ...]]:
    """Where SES sent with its own MAIL FROM domain: what one of the sender's own could be called."""
    if ses.mail_from != "default" or not author_domain or author_domain in CONSUMER_DOMAINS:
        return settled(())
    return mail_from_names(suffixes.organizational_domain(author_domain))


def _answer(name: str | Missing, rdtype: str) -> Ask[Answer | Missing]:
    return settled(name) if isinstance(name, Missing) else ask(name, rdtype)


def _domain(name: str | Missing) -> Ask[MailDomain | Missing]:
    return settled(name) if isinstance(name, Missing) else mail_domain(name)


def _reply_domain(message: Message) -> str:
    field = message.first("reply-to")
    addresses = parse_mailboxes(field.body)[0] if field is not None else ()
    return addresses[0].domain if addresses else ""


def _age_days(route: Route, now: datetime | None) -> float | Missing:
    """Days from the arrival at the receiver until now. The Date field is the sender's word, and would excuse what is missing."""
    arrived = None if route.border is None else route.hops[route.border].date
    if arrived is None or now is None:
        return missing_reasons.not_asked(missing_reasons.NO_CLOCK)
    return (now - arrived).total_seconds() / 86_400
