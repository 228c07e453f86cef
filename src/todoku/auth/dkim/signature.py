"""Read a DKIM-Signature field, or another that is written like one: RFC 6376 sections 3.5 and 6.1.1."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, zip_longest
from typing import Literal, NamedTuple

import msgspec

from todoku.auth.ask import readable
from todoku.auth.dkim.canonical import Canonicalization
from todoku.mail.address import ascii_domain
from todoku.mail.tags import WHITE, Tags, listed, parse_tags, squeeze

MAX_SIGNATURES = 10  # of one message that are looked at: a bound of ours
MAX_SIGNED_NAMES = 200  # names in h=: a bound of ours
MAX_NAME = 1_000  # octets of a domain as written: more than the 253 of its A-labels can need
MAX_REMEMBERED = 4_096  # characters of a signature of which the constant part is remembered

DkimOutcome = Literal["pass", "fail", "neutral", "policy", "temperror", "permerror"]
DkimCause = Literal[
    "verified",
    "body-hash-differs",
    "signature-differs",
    "key-missing",  # NXDOMAIN or NODATA
    "key-revoked",  # p= empty
    "key-invalid",
    "key-too-short",  # RSA below 1024: RFC 8301 section 3.2
    "key-too-long",
    "key-service",  # s= without email or *
    "key-hash",  # the key's h= does not allow the signature's hash
    "key-type",  # k= against a=
    "key-strict",  # t=s with i= in a subdomain
    "sha1",  # rsa-sha1: RFC 8301 section 3.1
    "algorithm-unsupported",
    "expired",
    "future",
    "syntax",
    "version",
    "from-not-signed",
    "identity-mismatch",  # i= is not at or under d=
    "dns-failed",
    "not-evaluated",  # beyond MAX_SIGNATURES
    "limit",
    "reported",  # not our result: the receiver's, which does not say why
]

DKIM_TAGS = ("v", "a", "b", "bh", "d", "h", "s")  # RFC 6376 3.5: required

FORMS: dict[str, tuple[Canonicalization, Canonicalization]] = {  # RFC 6376 3.5, c=: without a body form it is simple
    "simple": ("simple", "simple"),
    "relaxed": ("relaxed", "simple"),
    "simple/simple": ("simple", "simple"),
    "simple/relaxed": ("simple", "relaxed"),
    "relaxed/simple": ("relaxed", "simple"),
    "relaxed/relaxed": ("relaxed", "relaxed"),
}
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"  # RFC 5321 4.1.2, and the underscore that people use
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_TIME = re.compile(r"[0-9]{1,12}")
_LENGTH = re.compile(r"[0-9]{1,76}")


class Outcome(NamedTuple):
    """What becomes of a signature, and why: by its tags, its key, or the mathematics."""

    result: DkimOutcome
    cause: DkimCause
    detail: str = ""


Check = Callable[[bytes, bytes], bool]
"""Whether a signature is that of a SHA-256 digest."""


class Loaded(NamedTuple):
    """A public key that is ready to check signatures, or what is wrong with it."""

    bits: int | None = None
    check: Check | None = None
    defect: Outcome | None = None


class Signature(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The tags of a signature, read as far as they can be, and the first thing that is wrong with them."""

    tags: Tags
    domain: str = ""  # d=, A-labels, lower-case
    selector: str = ""
    identity: str = ""
    algorithm: str = ""
    forms: tuple[Canonicalization, Canonicalization] = ("simple", "simple")  # of header and body
    signed: tuple[str, ...] = ()  # h=, lower-case
    b: bytes = b""
    bh: bytes = b""
    length: int | None = None
    timestamp: int | None = None
    expires: int | None = None
    defect: Outcome | None = None

    @property
    def key_name(self) -> str:
        """Where the key is: RFC 6376 section 3.6.2.1."""
        return f"{self.selector}._domainkey.{self.domain}"


_CONSTANT = ("v", "a", "c", "d", "h", "i", "q", "s")
"""The tags that are the same in all signatures of a sender, or nearly."""
_VARYING = re.compile(r";[ \t\r\n]*(bh?|[tx])[ \t\r\n]*=([^;]*)")
"""A tag that differs from message to message."""


