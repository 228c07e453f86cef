"""Reports taken out of whatever they come in: e-mail, gzip, zip, base64, in each other and several at a time.

Receivers label them as they like, so what something is, its first octets tell, and no media type or file name is asked.
Everything is bounded while it is unpacked (docs/bounds.md), by what comes out and not by what an archive says of itself.
Each report comes out by itself, whole, or refused with its reason: one that is broken does not take another with it.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from todoku.feedback import failure, zip_members
from todoku.feedback.inflate import MAGIC as GZIP
from todoku.feedback.inflate import gunzip
from todoku.feedback.refusal import (
    ATTACHMENT,
    BOMB,
    EMPTY,
    MEMBERS,
    NESTED,
    NONE_INSIDE,
    NOT_XML,
    TOO_LARGE,
    TRUNCATED,
    Refusal,
    Refused,
)
from todoku.mail.mbox import is_mbox, mbox_messages
from todoku.mail.message import Message
from todoku.mail.mime import IDENTITY, Part, decoded, mime_tree
from todoku.mail.saved import read_saved
from todoku.words.errors import NotAMessage

MiB = 1024 * 1024
KEPT = 32 * MiB  # octets of documents that are kept unpacked, in one file together

Kind = Literal["xml", "json", "mail"]
"""``mail`` is a message that is a report itself: a complaint, or a failure report."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much is unpacked. ``depth``: how many times over something may be packed, the e-mail around it not counted."""

    packed: int = 20 * MiB
    unpacked: int = 100 * MiB  # of everything in one file together
    members: int = 100
    depth: int = 3


DEFAULT = Limits()


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One report by itself. ``name`` is the member's that it was, for display only.

    One that is large unpacked stays packed, and is unpacked again a piece at a time when it is read.
    """

    kind: Kind
    octets: bytes
    name: str = ""
    member: zip_members.Member | None = None
    gzipped: bool = False

    def pieces(self) -> Iterator[bytes]:
        """Its octets unpacked, a piece at a time. They were let out once before, so that none is missing."""
        if self.gzipped:
            yield from gunzip(self.octets)
        elif self.member is not None:
            yield from zip_members.unpacked(self.member, self.octets)
        else:
            yield self.octets

    def content(self) -> bytes:
        """All of its octets."""
        return b"".join(self.pieces())


def unwrap(raw: bytes, limits: Limits = DEFAULT) -> tuple[Document | Refused, ...]:
    """Every report in the octets of a file or a message, in order, each by itself or refused. At least one; never raises."""
    if len(raw) > limits.packed:
        return (Refusal(TOO_LARGE, limit=limits.packed).refused,)
    if kind := kind_of(raw):  # as most are that come from a store
        return (Document(kind=kind, octets=raw),)
    return tuple(_Unwrapping(limits).all(raw))


class _Item(msgspec.Struct, frozen=True):
    """Something to look into: ``depth`` is how many times over it was packed."""

    octets: bytes
    name: str
    depth: int


class _Unwrapping:
    """One file: what is left of its bounds."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = limits.unpacked
        self.members = limits.members
        self.room = KEPT

    def all(self, raw: bytes) -> Iterator[Document | Refused]:
        pending: list[_Item | Document | Refused] = [_Item(raw, "", 0)]
        while pending:
            item = pending.pop()
            if not isinstance(item, _Item):
                yield item
                continue
            inside: list[_Item | Document | Refused] = []
            try:
                inside.extend(self.look(item))
            except Refusal as refusal:
                inside.append(msgspec.structs.replace(refusal.refused, name=item.name))
            pending += reversed(inside)

    def look(self, item: _Item) -> Iterator[_Item | Document | Refused]:
        """What is in an item. Raises ``Refusal``."""
        octets = item.octets
        if octets.startswith(GZIP):
            yield self.unpack(item, gunzip(octets), Document(kind="xml", octets=octets, name=item.name, gzipped=True))
        elif octets.startswith((zip_members.MAGIC, zip_members.MAGIC_EMPTY)):
            yield from self.archive(item)
        elif encoded := _base64(octets):
            yield _Item(encoded, item.name, item.depth)
        elif kind := kind_of(octets):
            yield Document(kind=kind, octets=octets, name=item.name)
        elif is_mbox(octets):
            yield from self.mailbox(item)
        elif _FIELD.match(octets):
            yield from self.mail(item)
        else:
            raise Refusal(NOT_XML if octets.strip() else EMPTY)

    def archive(self, item: _Item) -> Iterator[_Item | Document | Refused]:
        found = [one for one in zip_members.members(item.octets, self.members) if not one.is_directory]
        self.members -= len(found)
        if not found:
            raise Refusal(NONE_INSIDE)
        for member in found:
            try:
                octets = zip_members.packed(item.octets, member)
                packed = Document(kind="xml", octets=octets, name=member.name, member=member)
                yield self.unpack(item, zip_members.unpacked(member, octets), packed)
            except Refusal as refusal:  # of this member alone
                yield msgspec.structs.replace(refusal.refused, name=member.name)

    def unpack(self, item: _Item, pieces: Iterable[bytes], packed: Document) -> _Item | Document:
        """What the pieces are together: as an item to look into, or, if that is large, as it is. Raises ``Refusal``."""
        if item.depth == self.limits.depth:
            raise Refusal(NESTED, limit=self.limits.depth)
        kept: list[bytes] = []
        size = 0
        for piece in pieces:
            size += len(piece)
            self.left -= len(piece)
            if self.left < 0:
                raise Refusal(BOMB, limit=self.limits.unpacked)
            if not kept or size <= self.limits.packed:
                kept.append(piece)
        kind = kind_of(kept[0]) if kept else ""
        if kind and size > min(self.room, self.limits.packed):
            return msgspec.structs.replace(packed, kind=kind)
        if size > self.limits.packed:
            raise Refusal(TOO_LARGE, limit=self.limits.packed)
        self.room -= size
        return _Item(b"".join(kept), packed.name, item.depth + 1)

    def mailbox(self, item: _Item) -> Iterator[_Item]:
        """Each message of a mailbox file."""
        for octets in mbox_messages(item.octets):
            self.count(1)
            yield _Item(octets, item.name, item.depth)

    def count(self, members: int) -> None:
        """Raises ``Refusal`` where these are more than are left."""
        if members > self.members:
            raise Refusal(MEMBERS, limit=self.limits.members)
        self.members -= members

    def mail(self, item: _Item) -> Iterator[_Item | Document | Refused]:
        """The reports attached to a message, or the message where it is a report itself."""
        try:
            message = read_saved(item.octets).message
        except NotAMessage:
            raise Refusal(NOT_XML) from None
        mime = mime_tree(message)
        if failure.is_report(message, mime):
            yield Document(kind="mail", octets=message.raw, name=item.name)
            return
        found = [one for part in mime.parts if (one := self.attached(message, part, item))]
        self.count(len(found))
        yield from found
        if mime.limits:
            yield Refusal(MEMBERS, limit=self.limits.members).refused
        elif not found:
            raise Refusal(TRUNCATED if message.body_start is None else NONE_INSIDE)

    def attached(self, message: Message, part: Part, item: _Item) -> _Item | Refused | None:
        """A part that holds a report, whatever it is labelled, or a message; refused where it might hold one that cannot be read.

        A message that is attached as it is (``message/rfc822``) is no part of this kind: its own parts are the message's, too.
        """
        is_walked = part.is_multipart or (part.is_message and part.encoding in IDENTITY)
        if is_walked or part.end - part.start < _LEAST:
            return None
        short = part.end - part.start <= _SHORT
        start = decoded(message, part, self.limits.packed if short else _SHORT)
        is_report = start.startswith((GZIP, zip_members.MAGIC)) or kind_of(start) or _BASE64.match(start)
        is_labelled = _MAY_HOLD_ONE.fullmatch(part.content_type) is not None
        is_mail = is_labelled and _FIELD.match(start) is not None
        if not (is_report or is_mail):
            is_silent = not (is_labelled or start.startswith(_OTHER_ARCHIVES)) or not start.strip()
            return None if is_silent else Refusal(ATTACHMENT, kind=part.content_type[:_SHOWN]).refused
        octets = start if short else decoded(message, part, self.limits.packed)
        if is_report:
            return _Item(octets, item.name, item.depth)
        if item.depth == self.limits.depth:
            return Refusal(NESTED, limit=self.limits.depth).refused
        return _Item(octets, item.name, item.depth + 1)


