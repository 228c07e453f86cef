"""Everything that was seen of a subject, and the engine that runs all the engines that a look at it needs.

``Evidence`` is frozen; every field is a value or ``Missing`` with why. Requirements name the fields they need as
parameters of their ``decide``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from todoku.auth.arc import ArcResult
from todoku.auth.ask import Answer
from todoku.auth.dkim.verify import DkimResult
from todoku.auth.dmarc import DmarcResult
from todoku.auth.domain import MailDomain
from todoku.auth.iprev import IprevResult
from todoku.auth.spf import SpfResult
from todoku.mail.address import Author
from todoku.mail.envelope import Envelope, Tls
from todoku.mail.links import BodyLinks
from todoku.mail.lint import Defect
from todoku.mail.message import Message
from todoku.mail.mime import Mime
from todoku.mail.route import Route
from todoku.mail.ses import SesStamp
from todoku.mail.unsubscribe import Unsubscribe
from todoku.verdict import Missing


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked at, and by what name a person knows it."""

    kind: Literal["message", "domain", "account"]
    name: str


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """The facts. A requirement's ``decide`` may also ask for ``terms``.

    ``age_days``: from the message's arrival (border hop's date, else Date) to ``at``. ``sender_domains``: the MAIL FROM
    domain (absent for a null reverse-path) and the From domain, by role. ``reply_domain``: the domain that replies go to.
    """

    subject: Subject
    at: datetime | None
    message: Message | Missing
    shape_notes: tuple[str, ...] = ()
    author: Author | Missing
    route: Route | Missing
    envelope: Envelope | Missing
    mime: Mime | Missing
    defects: tuple[Defect, ...] | Missing
    unsubscribe: Unsubscribe | Missing
    links: BodyLinks | Missing
    ses: SesStamp | Missing
    age_days: float | Missing
    tls: Tls | Missing
    spf: SpfResult | Missing
    dkim: tuple[DkimResult, ...] | Missing
    dmarc: DmarcResult | Missing
    arc: ArcResult | Missing
    iprev: IprevResult | Missing
    helo: Answer | Missing  # the forward look-up of the HELO name
    mail_from_domain: MailDomain | Missing
    author_domain: MailDomain | Missing
    reply_domain: MailDomain | Missing
    from_apex_spf: Answer | Missing  # TXT of the From's organizational domain: does it include amazonses.com in vain?