def read_signature(value: str, required: tuple[str, ...] = DKIM_TAGS) -> Signature:
    """What a signature's field value says. Never raises; ``defect`` is None where it can be verified.

    Other ``required`` tags read ARC's fields, which have no version: there i= is a number and the rules of v=, i= and
    From do not hold. Without c= DKIM is simple (RFC 6376 3.5); RFC 8617 says nothing else of ARC, but those who seal
    take relaxed, and so does the standard's suite.
    """
    if len(value) <= MAX_REMEMBERED:
        signature = _like_another(value, required)
        if signature is not None:
            return signature
    return _read_anew(value, required)


def _like_another(value: str, required: tuple[str, ...]) -> Signature | None:
    """The signature, where all is sound: of those of one sender only what differs is read. None: read it anew."""
    pieces = _VARYING.split(f";{value}")  # text, name, value, text, name, value, text
    names = pieces[1::3]
    form = _form(required, tuple(names), tuple(pieces[::3]))
    if form is None:
        return None
    values = {**form.tags.values}
    for name, text in zip(names, pieces[2::3], strict=True):
        values[name] = text.strip(WHITE)
    signature = _signature(form, values)
    return signature if _varying_are_sound(signature, required) else None


@lru_cache(maxsize=1_024)
def _form(required: tuple[str, ...], names: tuple[str, ...], texts: tuple[str, ...]) -> Signature | None:
    """A signature of which everything is read but the tags that vary; None where anything else is wrong with it."""
    empty = (f";{name}=" for name in names)
    tags = parse_tags("".join(chain.from_iterable(zip_longest(texts, empty, fillvalue="")))[1:])
    signature = _constant(required, tags.values)
    return None if tags.problem or signature.defect else msgspec.structs.replace(signature, tags=tags)


def _read_anew(value: str, required: tuple[str, ...]) -> Signature:
    tags = parse_tags(value)
    signature = msgspec.structs.replace(_signature(_constant(required, tags.values), tags.values), tags=tags)
    return msgspec.structs.replace(signature, defect=next(_defects(signature, required), None))


def _signature(constant: Signature, values: Mapping[str, str]) -> Signature:
    """The signature with these tags, its constant ones read before."""
    tag = values.get
    return Signature(
        tags=Tags(values),
        domain=constant.domain,
        selector=constant.selector,
        identity=constant.identity,
        algorithm=constant.algorithm,
        forms=constant.forms,
        signed=constant.signed,
        b=decode_base64(tag("b", "")) or b"",
        bh=decode_base64(tag("bh", "")) or b"",
        length=_number(tag("l"), _LENGTH),
        timestamp=_number(tag("t"), _TIME),
        expires=_number(tag("x"), _TIME),
    )


def _constant(required: tuple[str, ...], written: Mapping[str, str]) -> Signature:
    """A signature of which only the constant tags are read. ``defect`` is None where none of them is wrong."""
    values = {name: written[name] for name in _CONSTANT if name in written}
    tag = values.get
    is_dkim = "v" in required
    default_form = "simple" if is_dkim else "relaxed/relaxed"
    domain = _domain(tag("d", ""))
    identity = readable(tag("i", "")) if is_dkim else ""
    signature = Signature(
        tags=Tags({"b": "", "bh": "", **values}),
        domain=domain,
        selector=_domain(tag("s", "")),
        identity=identity or f"@{domain}",
        algorithm=tag("a", ""),
        forms=FORMS.get(tag("c", default_form), FORMS["simple"]),
        signed=_names(tag("h", "")),
        b=b"not read",
        bh=b"not read",
    )
    return msgspec.structs.replace(signature, defect=next(_defects(signature, required), None))


def _varying_are_sound(signature: Signature, required: tuple[str, ...]) -> bool:
    """Whether nothing is wrong with the tags that differ from message to message, where nothing is with the others."""
    values, signed_at, expires = signature.tags.values, signature.timestamp, signature.expires
    return bool(
        not signature.tags.problem
        and signature.b
        and (signature.bh or "bh" not in required)
        and (signed_at is not None or "t" not in values)
        and (signature.length is not None or "l" not in values)
        and ((expires is not None and expires > (signed_at or 0)) or "x" not in values)
    )


