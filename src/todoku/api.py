"""The Python interface: what other programs call. Each function takes bytes or names and gives back values.

Trusts nothing that it is given; touches the network only through the ``resolver`` that the caller hands in, or through the
system's DNS when there is none. ``todoku.aio`` has the same names as coroutines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

import msgspec

from todoku.account.read import Wanted
from todoku.account.sending import BULK, SesAccount
from todoku.arguments import aware, names_of, octets, one_of, text, texts
from todoku.auth.arc import ArcResult, seal, validate
from todoku.auth.ask import Allowance, Ask, Look, all_of, dns
from todoku.auth.dmarc import DmarcResult, evaluate
from todoku.auth.spf import SpfResult
from todoku.auth.spf import check_host as spf_engine
from todoku.evidence.account import AccountEvidence, compared_by_region, gather_account
from todoku.evidence.authentication import MAX_QUESTIONS, known_envelope
from todoku.evidence.authentication import authenticate as authentication_engine
from todoku.evidence.domain import gather_domain
from todoku.evidence.facts import Authentication, Evidence
from todoku.evidence.message import gather
from todoku.evidence.traffic import with_traffic
from todoku.judging.account_report import AccountReport, report_account
from todoku.judging.judge import Report, accepting, report
from todoku.mail.address import parse_author, parse_mailboxes
from todoku.mail.domain_name import ascii_domain
from todoku.mail.envelope import Envelope
from todoku.mail.message import Message
from todoku.mail.route import trace
from todoku.mail.saved import read_message, read_raw
from todoku.net.drivers import CallSource, Source, Transcript, recording, recording_look, run, run_look
from todoku.net.suffix_list import bundled_suffixes
from todoku.receivers import ASKED_BY_DEFAULT, FACTS, receiver_of_mailbox
from todoku.requirements import header_from_spf
from todoku.words.accept import Accept
from todoku.words.errors import UsageError
from todoku.words.verdict import Missing, Purpose, Receiver, Terms, Text

if TYPE_CHECKING:
    from todoku.feedback.aggregate import AggregateReport

SECONDS = 10.0
"""How long the look-ups for one message may take together."""

NO_XML = Text(
    "Reading aggregate reports needs one more library: pip install 'todoku[reports]'.",
    "集約レポートを読むには追加のライブラリが必要です: pip install 'todoku[reports]'。",
)

T = TypeVar("T")


def default_source() -> Source:
    """The system's DNS."""
    from todoku.net.dns.resolver import Resolver  # noqa: PLC0415 -- dnspython only where the network is asked

    return Resolver()


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


def check(
    raw: bytes,
    envelope: Envelope | None = None,
    *,
    resolver: Source | None = None,
    now: datetime | None = None,
    name: str = "message",
    settings: Settings | None = None,
) -> Report:
    """The report that ``todoku check`` prints, for the bytes of a saved message in any shape a person saves it.

    With the address of an envelope the bytes are taken as they came over SMTP, and no field in them for the receiver's own.
    ``settings`` say more than ``envelope`` and ``now`` do, and stand in for them. Raises ``NotAMessage``.
    """
    return _run(checking(raw, settings or Settings(envelope=envelope, now=now), name), resolver)


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
    return _run(checking_domain(name, domain_settings(settings, selectors, now)), resolver)


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


def check_account(
    subject: str = "ses:",
    *,
    identities: Sequence[str] = (),
    tags: Mapping[str, str] | None = None,
    tenant: str = "",
    resolver: Source | None = None,
    api: CallSource | None = None,
    now: datetime | None = None,
    settings: Settings | None = None,
) -> AccountReport:
    """The report that ``todoku check ses:REGION`` prints: every identity of an account in one region. It changes nothing.

    ``subject`` is ``ses:``, ``ses:REGION``, ``ses:PROFILE@REGION`` or ``ses:ROLE_ARN@REGION``. ``identities`` are shell patterns of
    which one has to match, ``tags`` all have to be there, ``tenant`` is a tenant of SES. ``api`` answers in place of AWS, as
    ``resolver`` does in place of the system's DNS. ``settings`` say more than ``now`` does, and stand in for it. Raises
    ``UsageError`` where there is no such profile or region, or no credentials.
    """
    from todoku.net.aws.ses import SesApi  # noqa: PLC0415 -- only where an account is asked for
    from todoku.net.aws.ses_subject import ses_subject  # noqa: PLC0415 -- as above

    account, region = ses_subject(subject)
    wanted = Wanted(
        profile=account,
        region=region,
        identities=tuple(identities),
        tags=tuple((tags or {}).items()),
        tenant=tenant,
    )
    engine = checking_accounts((wanted,), settings or Settings(now=now))
    (report,) = run_look(engine, resolver or default_source(), api or SesApi())
    return report


