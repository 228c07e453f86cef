"""The evidence of a message: the engine that runs all the engines that a look at it needs.

Those that do not need each other run side by side, so that their questions share rounds. SPF is bounded by its own RFC;
everything else shares one allowance of questions a message.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import msgspec

from todoku.auth.arc import ArcResult
from todoku.auth.ask import Allowance, Answer, Ask, ask, limited, settled, together
from todoku.auth.dmarc import ReceiverDmarc, receiver_dmarc
from todoku.auth.domain import MailDomain, mail_domain
from todoku.auth.mail_from_name import MailFromName, mail_from_names
from todoku.auth.memory import remembering
from todoku.auth.spf.tree import SpfTree, spf_tree
from todoku.auth.suffixes import Suffixes
from todoku.causes import missing_reasons
from todoku.causes.circumstances import is_amazon
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS
from todoku.causes.missing_reasons import UNSHOWN
from todoku.causes.unreliable_dns import DNS_SILENT, darkness
from todoku.causes.witnesses.receiver_results import OwnResults, ReceiverResults, passed_then, receiver_results
from todoku.evidence.authentication import (
    DMARC_SPARE,
    MAX_QUESTIONS,
    authenticate,
    cut_header,
    dmarc_of,
    known_envelope,
    signatures,
    spf_of_header_from,
)
from todoku.evidence.facts import Authentication, Evidence, Subject, Surroundings
from todoku.mail.address import Author, parse_author, parse_mailboxes
from todoku.mail.envelope import Envelope
from todoku.mail.links import body_links
from todoku.mail.lint import lint
from todoku.mail.message import Message
from todoku.mail.mime import mime_tree
from todoku.mail.route import Route, trace
from todoku.mail.saved import Saved
from todoku.mail.ses import SesStamp, ses_stamp
from todoku.mail.unsubscribe import unsubscribe
from todoku.words.verdict import Missing

MAX_TREE_QUESTIONS = 60
"""And what the whole SPF records of the sender's domains may cost, of which SPF itself reads as far as it has to."""

T = TypeVar("T")


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

    Longer than a function should be: what is asked, and which fact it becomes, are read side by side.
    """
    message = saved.message
    author = parse_author(message)
    route = trace(message, trust=trust, given=envelope)
    known = known_envelope(envelope, route)
    age_days = _age_days(route, now)
    passed = passed_then(route, age_days)
    mime = mime_tree(message)
    cut = cut_header(message)
    allowance = Allowance(MAX_QUESTIONS)
    ses = ses_stamp(message, None if isinstance(known, Missing) else known)
    of_trees = Allowance(MAX_TREE_QUESTIONS)
    authentication, around, from_spf, (trees, names) = yield from together(
        authenticate(message, known, author.domain, now=now, suffixes=suffixes, allowance=allowance, passed=passed),
        limited(surroundings(message, known, author.domain, suffixes), allowance, spare=DMARC_SPARE),
        spf_of_header_from(known, author) if header_from_spf else settled(UNSHOWN),
        limited(
            together(_spf_trees(known, author.domain, suffixes), _mail_from_names(ses, author.domain, suffixes)),
            of_trees,
        ),
    )
    dark = yield from limited(darkness(_answers(authentication, around)), allowance)
    if dark is not None:
        authentication, around = _in_the_dark(authentication, around, dark)
    forwarded = _by_forwarder(envelope, route)
    dkim = signatures(message, known, authentication.dkim)
    said = receiver_dmarc(route.trusted, author.domain, suffixes, found=authentication.dmarc)
    seen = Evidence(
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
        ses=ses,
        age_days=age_days,
        tls=forwarded
        or (
            known if isinstance(known, Missing) else known.tls or missing_reasons.not_asked(missing_reasons.NO_ENVELOPE)
        ),
        spf=authentication.spf,
        dkim=dkim,
        dmarc=authentication.dmarc,
        receiver_dmarc=said,
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
    if said is None:
        return seen
    reported = yield from _reported(seen, message, author, route, ses, said, suffixes, allowance)
    return msgspec.structs.replace(seen, reported=reported, refused=(*allowance.refused, *of_trees.refused))


def _reported(
    seen: Evidence,
    message: Message,
    author: Author,
    route: Route,
    ses: SesStamp,
    said: ReceiverDmarc,
    suffixes: Suffixes,
    allowance: Allowance,
) -> Ask[ReceiverResults | None]:
    """The receiver's own results, where ours could not be had."""
    ours = OwnResults(
        message=message,
        author_domain=author.domain,
        route=route,
        envelope=seen.envelope,
        ses=ses,
        age_days=seen.age_days,
        mail_from_domain=seen.mail_from_domain,
        spf=seen.spf,
        dkim=seen.dkim,
        dmarc=seen.dmarc,
    )
    return (
        yield from receiver_results(
            ours, said, lambda spf, dkim: limited(dmarc_of(message, author.domain, spf, dkim, suffixes), allowance)
        )
    )


def _by_forwarder(given: Envelope | None, route: Route) -> Missing | None:
    """Why the address and the TLS of the envelope say nothing of the sender; None where they do, or where a person gave them."""
    is_given = given is not None and given.ip is not None
    return missing_reasons.not_asked(missing_reasons.BY_FORWARDER) if route.by_forwarder and not is_given else None


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


_spf_tree = remembering(spf_tree)


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
