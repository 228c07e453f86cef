"""Everything that was seen of a message, a domain or an identity: frozen, every field a value or ``Missing`` with why.

Requirements name the fields that they need as parameters of their ``decide``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from todoku.account.identity import SesIdentity
from todoku.account.reputation import Reputation
from todoku.account.sending import ConfigurationSet, Recommendation, SesAccount
from todoku.auth.arc import ArcResult
from todoku.auth.ask import Answer
from todoku.auth.dkim.verify import DkimResult
from todoku.auth.dmarc import DmarcResult, ReceiverDmarc
from todoku.auth.domain import MailDomain
from todoku.auth.iprev import IprevResult
from todoku.auth.mail_from_name import MailFromName
from todoku.auth.setup import DomainSetup
from todoku.auth.spf import SpfResult
from todoku.auth.spf.tree import SpfTree
from todoku.causes.missing_reasons import NO_ACCOUNT, NO_SETUP, NO_STORE, UNSHOWN
from todoku.causes.witnesses.receiver_results import ReceiverResults
from todoku.feedback.compliance import Compliance
from todoku.feedback.traffic import Traffic
from todoku.mail.address import Author
from todoku.mail.envelope import Envelope, Tls
from todoku.mail.links import BodyLinks
from todoku.mail.lint import Defect
from todoku.mail.message import Message
from todoku.mail.mime import Mime
from todoku.mail.route import Route
from todoku.mail.ses import SesStamp
from todoku.mail.unsubscribe import Unsubscribe
from todoku.words.verdict import Missing


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
