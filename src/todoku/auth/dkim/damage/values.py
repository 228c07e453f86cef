"""What a header field may have said before a relay touched it: its original's likely forms, one after another.

Relays put a mark before a Subject, a list's address into From, quotes around a name or a parameter; they fold, unfold and
re-encode. Each guess is a whole field as it may have been written, without its last CRLF.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from itertools import islice, permutations

from todoku.auth.dkim.damage.words import encoded_words
from todoku.mail.dates import parse_date
from todoku.mail.encoded_word import decode_words
from todoku.mail.message import Field, Message

MAX_VALUE = 8_192  # octets of a field that is varied
MAX_VARIANTS = 250  # of one field

_NAMES = {
    "message-id": (b"Message-ID", b"Message-Id"),
    "mime-version": (b"MIME-Version", b"Mime-Version"),
    "cc": (b"Cc", b"CC"),
    "list-id": (b"List-Id", b"List-ID"),
}
_MARK = r"(?:\[[^\]]{1,80}\]|\*{2,}[^*]{1,60}\*{2,}|\{[^}]{1,60}\}|\([^)]{1,60}\)|【[^】]{1,60}】|[A-Z]{3,12}:|<[^>]{1,60}>)"
_MARKED = re.compile(rf"(?P<reply>(?:(?:re|fw|fwd|aw|sv|wg|返信|転送)\s*[:：]\s*)*){_MARK}\s*", re.IGNORECASE)
_MARKED_BEHIND = re.compile(rf"\s*{_MARK}$")
_QUOTED_NAME = re.compile(rb'"([^"\\]*)"(?=[ \t]*<)')
_BARE_NAME = re.compile(rb'(^|,)([ \t]*)([^",<>]*[^",<> \t])(?=[ \t]*<)')
_BETWEEN_ADDRESSES = re.compile(rb"[\s<>\",;:]+")
_VIA = re.compile(rb"^(?P<name>.*?)[ \t]+(?:via|\(via)[ \t].*$", re.IGNORECASE | re.DOTALL)
_PARAMETER = re.compile(rb';([ \t]*)([a-z0-9*-]+)=(?:"([^"\\]*)"|([^";\s]+))', re.IGNORECASE)
_CHARSET = re.compile(rb'(charset=)("?)[a-z0-9_.:-]+("?)', re.IGNORECASE)
_CHARSETS = (b"utf-8", b"UTF-8", b"iso-2022-jp", b"ISO-2022-JP", b"us-ascii", b"US-ASCII", b"Shift_JIS", b"iso-8859-1")
_ENCODINGS = ("quoted-printable", "base64", "8bit", "7bit", "binary")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ORIGINALS = ("x-original-{}", "original-{}", "x-google-original-{}", "x-microsoft-original-{}", "x-old-{}", "old-{}")


def originals(field: Field, message: Message) -> Iterator[bytes]:
    """What the field may have been, likely ones first, at most ``MAX_VARIANTS``."""
    if len(field.raw) > MAX_VALUE:
        return
    name = field.raw[: field.colon]
    yield from islice(_all(field, name, message), MAX_VARIANTS)


def _all(field: Field, name: bytes, message: Message) -> Iterator[bytes]:
    value = b" ".join(field.body.split())  # with no run of white space, over which expressions would take long
    yield from said_elsewhere(message, field.name, name)
    for variant in _OF_NAME.get(field.name, _of_others)(value):
        yield name + b": " + variant
    if field.name == "from":
        yield from (name + b": " + variant for variant in _before_a_list(value, message))
    yield from spacings(field.raw)


def said_elsewhere(message: Message, name: str, written: bytes) -> Iterator[bytes]:
    """What other fields keep of a field that was replaced."""
    names = [pattern.format(name) for pattern in _ORIGINALS]
    names += ["thread-topic"] if name == "subject" else []
    for other in names:
        if (field := message.first(other)) is not None:
            yield written + b":" + field.body


def _subject(value: bytes) -> Iterator[bytes]:
    text = value.decode("latin-1")
    yield from (variant.encode("latin-1", "replace") for variant in _unmarked(text))
    readable = decode_words(value.decode("utf-8", "replace"))
    for variant in _unmarked(readable):
        yield variant.encode()
        yield from encoded_words(variant, len(b"Subject: "))
    yield from _of_others(value)


def _unmarked(text: str) -> Iterator[str]:
    """The text without the first mark, the first two, or a last one."""
    for _ in range(2):
        without = _MARKED.sub(lambda match: match["reply"], text, count=1) if _MARKED.match(text) else text
        if without == text:
            break
        yield without
        text = without
    if _MARKED_BEHIND.search(text[-100:]):
        yield text[:-100] + _MARKED_BEHIND.sub("", text[-100:])


def _of_others(value: bytes) -> Iterator[bytes]:
    """Another encoding of the words, other blanks around commas and semicolons."""
    yield from _spaced(value)
    text = value.decode("utf-8", "replace")
    readable = decode_words(text)
    if readable != text:
        yield readable.encode()
    if not readable.isascii() and "\ufffd" not in readable:
        yield from encoded_words(readable, 9)


def _spaced(value: bytes) -> Iterator[bytes]:
    for mark in (b",", b";"):
        if mark in value:
            tight = re.sub(rb"[ \t]*" + mark + rb"[ \t]*", mark, value)
            yield tight
            yield tight.replace(mark, mark + b" ")


def _mailboxes(value: bytes) -> Iterator[bytes]:
    yield _QUOTED_NAME.sub(rb"\1", value)
    yield _BARE_NAME.sub(rb'\1\2"\3"', value)
    yield from _spaced(value)
    yield value.lower()
    yield re.sub(rb"@[^\s<>,;]+", lambda match: match[0].lower(), value)
    addresses = _addresses(value)
    if len(addresses) == 1 or (len(addresses) == 2 and addresses[0] == addresses[1]):
        (address, *_) = addresses
        yield from (address, b"<" + address + b">", b'"' + address + b'" <' + address + b">")
    yield b", ".join(addresses)
    yield b",".join(addresses)
    readable = decode_words(value.decode("utf-8", "replace"))
    yield readable.encode()
    if (found := re.match(r'\s*"?([^"<]*?)"?\s*(<[^<>]+>)\s*$', readable)) and not found[1].isascii():
        yield from (words + b" " + found[2].encode() for words in encoded_words(found[1], 6))


def _addresses(value: bytes) -> list[bytes]:
    return [word for word in _BETWEEN_ADDRESSES.split(value) if b"@" in word]


def _before_a_list(value: bytes, message: Message) -> Iterator[bytes]:
    """From with an address that another field kept, under the name that it now has without " via ..."."""
    via = _VIA.match(value)
    name = (via["name"] if via else value.partition(b"<")[0]).strip(b" \t\"'")
    for other in ("reply-to", "x-original-from", "cc", "x-original-sender", "sender"):
        field = message.first(other)
        if field is None:
            continue
        yield b" ".join(field.body.split())
        for address in _addresses(field.body[:MAX_VALUE])[:3]:
            if name:
                yield from (name + b" <" + address + b">", b'"' + name + b'" <' + address + b">")
            yield from (address, b"<" + address + b">")


def _content_type(value: bytes) -> Iterator[bytes]:
    found = [(match[2], match[4] if match[3] is None else match[3]) for match in _PARAMETER.finditer(value)]
    kind = value.partition(b";")[0].strip()
    for quoted in (b'"', b""):
        for glue in (b"; ", b";"):
            yield kind + b"".join(glue + name + b"=" + quoted + content + quoted for name, content in found)
            for index in range(len(found)):
                left = found[:index] + found[index + 1 :]
                yield kind + b"".join(glue + name + b"=" + quoted + content + quoted for name, content in left)
    for match in _PARAMETER.finditer(value):
        other = match[3] if match[3] is not None else b'"' + match[4] + b'"'
        yield value[: match.start()] + b";" + match[1] + match[2] + b"=" + other + value[match.end() :]
        yield value[: match.start()] + value[match.end() :]
    for order in islice(permutations(found), 6):
        yield kind + b"".join(b"; " + name + b'="' + content + b'"' for name, content in order)
    for charset in _CHARSETS:
        for quote in (b'"', b""):
            yield _CHARSET.sub(rb"\g<1>" + quote + charset + quote, value)
            yield kind + b"; charset=" + quote + charset + quote
    yield from (value.lower(), kind.lower() + value[len(kind) :], value.replace(b"text/html", b"text/plain", 1))


def _encoding(_: bytes) -> Iterator[bytes]:
    for encoding in _ENCODINGS:
        yield from (encoding.encode(), encoding.upper().encode(), encoding.title().encode())


def _date(value: bytes) -> Iterator[bytes]:
    """The same moment in other words, then in other zones."""
    yield re.sub(rb"[ \t]*\([^()]*\)[ \t]*$", b"", value)
    moment = parse_date(value.decode("latin-1"))
    if moment is None:
        return
    here = moment.utcoffset() or timedelta()
    zones = [here, timedelta(), timedelta(hours=9), *(timedelta(hours=hour) for hour in range(-12, 15))]
    for offset in dict.fromkeys(zones):
        yield from _written(moment, offset)


def _written(moment: datetime, offset: timedelta) -> Iterator[bytes]:
    try:
        local = moment.astimezone(timezone(offset) if offset else UTC)
    except (OverflowError, ValueError):  # the first and last days of the calendar
        return
    zone = f"{local:%z}"[:5]
    for day in (f"{local.day:02}", f"{local.day}"):
        plain = f"{day} {_MONTHS[local.month - 1]} {local.year:04} {local:%H:%M:%S}"
        for form in (f"{_DAYS[local.weekday()]}, {plain}", plain):
            yield f"{form} {zone}".encode()
            if not offset:
                yield from (f"{form} {word}".encode() for word in ("GMT", "UTC", "-0000", "+0000 (UTC)", "+0000 (GMT)"))
            elif offset == timedelta(hours=9):
                yield f"{form} {zone} (JST)".encode()


def _message_id(value: bytes) -> Iterator[bytes]:
    bare = value.strip(b"<>")
    yield from (bare, b"<" + bare + b">")


_OF_NAME: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "subject": _subject,
    **dict.fromkeys(("from", "to", "cc", "reply-to", "sender"), _mailboxes),
    "content-type": _content_type,
    "content-transfer-encoding": _encoding,
    "date": _date,
    "message-id": _message_id,
}


def spacings(raw: bytes) -> Iterator[bytes]:
    """The field under other spellings of its name, and folded otherwise: differences that only ``simple`` sees."""
    for way in FOLDINGS:
        yield way(raw)
    name, _, value = raw.partition(b":")
    lower = name.decode("latin-1").lower()
    for other in (*_NAMES.get(lower, ()), name.title(), name.lower()):
        yield other + b":" + value
    bare = value.lstrip(b" \t")
    yield from (name + b":" + bare, name + b": " + bare, name + b":\t" + bare, name + b":\r\n " + bare)


def _unfolded(raw: bytes, glue: bytes | None) -> bytes:
    """The field in one line, or with ``glue`` between its lines in place of the white space there."""
    if glue is None:
        return raw.replace(b"\r\n", b"")
    first, *others = raw.split(b"\r\n")
    return glue.join((first.rstrip(b" \t"), *(line.strip(b" \t") for line in others))) if others else raw


def _folded(raw: bytes, width: int, blank: bytes) -> bytes:
    """The field in lines of at most ``width`` octets, folded at white space."""
    line, lines = b"", []
    for word in re.sub(rb"\r\n[ \t]*", b" ", raw).split(b" "):
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line += b" " + word if line else word
    return (b"\r\n" + blank).join((*lines, line))


FOLDINGS: tuple[Callable[[bytes], bytes], ...] = (
    partial(_unfolded, glue=None),
    partial(_unfolded, glue=b" "),
    partial(_unfolded, glue=b"\r\n "),
    partial(_unfolded, glue=b"\r\n\t"),
    *(partial(_folded, width=width, blank=blank) for width in (78, 76, 72) for blank in (b" ", b"\t")),
    lambda raw: re.sub(rb"([,;])[ \t]+", rb"\1\r\n ", raw),
    lambda raw: re.sub(rb"([,;])[ \t]+", rb"\1\r\n\t", raw),
    lambda raw: b"\r\n".join(line.rstrip(b" \t") for line in raw.split(b"\r\n")),
)
"""Ways to fold and unfold a field."""