def checking_accounts(wanted: Sequence[Wanted], settings: Settings) -> Look[tuple[AccountReport, ...]]:
    """The engine of ``check_account`` for several accounts and regions, which are read side by side.

    What an account is in one region may tell of another: where an identity is verified too, and how much is sent in all.
    """
    kept = [Transcript() for _ in wanted]
    engines = [
        recording_look(_gathered(one, settings), transcript) for one, transcript in zip(wanted, kept, strict=True)
    ]
    found = yield from recording_look(all_of(engines), Transcript())  # of two that ask the same both get one answer
    reports = (
        report_account(
            evidence,
            _terms(settings, settings.purpose or "unstated", settings.volume or _volume(evidence, found)),
            name=account_name(evidence.reading.wanted),
            at=settings.now,
            answers=transcript,
            replies=transcript.replies,
        )
        for evidence, transcript in zip(_compared(found), kept, strict=True)
    )
    return tuple(
        msgspec.structs.replace(one, identities=tuple(accepting(each, settings.accepts) for each in one.identities))
        for one in reports
    )


def _gathered(wanted: Wanted, settings: Settings) -> Look[AccountEvidence]:
    seen = yield from gather_account(wanted, now=settings.now, suffixes=bundled_suffixes())
    return (yield from account_with_traffic(seen)) if settings.stored else seen


def account_with_traffic(seen: AccountEvidence) -> Look[AccountEvidence]:
    """The evidence of an account, with what a store holds of its domains."""
    known = yield from all_of([with_traffic(one, bundled_suffixes()) for one in seen.identities])
    return msgspec.structs.replace(seen, identities=known)


def account_name(wanted: Wanted) -> str:
    """An account in one region as a user names it: ``ses:PROFILE@REGION``."""
    return f"ses:{wanted.profile}@{wanted.region}" if wanted.profile else f"ses:{wanted.region}"


def _compared(found: Sequence[AccountEvidence]) -> tuple[AccountEvidence, ...]:
    """What was read, the regions of one account with each other. Of one region alone nothing is known of the others."""
    by_account: dict[str, list[AccountEvidence]] = {}
    for one in found:
        by_account.setdefault(one.reading.wanted.profile, []).append(one)
    compared = {
        each.reading.wanted: each
        for regions in by_account.values()
        for each in (compared_by_region(regions) if len(regions) > 1 else regions)
    }
    return tuple(compared[one.reading.wanted] for one in found)


def _volume(one: AccountEvidence, found: Sequence[AccountEvidence]) -> Literal["bulk", "small"]:
    """Small where the account could not send bulk mail in a day if it wanted to, in all its regions that were read together.

    Who was a bulk sender once stays one, whatever the quota is now: Gmail's rule.
    """
    alike = [each for each in found if each.reading.wanted.profile == one.reading.wanted.profile]
    if any(_was_bulk(evidence) for each in alike for evidence in each.identities):
        return "bulk"
    own = [each.reading.account for each in alike]
    small = all(isinstance(account, SesAccount) and account.may_be_small for account in own)
    most = sum(account.quota.per_day for account in own if isinstance(account, SesAccount))
    return "small" if small and most < BULK else "bulk"


def _was_bulk(evidence: Evidence) -> bool:
    """Whether so much was ever counted to Gmail on one day."""
    traffic = evidence.traffic
    return not isinstance(traffic, Missing) and traffic.most is not None and traffic.most >= BULK


def terms_for(evidence: Evidence, settings: Settings) -> Terms:
    """The terms to judge by, with what was left open read from the evidence: the day of the look, the mail's purpose."""
    purpose = settings.purpose
    if purpose is None:
        purpose = "marketing" if _has_list_fields(evidence) else "unstated"
    return _terms(settings, purpose, settings.volume or "bulk")


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


def _terms(settings: Settings, purpose: Purpose, volume: Literal["bulk", "small"]) -> Terms:
    day = settings.as_of or (settings.now or datetime.now(UTC)).date()
    return Terms(as_of=day, receivers=settings.receivers or ASKED_BY_DEFAULT, volume=volume, purpose=purpose)


