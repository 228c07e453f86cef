"""What was done to a header whose signature differs: with the key, the digest that was signed can be read.

RSA gives it back (PKCS #1 v1.5 hides nothing), so each guess costs one SHA-256; and where the key gives back no digest at
all, it is not the signer's. Ed25519 only says yes or no to a guess, at the price of a verification.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import combinations, islice, product
from typing import NamedTuple

from todoku.auth.dkim.canonical import Canonicalization, relaxed_field, without_b
from todoku.auth.dkim.damage.values import FOLDINGS, originals, said_elsewhere
from todoku.auth.dkim.damage_kinds import Damage, DamageTag
from todoku.auth.dkim.key import MAX_KEYS, read_key
from todoku.auth.dkim.signature import MAX_SIGNATURES, Signature, decode_base64
from todoku.mail.encoded_word import HEX, decode_words
from todoku.mail.message import Field, Message
from todoku.mail.tags import parse_tags, squeeze

MAX_DIGESTS = 1_000
"""Headers that are hashed for one RSA signature: some 5 ms."""

MAX_OCTETS = 8 * 1024 * 1024
"""Octets in all of the headers that are hashed for one signature."""

MAX_CHECKS = 100
"""Headers that are verified for one Ed25519 signature: some 10 ms."""

MAX_COPIES = 5  # fields of one name, of which each choice is tried
MAX_OF_PAIR = 15  # forms of each of two fields that are changed together
MAX_SHOWN = 200  # characters of a value
_TOGETHER = ({"subject", "from"}, {"content-type", "content-transfer-encoding"}, {"from", "reply-to"}, {"to", "cc"})
_KNOWN = {  # what a field that is gone most likely said
    "mime-version": (b"MIME-Version: 1.0",),
    "content-transfer-encoding": tuple(
        b"Content-Transfer-Encoding: " + value for value in (b"7bit", b"8bit", b"quoted-printable", b"base64")
    ),
    "content-type": (
        b"Content-Type: text/plain; charset=utf-8",
        b"Content-Type: text/plain; charset=UTF-8",
        b"Content-Type: text/plain; charset=us-ascii",
        b"Content-Type: text/html; charset=utf-8",
        b"Content-Type: text/html; charset=UTF-8",
    ),
}
_SES_MESSAGE_ID = re.compile(r"<[^@<>\s]+@(?:[a-z0-9-]+\.)?amazonses\.com>", re.IGNORECASE)
_EASY_DKIM = re.compile(r"[a-z2-7]{32}")
_WRITTEN_BY_SES = frozenset({"date", "message-id"})


_OWN = -1  # the place of the signature's own field, which is hashed last


class Guess(NamedTuple):
    """Canonical fields that may have been signed in these places of h= instead of what stands there, and what that means."""

    places: dict[int, bytes]
    damage: Damage


class SignedHeader:
    """The fields that a signature covers, in the order of h=, and whether others in their places give what was signed."""

    def __init__(self, message: Message, own: Field, signature: Signature) -> None:
        """Take the fields as a verifier does: RFC 6376 5.4.2."""
        self.names = signature.signed
        self.form: Canonicalization = signature.forms[0]
        self.message = message
        self.own = own
        left = {name: [one for one in reversed(message.all(name)) if one is not own] for name in set(self.names)}
        self.fields = tuple(left[name].pop(0) if left[name] else None for name in self.names)
        self.canonical = tuple(b"" if field is None else self.field(field.raw) for field in self.fields)
        self.last = self.own_field(own.raw)

    def field(self, raw: bytes) -> bytes:
        """A field in canonical form."""
        return (raw if self.form == "simple" else relaxed_field(raw, raw.find(b":"))) + b"\r\n"

    def own_field(self, raw: bytes) -> bytes:
        """The signature's own field in canonical form: without b=, without its CRLF (RFC 6376 3.7)."""
        return self.field(without_b(raw, raw.find(b":")))[:-2]

    def digest(self, places: dict[int, bytes]) -> bytes:
        """The SHA-256 of the header with these canonical fields in these places."""
        picked = [places.get(place, field) for place, field in enumerate(self.canonical)]
        return hashlib.sha256(b"".join((*picked, places.get(_OWN, self.last)))).digest()

    def guess(self, places: dict[int, bytes], tag: DamageTag, *names: str) -> Guess:
        """The guess that fields were changed, with the first of them as it was."""
        was = next((field for field in places.values() if field), b"")
        return Guess(places, Damage(tag, field=", ".join(names), detail=_shown(was)))


