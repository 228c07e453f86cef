"""The JSON report, version 1, as types: what the encoder writes and what ``todoku schema report`` prints.

Fields are added, never renamed or dropped, within a version.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from todoku.account.identity import SesIdentity
from todoku.account.reputation import Reputation
from todoku.account.sending import SesAccount
from todoku.account.suppression import SuppressionList
from todoku.words.change import Change
from todoku.words.verdict import (
    Certainty,
    Consequence,
    Exhibit,
    Level,
    Receiver,
    Result,
    Text,
    Value,
    Volume,
    WitnessKind,
)

REPORT_VERSION = 1


class Tool(msgspec.Struct, frozen=True):
    """Which program and which state of the rules made the report."""

    version: str
    report: int
    rules: str  # the day on which the receivers' pages were last read


class SubjectPart(msgspec.Struct, frozen=True):
    """What was looked at; ``notes`` are tags of what was normalised to read it."""

    kind: Literal["message", "domain", "account"]
    name: str
    notes: tuple[str, ...] = ()
    age_days: float | None = None


class SesDefaultPart(msgspec.Struct, frozen=True):
    """Whether SES meets a requirement by itself; null where it depends on what you do.

    ``source`` is "" and ``documented`` false where no page says so and it was only seen in real mail.
    """

    met: bool | None
    text: Text
    source: str
    documented: bool = True


class RequirementPart(msgspec.Struct, frozen=True):
    """A requirement that a verdict speaks of."""

    title: Text
    ses_default: SesDefaultPart
    setup_page: Text
    google_row: str = ""


class WitnessPart(msgspec.Struct, frozen=True):
    """What one witness said by itself."""

    kind: WitnessKind
    result: Result
    reason: str


class NotePart(msgspec.Struct, frozen=True):
    """A further thing worth reading."""

    reason: str
    values: dict[str, Value]
    text: Text
    exhibits: tuple[Exhibit, ...]


class VerdictPart(msgspec.Struct, frozen=True):
    """One verdict. ``fix`` are ids in ``fixes``; ``missing`` stands with ``unknown`` only.

    ``certain`` says how sure it is that the receiver asks for it: ``undated`` is its own text in a copy without a date,
    ``reported`` what only others say of it. ``consequence`` has its own.
    """

    requirement: str
    receiver: Receiver
    about: dict[str, str] | None
    volume: Volume
    level: Level
    since: str | None
    source: str
    result: Result
    reason: str
    values: dict[str, Value]
    text: Text
    missing: Literal["not-asked", "could-not-look"] | None
    exhibits: tuple[Exhibit, ...]
    notes: tuple[NotePart, ...]
    witnesses: tuple[WitnessPart, ...]
    fix: tuple[str, ...]
    consequence: Consequence
    certain: Certainty
    since_seen: bool  # "since" is only the first day on which the rule was seen: the receiver names none
    reported_by: str = ""  # the receiver on whose Authentication-Results it rests, where we could not look ourselves


class FixPart(msgspec.Struct, frozen=True):
    """A fix with real names filled in, and the reason tags that it mends. ``advice``: no requirement is unmet without it.

    ``about``: of an account, the identity and region of which it is.
    """

    id: str
    title: Text
    mends: tuple[str, ...]
    changes: tuple[Change, ...]
    advice: bool = False
    about: dict[str, str] | None = None


class SpfPart(msgspec.Struct, frozen=True):
    """SPF: RFC 7208."""

    result: str
    domain: str
    cause: str
    identity: str
    ip: str
    aligned: bool | None
    record: str
    term: str
    lookups: int
    voids: int


class DkimPart(msgspec.Struct, frozen=True):
    """One DKIM signature: RFC 6376."""

    result: str
    cause: str
    domain: str
    selector: str
    aligned: bool | None  # null where DNS did not let us know
    algorithm: str
    key_bits: int | None
    offset: int


class DmarcPart(msgspec.Struct, frozen=True):
    """DMARC by RFC 9989, with what the suffix list would give beside it."""

    result: str
    policy: str | None
    domain: str
    organizational_domain: str
    record_domain: str | None
    record: str | None
    discovery: Literal["treewalk", "psl"]
    methods_differ: bool
    by_suffix_list: str


class ArcPart(msgspec.Struct, frozen=True):
    """The ARC chain: RFC 8617."""

    result: str
    cause: str
    sets: int
    sealers: tuple[str, ...]


class IprevPart(msgspec.Struct, frozen=True):
    """Forward-confirmed reverse DNS: RFC 8601 section 3."""

    result: str
    ip: str
    names: tuple[str, ...]
    name: str


class TlsPart(msgspec.Struct, frozen=True):
    """The TLS of the hop into the receiver; null where its Received field does not say."""

    used: bool | None
    version: str
    cipher: str


class AuthenticationPart(msgspec.Struct, frozen=True):
    """What the engines said; null where there was nothing to look at."""

    spf: SpfPart | None
    dkim: tuple[DkimPart, ...] | None
    dmarc: DmarcPart | None
    arc: ArcPart | None
    iprev: IprevPart | None
    tls: TlsPart | None


class OwnSpfPart(msgspec.Struct, frozen=True):
    """The SPF record of a domain; ``cause`` says why nobody can pass by it, "" where somebody can."""

    record: str
    cause: str
    lookups: int
    voids: int


class SelectorPart(msgspec.Struct, frozen=True):
    """A DKIM selector; ``problem`` is "" where its key will do."""

    selector: str
    domain: str
    problem: str
    kind: str
    bits: int | None
    target: str  # of its CNAME


class MailFromPart(msgspec.Struct, frozen=True):
    """A custom MAIL FROM domain; ``problem`` is "" where it will do."""

    domain: str
    problem: str
    region: str
    mx: tuple[str, ...]
    spf: str


class RecordPart(msgspec.Struct, frozen=True):
    """A record that has to be the only one of its kind: ``status`` is none, found, several, invalid or dns-failed."""

    status: str
    record: str
    detail: str


class SetupPart(msgspec.Struct, frozen=True):
    """What DNS shows of a domain before anything is sent."""

    organizational_domain: str
    name_servers: tuple[str, ...]
    dnssec: bool
    region: str
    spf: OwnSpfPart
    dmarc: DmarcPart
    selectors: tuple[SelectorPart, ...]
    mail_from: tuple[MailFromPart, ...]
    mta_sts: RecordPart
    tls_rpt: RecordPart
    bimi: RecordPart


class AnswerPart(msgspec.Struct, frozen=True):
    """A DNS answer as it was received."""

    status: str
    records: tuple[str, ...]
    ttl: int
    authenticated: bool
    chain: tuple[str, ...]
    authority: str
    detail: str


class TranscriptPart(msgspec.Struct, frozen=True):
    """A question and its answer."""

    question: tuple[str, str]
    answer: AnswerPart


class CallPart(msgspec.Struct, frozen=True):
    """A read of an AWS API, and the fields of its reply that were kept, or why there are none."""

    service: str
    region: str
    operation: str
    parameters: dict[str, Any]
    status: str
    detail: str
    value: dict[str, Any]


class UnreadPart(msgspec.Struct, frozen=True):
    """Something that could not be read: ``permission`` is the IAM action that is missing, "" where it is not that."""

    operation: str
    status: str
    permission: str
    text: Text
    times: int


class AccountPart(msgspec.Struct, frozen=True):
    """An SES account in one region. ``account`` is null where it could not be read.

    ``listed`` is how many identities there are, null where that could not be read; ``judged_as`` the volume of the rules;
    ``standing`` what keeps the account from sending, whatever its identities are set to. ``reputation``: the rates of bounces and
    complaints, as ratios, by which SES judges the account; null where they were not read. ``suppressed``: how many addresses SES no longer
    sends to, and how many of them are those of Japan's mobile carriers; null where that was not read.
    """

    region: str
    account: SesAccount | None
    listed: int | None
    judged_as: Literal["bulk", "small"]
    standing: tuple[NotePart, ...]
    unread: tuple[UnreadPart, ...]
    reputation: Reputation | None = None
    suppressed: SuppressionList | None = None


class IdentityPart(msgspec.Struct, frozen=True):
    """An identity: what SES says of it, null where it could not be read, and what DNS holds for it, null where DNS told nothing."""

    identity: str
    region: str
    said: SesIdentity | None
    setup: SetupPart | None


class ReportDocument(msgspec.Struct, frozen=True):
    """A whole report. That on an SES account has ``account``, ``identities`` and ``calls``; its verdicts are about an identity."""

    todoku: Tool
    subject: SubjectPart
    at: str | None
    as_of: str
    requirements: dict[str, RequirementPart]
    verdicts: tuple[VerdictPart, ...]
    authentication: AuthenticationPart
    fixes: tuple[FixPart, ...]
    transcript: tuple[TranscriptPart, ...]
    setup: SetupPart | None = None  # where the subject is a domain; "authentication" is then all null
    account: AccountPart | None = None
    identities: tuple[IdentityPart, ...] = ()
    calls: tuple[CallPart, ...] = ()
