"""The canonical forms of a message, and their hashes: RFC 6376 sections 3.4 and 3.7. DKIM and ARC share them.

Signatures are computed over a message in one of two forms: ``simple`` leaves it as it is, ``relaxed`` forgives what
relays do to white space. What is computed once for a message is kept with it: its second signature, and ARC, mostly ask
for the same forms again. Of a canonical body only the hash is kept, unless a signature with l= shows that there may be more
lengths to ask for.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Literal, cast

from todoku.mail.message import Field, Message

Canonicalization = Literal["simple", "relaxed"]

# `in` finds a number in octets several times faster than octets of length one
_LF, _VT, _FF, _CR = 0x0A, 0x0B, 0x0C, 0x0D
MAX_SPLIT = 256 * 1024  # octets of a body that is split: the pieces may take many times as much
_WSP = re.compile(rb"[ \t]+")
_B_VALUE = re.compile(rb";[ \t\r\n]*b[ \t\r\n]*=([^;]*)")


def relaxed_body(body: bytes) -> bytes:
    """The body with white space reduced, and without it at the ends of lines and of the body: RFC 6376 3.4.4."""
    if 0x09 in body:
        body = body.replace(b"\t", b" ")
    last = body.rfind(b" ") + 3  # a space and a CRLF; beyond, as in a base64 attachment, all stays as it is
    spaced, rest = body[:last], body[last:]
    while b"  " in spaced:  # each turn halves every run: a logarithm of turns
        spaced = _replaced(spaced, b"  ", b" ")
    body = _replaced(spaced, b" \r\n", b"\r\n") + rest
    end = len(body) - 1 if body.endswith(b" ") else len(body)
    start = _before_empty_lines(body, end)
    return _with_one_crlf(body, start) if start else b""


def _replaced(body: bytes, old: bytes, new: bytes) -> bytes:
    """``body.replace(old, new)``, which searches twice; split and joined it is searched once, and takes memory."""
    return new.join(body.split(old)) if len(body) <= MAX_SPLIT else body.replace(old, new)


def simple_body(body: bytes) -> bytes:
    """The body as it is, with one CRLF at its end and no more: RFC 6376 3.4.3."""
    return _with_one_crlf(body, _before_empty_lines(body, len(body)))


def _simple_end(raw: bytes, start: int) -> bytes | memoryview:
    """``simple_body`` of what begins at ``start``: no copy of it where it ends in one CRLF, as nearly every body does."""
    if len(raw) - start > 2 and raw.endswith(b"\r\n") and not raw.endswith(b"\r\n\r\n"):
        return memoryview(raw)[start:]
    return simple_body(raw[start:])


def _with_one_crlf(body: bytes, start: int) -> bytes:
    """``body[:start]`` and a CRLF: the body itself, and no copy of it, where that is what it ends in."""
    return body if start == len(body) - 2 and body.endswith(b"\r\n") else body[:start] + b"\r\n"


def _before_empty_lines(body: bytes, end: int) -> int:
    """Where the CRLFs begin that stand at the end of ``body[:end]``; ``end`` where there is none.

    Found without a step for each line: in a run of CRLFs no octet stands beside its like, and the run begins after the
    last place where one does.
    """
    if not body.endswith(b"\r\n", 0, end):
        return end
    if not body.endswith(b"\r\n\r\n", 0, end):
        return end - 2
    text = len(body[:end].rstrip(b"\r\n"))
    start = max(text, body.rfind(b"\r\r", text, end) + 1, body.rfind(b"\n\n", text, end) + 1)
    return start if body[start] == 0x0D else start + 1


def relaxed_field(raw: bytes, colon: int) -> bytes:
    """One header field, lower-case name, unfolded, white space reduced, without CRLF: RFC 6376 3.4.2."""
    name = raw[:colon].rstrip(b" \t").lower()
    value = raw[colon + 1 :]
    if _LF in value:
        value = value.replace(b"\r\n", b"")
    if _CR in value or _LF in value or _VT in value or _FF in value:  # white space to split(), not to the RFC
        return name + b":" + _WSP.sub(b" ", value).strip(b" ")
    return name + b":" + b" ".join(value.split())


def plain_relaxed_field(raw: bytes, colon: int) -> bytes:
    """The same of a field in a header that ``is_plainly_folded``, where all white space is reduced at once."""
    return raw[:colon].rstrip(b" \t").lower() + b":" + b" ".join(raw[colon + 1 :].split())


def without_b(raw: bytes, colon: int) -> bytes:
    """A signature field with the value of its b= tag, and the white space around it, deleted: RFC 6376 3.7."""
    found = _B_VALUE.search(b";" + raw[colon + 1 :])
    return raw if found is None else raw[: colon + found.start(1)] + raw[colon + found.end(1) :]


class Canonical:
    """What has been computed of one message's canonical forms."""

    def __init__(
        self, raw: bytes, fields: Mapping[str, Sequence[Field]], *, body_start: int = 0, plainly_folded: bool = False
    ) -> None:
        """Compute nothing yet. The body is ``raw[body_start:]``; ``fields`` are those of each lower-case name, in order."""
        self._raw = raw
        self._body_start = body_start
        self._fields = fields
        self._relax = plain_relaxed_field if plainly_folded else relaxed_field
        self._lines: dict[Canonicalization, _Lines] = {}
        self._bodies: dict[Canonicalization, bytes | memoryview] = {}
        self._hashes: dict[tuple[Canonicalization, int | None], tuple[bytes, int]] = {}

    def body_hash(self, form: Canonicalization, length: int | None) -> tuple[bytes, int]:
        """The SHA-256 of the first ``length`` octets of the canonical body (None: of all), and how many it has in all."""
        known = self._hashes.get((form, length))
        if known is None:
            body = self._canonical_body(form)
            if length is not None:
                self._bodies[form] = body
            hashed = body if length is None else memoryview(body)[:length]  # RFC 6376 3.4.5
            known = self._hashes[form, length] = hashlib.sha256(hashed).digest(), len(body)
        return known

    def _canonical_body(self, form: Canonicalization) -> bytes | memoryview:
        known = self._bodies.get(form)
        if known is not None:
            return known
        if form == "relaxed":
            return relaxed_body(self._raw[self._body_start :])
        return _simple_end(self._raw, self._body_start)

    def fields(self, name: str, form: Canonicalization) -> list[bytes]:
        """The header fields of a lower-case name in canonical form, each with its CRLF, from the bottom up."""
        lines = self._of_form(form)
        return [lines[name, nth] for nth in range(len(self._fields.get(name, ())))]

    def _of_form(self, form: Canonicalization) -> _Lines:
        known = self._lines.get(form)
        if known is None:
            known = self._lines[form] = _Lines(self._fields, self._relax if form == "relaxed" else None)
        return known

    def header_hash(self, signature: Field, names: Sequence[str], form: Canonicalization) -> bytes:
        """The SHA-256 of the fields that ``names`` (lower-case) pick, and of the signature's own field without b=."""
        lines = self._of_form(form)
        if signature.name in names:  # RFC 6376 3.5: h= never means the signature being verified
            others = [field for field in self._fields.get(signature.name, ()) if field.offset != signature.offset]
            lines = _Lines({**self._fields, signature.name: others}, self._relax if form == "relaxed" else None)
        signed = [lines[pick] for pick in _picks(tuple(names))]
        own = without_b(signature.raw, signature.colon)
        signed.append(own if form == "simple" else self._relax(own, signature.colon))
        return hashlib.sha256(b"".join(signed)).digest()