def header_damage(message: Message, own: Field, signature: Signature, records: Sequence[str]) -> Damage:
    """What was done to the header of a message, for which this signature does not verify with the keys in ``records``."""
    agrees, bound = None, MAX_DIGESTS
    if signature.algorithm == "rsa-sha256":
        signed = _signed_digest(signature, records)
        if signed is None:
            return _wrong_key(signature)
        agrees = signed.__eq__
    else:
        bound = MAX_CHECKS
        check = next((key.check for key in map(read_key, records[:MAX_KEYS]) if key.check), None)
        if check is None:
            return Damage("signature-differs")
        agrees = partial(check, signature.b)
    header = SignedHeader(message, own, signature)
    bound = min(bound, MAX_OCTETS // (1 + sum(map(len, header.canonical))))
    for guess in islice(_unlike(header, _guesses(header)), bound):
        if agrees(header.digest(guess.places)):
            return guess.damage
    return _by_signs(header, signature) or Damage(
        "header-differs" if signature.algorithm == "rsa-sha256" else "signature-differs"
    )


def _signed_digest(signature: Signature, records: Sequence[str]) -> bytes | None:
    """The digest that the signer signed, by the first of the keys that gives one back."""
    from todoku.auth.dkim.crypto import signed_digest  # noqa: PLC0415 -- slow to start, as in key.py

    for record in records[:MAX_KEYS]:
        key = read_key(record)
        if key.check is not None and key.kind == "rsa":
            digest = signed_digest(decode_base64(parse_tags(record).get("p")) or b"", signature.b)
            if digest is not None:
                return digest
    return None


def _wrong_key(signature: Signature) -> Damage:
    """No key gives a digest back: none is the signer's, unless b= itself is not whole."""
    whole = len(signature.b) % 32 == 0  # of any key that is in use
    return Damage("key-does-not-match") if whole else Damage("signature-differs")


def _unlike(header: SignedHeader, guesses: Iterator[Guess]) -> Iterator[Guess]:
    """The guesses that change anything, each once."""
    seen: set[tuple[tuple[int, bytes], ...]] = set()
    for guess in guesses:
        changed = tuple((place, field) for place, field in guess.places.items() if field != _now(header, place))
        if changed and changed not in seen:
            seen.add(changed)
            yield guess


def _now(header: SignedHeader, place: int) -> bytes:
    return header.last if place == _OWN else header.canonical[place]


def _guesses(header: SignedHeader) -> Iterator[Guess]:
    yield from _kept_copies(header)
    yield from _fewer_fields(header)
    for place, field in enumerate(header.fields):
        if field is None and not header.message.all(header.names[place]):
            yield from _lost(header, place)
    yield from _folded_alike(header)
    variants: dict[int, list[bytes]] = {}
    for place, name in enumerate(header.names):
        variants[place] = [*_variants(header, place)]
        for canonical in variants[place]:
            yield header.guess({place: canonical}, "header-changed", name)
    for (one, ones), (two, twos) in combinations(variants.items(), 2):
        if {header.names[one], header.names[two]} in _TOGETHER:
            for first, second in product(ones[:MAX_OF_PAIR], twos[:MAX_OF_PAIR]):
                yield header.guess({one: first, two: second}, "header-changed", header.names[one], header.names[two])


def _variants(header: SignedHeader, place: int) -> Iterator[bytes]:
    """The canonical forms that the field in one place may have had, each once."""
    field = header.fields[place]
    if field is not None:
        forms = dict.fromkeys(map(header.field, originals(field, header.message)))
        yield from (form for form in forms if form != header.canonical[place])


def _kept_copies(header: SignedHeader) -> Iterator[Guess]:
    """The fields as the signer copied them into z=, where they differ from what is there: RFC 6376 3.5."""
    copies: dict[str, list[bytes]] = {}
    for copy in squeeze(parse_tags(header.own.value).get("z")).split("|")[: len(header.names)]:
        name, colon, value = copy.partition(":")
        raw = (name + colon + value).encode("latin-1", "replace")
        if colon:
            copies.setdefault(name.strip().lower(), []).append(HEX.sub(lambda match: bytes((int(match[1], 16),)), raw))
    places: dict[int, bytes] = {}
    for place, name in enumerate(header.names):
        if copies.get(name):
            field = header.field(copies[name].pop(0))
            if field != header.canonical[place]:
                places[place] = field
    if places:
        yield header.guess(places, "header-changed", *dict.fromkeys(header.names[place] for place in places))


def _fewer_fields(header: SignedHeader) -> Iterator[Guess]:
    """Without one, then two, of the fields of a name; without its only one."""
    for name in dict.fromkeys(header.names):
        fields = [header.field(one.raw) for one in reversed(header.message.all(name)) if one is not header.own]
        places = [place for place, other in enumerate(header.names) if other == name]
        tag: DamageTag = "header-duplicated" if len(fields) > 1 else "header-added"
        for dropped in (1, 2) if 0 < len(fields) <= MAX_COPIES else ():
            for kept in combinations(fields, len(fields) - dropped) if dropped <= len(fields) else ():
                picked = (*kept, *(b"" for _ in places))
                guess = header.guess(dict(zip(places, picked, strict=False)), tag, name)
                yield guess if kept else Guess(guess.places, Damage("header-added", field=name))


def _lost(header: SignedHeader, place: int) -> Iterator[Guess]:
    """A field that is gone, with what it most likely said."""
    name = header.names[place]
    if header.names.index(name) != place:
        return
    for raw in (*_KNOWN.get(name, ()), *said_elsewhere(header.message, name, name.encode("latin-1").title())):
        yield header.guess({place: header.field(raw)}, "header-removed", name)


def _folded_alike(header: SignedHeader) -> Iterator[Guess]:
    """Every field folded in another way, which only ``simple`` minds."""
    if header.form == "simple":
        fields = {place: field.raw for place, field in enumerate(header.fields) if field is not None}
        for way in FOLDINGS:
            places = {place: header.field(way(raw)) for place, raw in fields.items()}
            changed = dict.fromkeys(header.names[place] for place in places if places[place] != header.canonical[place])
            for own in ({}, {_OWN: header.own_field(way(header.own.raw))}):
                yield header.guess({**places, **own}, "header-changed", *changed)


def _by_signs(header: SignedHeader, signature: Signature) -> Damage | None:
    """What shows without a hash: SES's stamp on what was signed before, a list's address in From."""
    if _overwritten_by_ses(header, signature):
        return Damage("ses-overwrites", field=", ".join(name for name in header.names if name in _WRITTEN_BY_SES))
    author = header.message.first("from")
    kept = header.message.first("x-original-from") or header.message.first("reply-to")
    if author is None or kept is None or "from" not in header.names or b" via " not in author.raw.lower():
        return None
    domain = signature.domain.encode("latin-1", "replace")
    if domain in author.raw.lower() or domain not in kept.raw.lower():
        return None
    return Damage("header-changed", field="from", confident=False)


def _overwritten_by_ses(header: SignedHeader, signature: Signature) -> bool:
    """Whether SES wrote its Message-ID and Date over those that this signature, made before, covers.

    Those made by SES itself, or after it, cover what it wrote.
    """
    message_id = header.message.first("message-id")
    if _WRITTEN_BY_SES.isdisjoint(header.names) or message_id is None:
        return False
    if not _SES_MESSAGE_ID.fullmatch(message_id.value) or _EASY_DKIM.fullmatch(signature.selector):
        return False
    signatures = [(one.offset, parse_tags(one.value)) for one in header.message.all("dkim-signature")[:MAX_SIGNATURES]]
    of_ses = [(offset, tags) for offset, tags in signatures if tags.get("d").lower() == "amazonses.com"]
    time = signature.tags.get("t")
    return bool(of_ses) and all(
        offset < header.own.offset and (not time or tags.get("t") != time) for offset, tags in of_ses
    )


def _shown(field: bytes) -> str:
    """A field's value as people read it."""
    text = field.partition(b":")[2].replace(b"\r\n", b"").strip().decode("utf-8", "replace")
    return decode_words(text)[:MAX_SHOWN]
