"""How to look and by which rules to judge, as a caller says it, and the terms that follow."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Literal, get_args

import msgspec

from todoku.arguments import aware, names_of, one_of, texts
from todoku.evidence.facts import Evidence
from todoku.mail.envelope import Envelope
from todoku.receivers import ASKED_BY_DEFAULT, FACTS
from todoku.words.accept import Accept
from todoku.words.verdict import Missing, Purpose, Receiver, Terms


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How to look at a message and by which rules to judge it; with the answers of the DNS, all that a report depends on.

    ``envelope`` is what is known better than the message's own Received fields. ``trust`` is an authserv-id to believe, or
    ``none``. ``receivers`` None: the four, and of Japan's those to whose mailboxes the message is addressed. ``now`` (aware) dates
    the look; None judges no times. ``as_of`` None: the day of the look. ``purpose`` None:
    marketing where the message carries List-* fields of the sender's. ``volume`` None: bulk, unless an SES account could not send that much.
    Of a domain, ``selectors`` are those that it signs with, and the envelope's MAIL FROM names its custom MAIL FROM domain.
    ``stored``: a store is asked too, for what Gmail and SES count of a domain or an account. ``accepts``: what its owner has
    accepted not to meet. Raises ``UsageError`` for a value that is none of those allowed.
    """

    envelope: Envelope | None = None
    trust: str | None = None
    now: datetime | None = None
    as_of: date | None = None
    receivers: tuple[Receiver, ...] | None = None
    volume: Literal["bulk", "small"] | None = None
    purpose: Purpose | None = None
    selectors: tuple[str, ...] = ()
    stored: bool = False
    accepts: tuple[Accept, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what would be judged as if it were something else."""
        aware("now", self.now)
        if self.receivers is not None:
            names_of("receivers", self.receivers, tuple(FACTS))
        if self.volume is not None:
            one_of("volume", self.volume, ("bulk", "small"))
        if self.purpose is not None:
            one_of("purpose", self.purpose, get_args(Purpose))
        texts("selectors", self.selectors)


def terms_for(evidence: Evidence, settings: Settings) -> Terms:
    """The terms to judge by, with what was left open read from the evidence: the day of the look, the mail's purpose."""
    purpose = settings.purpose
    if purpose is None:
        purpose = "marketing" if _has_list_fields(evidence) else "unstated"
    return terms(settings, purpose, settings.volume or "bulk")


def _has_list_fields(evidence: Evidence) -> bool:
    """Whether the sender put List-* fields into the message; of those of a mailing list that it went through, no.

    Which are whose shows by what the sender signed: SES, or the customer through it.
    """
    unsubscribe, route, dkim, ses = evidence.unsubscribe, evidence.route, evidence.dkim, evidence.ses
    if isinstance(unsubscribe, Missing) or not unsubscribe.list_headers:
        return False
    if isinstance(route, Missing) or not route.mailing_list:
        return True
    if isinstance(dkim, Missing) or isinstance(ses, Missing):
        return False
    of_sender = (
        one.signed for one in dkim if one.result == "pass" and one.domain in ("amazonses.com", ses.own_signature)
    )
    there = {name.lower() for name in unsubscribe.list_headers}
    return any(not there.isdisjoint(signed) for signed in of_sender)


def terms(settings: Settings, purpose: Purpose, volume: Literal["bulk", "small"]) -> Terms:
    """The terms of these settings, with the purpose and volume given; the day of the look where none is named."""
    day = settings.as_of or (settings.now or datetime.now(UTC)).date()
    return Terms(as_of=day, receivers=settings.receivers or ASKED_BY_DEFAULT, volume=volume, purpose=purpose)