def authenticate(
    raw: bytes,
    envelope: Envelope | None = None,
    *,
    resolver: Source | None = None,
    now: datetime | None = None,
) -> Authentication:
    """SPF, every DKIM signature, ARC, DMARC and iprev of a message: ``.spf .dkim .arc .dmarc .iprev``.

    Each is a result with its cause, or ``Missing`` with why. The envelope is read from the message where none is given; where it
    is, the bytes are taken as they came over SMTP.
    """
    return _run(authenticating(raw, envelope, now), resolver)


def authenticating(raw: bytes, envelope: Envelope | None, now: datetime | None) -> Ask[Authentication]:
    """The engine of ``authenticate``. Raises ``UsageError`` for octets or a time that are none."""
    aware("now", now)
    message = read_message(raw, envelope).message
    if envelope is None or None in (envelope.ip, envelope.helo, envelope.mail_from):
        known = known_envelope(envelope, trace(message, given=envelope))
    else:  # the route has nothing to add
        known = envelope
    return (
        yield from authentication_engine(
            message,
            known,
            parse_author(message).domain,
            now=now,
            suffixes=bundled_suffixes(),
            allowance=Allowance(MAX_QUESTIONS),
        )
    )


def check_host(
    ip: str,
    domain: str,
    sender: str,
    *,
    helo: str = "",
    resolver: Source | None = None,
    default_explanation: str = "",
) -> SpfResult:
    """SPF's ``check_host()``, RFC 7208 section 4: ``.result .explanation .domain .lookups``."""
    return _run(spf_engine(ip, domain, sender, helo=helo, default_explanation=default_explanation), resolver)


def verify_arc(raw: bytes, *, resolver: Source | None = None, now: datetime | None = None) -> ArcResult:
    """The ARC chain of a message, RFC 8617 section 5.2: ``.result`` (none, pass, fail), ``.oldest_pass``, ``.sets``."""
    aware("now", now)
    return _run(validate(read_raw(raw).message, now=now), resolver)


def seal_arc(
    raw: bytes,
    *,
    authserv_id: str,
    domain: str,
    selector: str,
    private_key: bytes,
    results: str | None = None,
    resolver: Source | None = None,
    now: datetime | None = None,
) -> bytes:
    """The three ARC header fields to prepend to a message that is handed on, RFC 8617 section 5.1; CRLF line ends.

    ``private_key`` is PEM. ``results`` is what was seen (``spf=pass smtp.mailfrom=...``); None: what the message's own
    Authentication-Results fields of ``authserv_id`` say. ``now`` (aware) dates the seal. Empty where the chain is marked as
    failed already, has 50 sets, or could not be judged.
    """
    aware("now", now)
    message = read_raw(raw).message
    return seal(
        message,
        _run(validate(message, now=now), resolver),
        authserv_id=authserv_id,
        domain=domain,
        selector=selector,
        private_key=private_key,
        results=results,
        timestamp=None if now is None else int(now.timestamp()),
    )


def evaluate_dmarc(
    author_domain: str,
    *,
    spf: tuple[str, bool] | None = None,
    dkim: Sequence[tuple[str, bool]] = (),
    resolver: Source | None = None,
) -> DmarcResult:
    """DMARC for a From domain, RFC 9989, from the MAIL FROM domain and the d= domains, each with whether it passed."""
    return _run(evaluate(author_domain, spf=spf, dkim=dkim, suffixes=bundled_suffixes()), resolver)


def parse_aggregate(raw: bytes, *, now: datetime | None = None) -> list[AggregateReport]:
    """Every DMARC aggregate report in the octets of a message or a file, in any wrapping: ``.metadata .policy .records``.

    One that is truncated or absurd has no records and ``.refused`` says why (``.tag``, ``.text``). ``now`` (aware): a report on
    days to come is refused; None judges no times. Raises ``ReportRefused`` where not even one report's head can be read.
    """
    octets("raw", raw)
    aware("now", now)
    try:
        from todoku.feedback.aggregate.unwrapped import aggregate_reports  # noqa: PLC0415 -- lxml only where XML is read
    except ModuleNotFoundError as missing:
        if missing.name != "lxml":
            raise
        raise UsageError(NO_XML) from None
    return aggregate_reports(raw, now=now)


def _run(engine: Ask[T], resolver: Source | None) -> T:
    return run(engine, resolver or default_source(), seconds=SECONDS)
