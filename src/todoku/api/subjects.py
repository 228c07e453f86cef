"""A message or a domain, judged: ``check`` and ``check_domain``, and the engines that the command runs in its own ways."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from todoku.api.driver import drive
from todoku.api.message_source import MessageSource, octets_of
from todoku.api.settings import Settings, terms_for
from todoku.arguments import text, texts
from todoku.auth.ask import Ask, Look, dns
from todoku.evidence.domain import gather_domain
from todoku.evidence.facts import Evidence
from todoku.evidence.message import gather
from todoku.evidence.traffic import with_traffic
from todoku.judging.judge import Report, accepting, report
from todoku.mail.address import parse_mailboxes
from todoku.mail.domain_name import ascii_domain
from todoku.mail.envelope import Envelope
from todoku.mail.message import Message
from todoku.mail.saved import read_message
from todoku.net.drivers import Source, Transcript, recording, recording_look
from todoku.net.suffix_list import bundled_suffixes
from todoku.receivers import ASKED_BY_DEFAULT, receiver_of_mailbox
from todoku.requirements import header_from_spf
from todoku.words.errors import UsageError
from todoku.words.verdict import Receiver, Text


def check(
    raw: MessageSource,
    envelope: Envelope | None = None,
    *,
    resolver: Source | None = None,
    now: datetime | None = None,
    name: str = "message",
    settings: Settings | None = None,
) -> Report:
    """The report that ``todoku check`` prints, for a saved message in any shape a person saves it: octets, a path, an ``EmailMessage``.

    With the address of an envelope the message is taken as it came over SMTP, and no field in it for the receiver's own.
    ``settings`` say more than ``envelope`` and ``now`` do, and stand in for them. Raises ``NotAMessage``; ``UsageError`` for a
    file that cannot be read.
    """
    return drive(checking(octets_of(raw), settings or Settings(envelope=envelope, now=now), name), resolver)


def checking(raw: bytes, settings: Settings, name: str) -> Ask[Report]:
    """The engine of ``check``: gathers, judges, and keeps the transcript."""
    saved = read_message(raw, settings.envelope)
    receivers = settings.receivers or (*ASKED_BY_DEFAULT, *addressed(saved.message))
    settings = msgspec.structs.replace(settings, receivers=receivers)
    engine = gather(
        saved,
        name=name,
        now=settings.now,
        suffixes=bundled_suffixes(),
        envelope=settings.envelope,
        trust=settings.trust,
        header_from_spf=any(clause.receiver in receivers for clause in header_from_spf.REQUIREMENT.clauses),
    )
    return (yield from _reported(engine, settings))


def addressed(message: Message) -> tuple[Receiver, ...]:
    """Those of Japan's receivers to whose mailboxes a message is addressed, in To or Cc."""
    fields = (*message.all("to"), *message.all("cc"))
    domains = [mailbox.domain for field in fields for mailbox in parse_mailboxes(field.body)[0]]
    return tuple(dict.fromkeys(found for domain in domains if (found := receiver_of_mailbox(domain)) is not None))


def _reported(engine: Ask[Evidence], settings: Settings) -> Ask[Report]:
    """The report on what the engine gathers, with every answer: those that a bound of ours gave too."""
    transcript = Transcript()
    evidence = yield from recording(engine, transcript)
    for answer in evidence.refused:
        transcript.add(answer)
    return accepting(report(evidence, terms_for(evidence, settings), transcript), settings.accepts)


def check_domain(
    name: str,
    *,
    selectors: Sequence[str] = (),
    resolver: Source | None = None,
    now: datetime | None = None,
    settings: Settings | None = None,
) -> Report:
    """The report that ``todoku check example.com`` prints: what DNS alone shows, before anything is sent.

    ``name`` may hold U-labels. ``settings`` say more than ``now`` does, and stand in for it; ``selectors`` are added to
    theirs. Raises ``UsageError`` where ``name`` is no domain name.
    """
    return drive(checking_domain(name, domain_settings(settings, selectors, now)), resolver)


def domain_settings(settings: Settings | None, selectors: Sequence[str], now: datetime | None) -> Settings:
    """The settings of a look at a domain, with the selectors."""
    texts("selectors", selectors)
    known = settings or Settings(now=now)
    return msgspec.structs.replace(known, selectors=(*known.selectors, *selectors))


def checking_domain(name: str, settings: Settings) -> Ask[Report]:
    """The engine of ``check_domain``. A function, so that a name that is none is refused before anything is asked."""
    text("name", name)
    domain = ascii_domain(name)
    if domain is None:
        raise UsageError(Text(f"{name!r} is not a domain name", f"{name!r} はドメイン名ではありません"))
    return _checking_domain(domain, settings)


def _checking_domain(domain: str, settings: Settings) -> Ask[Report]:
    mail_from = _given_mail_from(settings)
    engine = gather_domain(
        domain,
        selectors=settings.selectors,
        mail_from_domains=mail_from,
        now=settings.now,
        suffixes=bundled_suffixes(),
    )
    return (yield from _reported(engine, settings))


def checking_stored_domain(name: str, settings: Settings) -> Look[Report]:
    """The engine of ``check_domain`` that asks a store too. Raises ``UsageError`` where ``name`` is no domain name."""
    asked = msgspec.structs.replace(settings, stored=False)
    return _with_stored(checking_domain(name, asked), settings)


def _with_stored(engine: Ask[Report], settings: Settings) -> Look[Report]:
    seen = yield from dns(engine)
    transcript = Transcript()
    evidence = yield from recording_look(with_traffic(seen.evidence, bundled_suffixes()), transcript)
    judged = report(evidence, terms_for(evidence, settings), seen.transcript, transcript.replies)
    return accepting(judged, settings.accepts)


def _given_mail_from(settings: Settings) -> tuple[str, ...]:
    """The custom MAIL FROM domain that the user named, as an address or as the domain alone. Raises ``UsageError``."""
    given = "" if settings.envelope is None else (settings.envelope.mail_from or "").rpartition("@")[2].strip("<> ")
    if not given:
        return ()
    domain = ascii_domain(given)
    if domain is None:
        raise UsageError(Text(f"{given!r} is not a domain name", f"{given!r} はドメイン名ではありません"))
    return (domain,)