_LEAST = 20  # octets that no report has less of
_START = 4 * 1024  # octets that tell what something is
_SHORT = 64 * 1024  # octets of a part that is decoded at once
_SHOWN = 60  # characters of a media type in the reason of a refusal
_OTHER_ARCHIVES = (
    b"BZh",
    b"\xfd7zXZ\0",
    b"7z\xbc\xaf\x27\x1c",
    b"\x28\xb5\x2f\xfd",
    b"Rar!",
)  # bzip2, xz, 7z, zstd, RAR
_MAY_HOLD_ONE = (
    re.compile(  # what is labelled so holds a report, or may: no signature, no document, no part of a bounce
        r"application/(?!pdf$|(?:x-)?pkcs7-|pgp-|vnd\.|msword$|rtf$).+|text/(?:xml|json)"
        r"|message/(?:rfc822|global|partial|external-body)"
    )
)
_FIELD = re.compile(rb"(?:\xef\xbb\xbf)?(?:>?From [^\r\n]*+\r?\n)?[A-Za-z][A-Za-z0-9-]{0,63}+[ \t]*+:")
_REPORT = re.compile(rb"(?:\xef\xbb\xbf)?\s*+(?:<\?xml\s[^<>]*+>\s*+)?+<feedback[\s>/]")  # where no web page can begin
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*+(?:<\?xml\b|<!DOCTYPE\b|<!--|<(?:[A-Za-z0-9_-]++:)?+feedback[\s>/])")
_UTF16 = re.compile(rb"\xff\xfe<\0|\xfe\xff\0<|<\0[?!f]\0|\0<\0[?!f]")
_HTML = re.compile(rb"<[Hh][Tt][Mm][Ll][\s>]")
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*+\{")
# The beginnings of gzip, zip, "<?xml", "<feedback", '{"', each also behind a UTF-8 byte order mark, in base64.
_BASE64 = re.compile(rb"\s*+(?:H4sI|UEsDB|PD94bW|PGZlZWRiYWNr|eyJ|77u/PD|77u/ey)[A-Za-z0-9+/=\s]*+\Z")


def is_mail(octets: bytes) -> bool:
    """Whether these are a message, by their beginning."""
    return not octets.startswith((GZIP, zip_members.MAGIC)) and _FIELD.match(octets) is not None


def kind_of(start: bytes) -> Kind | Literal[""]:
    """What a document is by its beginning: "" where it is neither XML, and no web page, nor JSON."""
    if _REPORT.match(start):
        return "xml"
    if _XML.match(start) or _UTF16.match(start):
        return "" if _HTML.search(start, 0, _START) else "xml"
    return "json" if _JSON.match(start) else ""


def _base64(octets: bytes) -> bytes:
    """What base64 text without any label stands for; nothing where it is no such text of a report. Raises ``Refusal``."""
    if not _BASE64.match(octets):
        return b""
    try:
        return binascii.a2b_base64(octets)
    except binascii.Error:
        raise Refusal(TRUNCATED) from None