class _Lines(dict[tuple[str, int], bytes]):
    """Header fields in canonical form, each with its CRLF, by lower-case name and place from the bottom up: made when asked
    for. Beyond the last one is nothing (RFC 6376 5.4.2).
    """

    def __init__(self, fields: Mapping[str, Sequence[Field]], relax: Callable[[bytes, int], bytes] | None) -> None:
        super().__init__()
        self._fields = fields
        self._relax = relax

    def __missing__(self, pick: tuple[str, int]) -> bytes:
        name, nth = pick
        fields = self._fields.get(name, ())
        line = b""
        if nth < len(fields):
            field = fields[-1 - nth]
            # RFC 6376 3.4.1: simple changes nothing
            line = (field.raw if self._relax is None else self._relax(field.raw, field.colon)) + b"\r\n"
        self[pick] = line
        return line


@lru_cache(maxsize=256)  # senders use few lists
def _picks(names: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """Which field each name in h= means, from the bottom up; beyond the last one is nothing: RFC 6376 5.4.2."""
    taken = Counter[str]()
    picks = []
    for name in names:
        picks.append((name, taken[name]))
        taken[name] += 1
    return tuple(picks)


def canonical(message: Message) -> Canonical:
    """The canonical forms of a message, kept with it."""
    forms = message.__dict__.get("canonical_forms")
    if forms is None:  # it holds the octets and the fields, not the message: no cycle to wait for
        start = len(message.raw) if message.body_start is None else message.body_start
        forms = Canonical(message.raw, message.by_name, body_start=start, plainly_folded=message.is_plainly_folded)
        message.__dict__["canonical_forms"] = forms
    return cast(Canonical, forms)
