"""The mechanisms alone, without any receiver's rules: SPF, DKIM, ARC, DMARC, and the reports on them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from todoku.api.driver import drive
from todoku.api.message_source import MessageSource, octets_of
from todoku.arguments import aware, octets, one_line, private_pem, text, texts
from todoku.auth.arc import ArcResult, seal, validate
from todoku.auth.ask import Allowance, Ask
from todoku.auth.dkim.sign import key_algorithm, sign
from todoku.auth.dkim.verify import DkimResult, verify
from todoku.auth.dmarc import DmarcResult, evaluate
from todoku.auth.spf import SpfResult
from todoku.auth.spf import check_host as spf_engine
from todoku.evidence.authentication import MAX_QUESTIONS, known_envelope
from todoku.evidence.authentication import authenticate as authentication_engine
from todoku.evidence.facts import Authentication
from todoku.mail.address import parse_author
from todoku.mail.domain_name import ascii_domain
from todoku.mail.envelope import Envelope
from todoku.mail.message import Message
from todoku.mail.route import trace
from todoku.mail.saved import read_message, read_raw
from todoku.net.drivers import Source
from todoku.net.suffix_list import bundled_suffixes
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

if TYPE_CHECKING:
    from todoku.feedback.aggregate import AggregateReport

FIELD_NAME = re.compile(r"[!-9;-~]+")  # RFC 5322 2.2
BARE_CR = re.compile(rb"\r(?!\n)")

NO_XML = Text(
    "Reading aggregate reports needs one more library: pip install 'todoku[reports]'.",
    "集約レポートを読むには追加のライブラリが必要です: pip install 'todoku[reports]'。",
)


def authenticate(
    raw: MessageSource,
    envelope: Envelope | None = None,
    *,
    resolver: Source | None = None,
    now: datetime | None = None,
) -> Authentication:
    """SPF, every DKIM signature, ARC, DMARC and iprev of a message: ``.spf .dkim .arc .dmarc .iprev``.

    Each is a result with its cause, or ``Missing`` with why; ``todoku.known`` tells them apart. The envelope is read from the message where none is given; where it
    is, the bytes are taken as they came over SMTP.
    """
    return drive(authenticating(octets_of(raw), envelope, now), resolver)


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
    return drive(spf_engine(ip, domain, sender, helo=helo, default_explanation=default_explanation), resolver)


def verify_dkim(
    raw: MessageSource, *, resolver: Source | None = None, now: datetime | None = None
) -> tuple[DkimResult, ...]:
    """A result for every DKIM-Signature field, topmost first: ``.result .cause .domain .selector``; RFC 6376 section 6.

    Empty for a message without a signature. The message is taken as it came over SMTP. ``now`` None: no signature is expired.
    """
    return drive(verifying_dkim(octets_of(raw), now), resolver)


def verifying_dkim(raw: bytes, now: datetime | None) -> Ask[tuple[DkimResult, ...]]:
    """The engine of ``verify_dkim``. Raises ``NotAMessage``, and ``UsageError`` for a time that is none."""
    aware("now", now)
    return (yield from verify(read_raw(raw).message, now=now))


def sign_dkim(
    raw: MessageSource,
    *,
    domain: str,
    selector: str,
    private_key: bytes,
    headers: Sequence[str] | None = None,
    canonicalization: str = "relaxed/relaxed",
    identity: str = "",
    expires: datetime | None = None,
    now: datetime | None = None,
) -> bytes:
    """The DKIM-Signature field to prepend to a message, RFC 6376 section 5, with the CRLF that ends it.

    ``private_key`` is PEM: RSA of 1024 bits or more (RFC 8301) signs with rsa-sha256, Ed25519 (RFC 8463) with ed25519-sha256.
    ``headers`` are the names in h=, From always among them: one that stands there n times covers its n lowest fields, and keeps
    others from being added where there are fewer. None: all that people read, each once more than it occurs. ``now`` and
    ``expires`` (aware) are t= and x=. A message with LF alone is signed as the CRLF that it is sent with.

    Raises ``UsageError`` for a key or a tag that no verifier would accept, and for a message that would not arrive as it was signed:
    a bare CR or LF, more or fewer than one From, more than this library reads.
    """
    aware("now", now)
    aware("expires", expires)
    private_pem("private_key", private_key)
    for name, value in (("selector", selector), ("canonicalization", canonicalization), ("identity", identity)):
        text(name, value)
    if headers is not None:
        texts("headers", headers)
    message = read_raw(octets_of(raw)).message
    if why := _unsendable(message):
        raise UsageError(why)
    return sign(
        message,
        domain=_domain_name(domain),
        selector=selector,
        private_key=private_key,
        algorithm=key_algorithm(private_key),
        headers=None if headers is None else tuple(headers),
        canonicalization=canonicalization,
        timestamp=_seconds(now),
        expires=_seconds(expires),
        identity=identity,
    )


def _unsendable(message: Message) -> Text | None:
    """Why nobody would receive the message as it was signed, or at all: RFC 6376 sections 5.3 and 8.15."""
    odd = next((one.raw for one in message.fields if not FIELD_NAME.fullmatch(one.name)), None)
    if odd is not None or message.strays:  # a first line that begins with a blank would go on the signature's own field
        line = ascii((odd or message.strays[0].raw)[:60].decode("latin-1"))
        return Text(
            f"the header has a line that is no field: {line}", f"ヘッダーにフィールドではない行があります: {line}"
        )
    authors = len(message.all("from"))
    if authors != 1:
        return Text(
            f"the message has {authors} From fields instead of one: receivers refuse it, signed or not",
            f"メールのFromフィールドが{authors}個あります(1個でなければなりません)。署名しても受信側で拒否されます",
        )
    if message.has_bare_lf or BARE_CR.search(message.raw):
        return Text(
            "the message has a CR or LF alone, which a server on the way changes: write every line end as CRLF before you sign",
            "メールにCRまたはLFだけの改行があり、配送の途中で変わります。署名する前に改行をすべてCRLFにしてください",
        )
    if message.limits:
        limits = ", ".join(message.limits)
        return Text(
            f"the message is larger than what is read of one: {limits}",
            f"メールが読み込みの上限を超えています: {limits}",
        )
    return None


def _domain_name(name: str) -> str:
    """The domain in A-labels. Raises ``UsageError``."""
    text("domain", name)
    found = ascii_domain(name)
    if found is None:
        raise UsageError(Text(f"{name[:60]!r} is not a domain name", f"{name[:60]!r} はドメイン名ではありません"))
    return found


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def verify_arc(raw: MessageSource, *, resolver: Source | None = None, now: datetime | None = None) -> ArcResult:
    """The ARC chain of a message, RFC 8617 section 5.2: ``.result`` (none, pass, fail), ``.oldest_pass``, ``.sets``."""
    return drive(verifying_arc(octets_of(raw), now), resolver)


def verifying_arc(raw: bytes, now: datetime | None) -> Ask[ArcResult]:
    """The engine of ``verify_arc``. Raises ``NotAMessage``, and ``UsageError`` for a time that is none."""
    aware("now", now)
    return (yield from validate(read_raw(raw).message, now=now))


def seal_arc(
    raw: MessageSource,
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

    ``private_key`` is PEM, RSA. ``results`` is what was seen (``spf=pass smtp.mailfrom=...``); None: what the message's own
    Authentication-Results fields of ``authserv_id`` say. ``now`` (aware) dates the seal. Empty where the chain is marked as
    failed already, has 50 sets, or could not be judged.
    """
    engine = sealing(
        octets_of(raw),
        authserv_id=authserv_id,
        domain=domain,
        selector=selector,
        private_key=private_key,
        results=results,
        now=now,
    )
    return drive(engine, resolver)


def sealing(
    raw: bytes,
    *,
    authserv_id: str,
    domain: str,
    selector: str,
    private_key: bytes,
    results: str | None,
    now: datetime | None,
) -> Ask[bytes]:
    """The engine of ``seal_arc``. Raises ``UsageError`` for what cannot stand in the fields."""
    aware("now", now)
    private_pem("private_key", private_key)
    one_line("authserv_id", authserv_id)
    one_line("selector", selector)
    if results is not None:
        one_line("results", results)
    message = read_raw(raw).message
    return seal(
        message,
        (yield from validate(message, now=now)),
        authserv_id=authserv_id,
        domain=_domain_name(domain),
        selector=selector,
        private_key=private_key,
        results=results,
        timestamp=_seconds(now),
    )


def evaluate_dmarc(
    author_domain: str,
    *,
    spf: tuple[str, bool] | None = None,
    dkim: Sequence[tuple[str, bool]] = (),
    resolver: Source | None = None,
) -> DmarcResult:
    """DMARC for a From domain, RFC 9989, from the MAIL FROM domain and the d= domains, each with whether it passed."""
    return drive(evaluate(author_domain, spf=spf, dkim=dkim, suffixes=bundled_suffixes()), resolver)


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