def _defects(signature: Signature, required: tuple[str, ...]) -> Iterator[Outcome]:
    """What is wrong with the signature, what makes the rest meaningless first: RFC 6376 6.1.1."""
    tags = signature.tags
    if problem := tags.problem:
        yield Outcome("permerror", "syntax", problem)
    for name in required:
        if name not in tags.values:
            yield Outcome("permerror", "syntax", f"{name}= is missing")
    if "v" in required and tags.get("v") != "1":
        yield Outcome("permerror", "version", f"v={tags.get('v')[:60]}")
    if signature.algorithm == "rsa-sha1":  # RFC 8301 3.1
        yield Outcome("permerror", "sha1", "a=rsa-sha1")
    if signature.algorithm not in ("rsa-sha256", "ed25519-sha256"):  # RFC 6376 3.3, RFC 8463 3
        yield Outcome("permerror", "algorithm-unsupported", f"a={signature.algorithm[:60]}")
    for name in _unreadable(signature, required):
        yield Outcome("permerror", "syntax", f"{name}={tags.get(name)[:60]}")
    if signature.timestamp is not None and signature.expires is not None and signature.expires <= signature.timestamp:
        yield Outcome("permerror", "syntax", "x= is not later than t=")  # RFC 6376 3.5
    if len(signature.signed) > MAX_SIGNED_NAMES:
        yield Outcome("temperror", "limit", f"h= has more than {MAX_SIGNED_NAMES} names")
    if "v" in required:
        yield from _dkim_defects(signature)


def _unreadable(signature: Signature, required: tuple[str, ...]) -> Iterator[str]:
    """The tags whose value is not what the grammar of RFC 6376 3.5 asks for."""
    values = signature.tags.values
    if not signature.b:
        yield "b"
    if "bh" in required and not signature.bh:
        yield "bh"
    if "." not in signature.domain:
        yield "d"
    if not signature.selector:
        yield "s"
    if "c" in values and values["c"] not in FORMS:
        yield "c"
    if "l" in values and signature.length is None:
        yield "l"
    if "t" in values and signature.timestamp is None:
        yield "t"
    if "x" in values and signature.expires is None:
        yield "x"


def _dkim_defects(signature: Signature) -> Iterator[Outcome]:
    """What DKIM asks for and ARC does not: DNS as the way to the key, the From field, an identity within the domain."""
    tags = signature.tags
    if "q" in tags and "dns/txt" not in listed(tags.get("q")):
        yield Outcome("permerror", "syntax", f"q={tags.get('q')[:60]}")
    if "from" not in signature.signed:  # RFC 6376 5.4, 6.1.1
        yield Outcome("permerror", "from-not-signed", "h= without From")
    host = identity_host(signature)
    if host != signature.domain and not host.endswith("." + signature.domain):
        yield Outcome("permerror", "identity-mismatch", f"i={signature.identity[:320]}, d={signature.domain}")


def identity_host(signature: Signature) -> str:
    """The domain in i=, lower-case A-labels; "" where it has none."""
    _, at, host = signature.identity.rpartition("@")
    if not at:
        return ""
    return host.lower() if host.isascii() else ascii_domain(host[:MAX_NAME]) or ""


def decode_base64(text: str) -> bytes | None:
    """The octets of a base64string (RFC 6376 3.2: white space anywhere, padding may be missing), or None."""
    packed = squeeze(text)
    try:
        return binascii.a2b_base64(packed + "=" * (-len(packed) % 4), strict_mode=True)
    except ValueError:
        return None


@lru_cache(maxsize=1_024)
def _short_domain(name: str) -> str:
    ascii_name = name if name.isascii() else ascii_domain(readable(name)) or ""
    return ascii_name.lower() if len(ascii_name) <= 253 and _NAME.fullmatch(ascii_name) else ""


def _domain(name: str) -> str:
    """A domain name or selector in lower-case A-labels (RFC 8616 section 5), or "" where it is none."""
    return _short_domain(name) if len(name) <= MAX_NAME else ""


def _number(text: str | None, pattern: re.Pattern[str]) -> int | None:
    return int(text) if text is not None and pattern.fullmatch(text) else None


def _names(text: str) -> tuple[str, ...]:
    """The names in h=, lower-case, repeats kept."""
    return tuple(name.lower() for name in listed(text) if name)
