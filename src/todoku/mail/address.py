"""Author addresses: who a message says it is from. RFC 5322 section 3.4, RFC 6854, RFC 5890, RFC 6532.

What programs read differently must never look like one clean author. So the reader is patient and suspicious: it takes
every address that any display could show, wherever it stands, and says what is odd about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from todoku.mail.domain_name import ascii_domain, is_domain_name, is_mixed_script
from todoku.mail.encoded_word import decode_words
from todoku.mail.message import MAX_HEADER, Message
from todoku.mail.tokens import Token, is_dotted, tokenize, unquoted

__all__ = ["Address", "Author", "ascii_domain", "is_domain_name", "parse_author", "parse_mailboxes", "reads_as_from"]

MAX_ADDRESSES = 1000
MAX_DEFECTS = 50

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n")
EIGHT_BIT = re.compile(r"[\x80-\xff]")
SHOWN_DOMAIN = re.compile(r"@([^\s<>()\[\]\\,;:@\"]{1,255})")
# `Name <local@example.com>` and nothing odd about it: no quoted pair, no encoded word, no octet beyond ASCII.
PLAIN = re.compile(
    rb"[ \t]*+(?:\"([ !#-<>-\[\]-~]*+)\"|([A-Za-z0-9 !#$%&'*+/^_`{|}~.-]*+))[ \t]*+"
    rb"<([A-Za-z0-9!#$%&'*+/=^_`{|}~-]++(?:\.[A-Za-z0-9!#$%&'*+/=^_`{|}~-]++)*+)@([A-Za-z0-9.-]++)>[ \t]*+"
)
FOLDED_FROM = re.compile(rb"[ \t]*from[ \t\r\n]*:", re.IGNORECASE)
# A line of its own for a program to which a lone CR or LF ends a line; its body ends at the next one.
BEHIND_LONE_END = re.compile(rb"(?:\r(?!\n)|(?<!\r)\n)([^:\r\n]{4,998}+):([^\r\n]*+(?:\r\n[ \t][^\r\n]*+)*+)")
NOT_VISIBLE = bytes({*range(256)} - {*range(0x21, 0x7F)})

AMBIGUOUS = frozenset(
    {
        "from-repeated",
        "from-name-space",
        "from-name-folded",
        "from-route",
        "from-encoded-address",
        "from-control-character",
    }
)
"""Defects that programs are known to read differently: with one of them no From domain is the one From domain."""


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """One mailbox. ``display_name`` is decoded (RFC 2047) for people; ``domain`` is lower-case A-labels for comparing."""

    display_name: str = ""
    local: str = ""
    domain: str = ""
    written_domain: str = ""  # as it stands in the message


class Author(msgspec.Struct, frozen=True, kw_only=True):
    """Every address of every From field, and what is odd about how they are written.

    ``domain`` is the one From domain, or "" where there is not exactly one. ``defects`` are tags with the byte offset
    where each stands: ``from-missing``, ``from-repeated``, ``from-several-addresses``, ``from-empty``, ``from-group``,
    ``from-syntax``, ``from-obsolete`` (only RFC 5322 section 4.4 allows it), ``from-route``, ``from-encoded-address``,
    ``from-control-character`` (in it, in its name, or a lone CR or LF before it), ``from-8bit``, ``from-name-space`` (a
    blank beside the field's name), ``from-name-folded``
    (the name is folded), ``from-limit`` (more than MAX_ADDRESSES), ``domain-invalid``, ``domain-literal``,
    ``domain-mixed-script``.
    """

    addresses: tuple[Address, ...] = ()
    domain: str = ""
    domains: tuple[str, ...] = ()  # every distinct From domain, in order
    defects: tuple[tuple[str, int], ...] = ()


Defects = list[tuple[str, int]]


def parse_author(message: Message) -> Author:
    """Who a message says it is from: the addresses of all its From fields, and of lines that a program may take for one."""
    defects: Defects = []
    addresses: list[Address] = []
    fields = _from_fields(message, defects)
    if not fields:
        return Author(defects=(("from-missing", 0),))
    for number, (body, offset, start) in enumerate(fields):
        if number:
            defects.append(("from-repeated", offset))  # RFC 5322 3.6: at most one
        found, wrong = parse_mailboxes(body)
        addresses += found
        defects += [(tag, start + position) for tag, position in wrong]
        if not found and all(tag != "from-syntax" for tag, _ in wrong):
            defects.append(("from-empty", offset))
    if len(addresses) > 1:
        defects.append(("from-several-addresses", fields[0][1]))
    domains = tuple(dict.fromkeys(address.domain for address in addresses if address.domain))
    clean = len(domains) == 1 and all(address.domain for address in addresses)
    if not clean or any(tag in AMBIGUOUS for tag, _ in defects):
        return Author(addresses=tuple(addresses), domains=domains, defects=tuple(defects))
    return Author(addresses=tuple(addresses), domain=domains[0], domains=domains, defects=tuple(defects))


def _from_fields(message: Message, defects: Defects) -> list[tuple[bytes, int, int]]:
    """The body of each From field, the offset of the field, and that of its body, in the order of the message."""
    found = []
    for field in message.all("from"):
        found.append((field.body, field.offset, field.offset + field.colon + 1))
        if field.colon > len("from"):
            defects.append(("from-name-space", field.offset))
    if message.fields and message.fields[0].name.strip() == "from" != message.fields[0].name:  # a blank before the name
        first = message.fields[0]
        defects.append(("from-name-space", first.offset))
        found.append((first.body, first.offset, first.offset + first.colon + 1))
    for body, offset, start in _hidden_from_fields(message):
        defects.append(("from-control-character", offset))
        found.append((body, offset, start))
    for stray in message.strays:
        match = FOLDED_FROM.match(stray.raw)
        if match:
            defects.append(("from-name-folded", stray.offset))
            found.append((stray.raw[match.end() :], stray.offset, stray.offset + match.end()))
    return sorted(found, key=lambda entry: entry[1]) if len(found) > 1 else found


def reads_as_from(name: bytes) -> bool:
    """Whether a program that passes over what is not visible takes this field name for From."""
    return name.translate(None, NOT_VISIBLE).lower() == b"from"


def _hidden_from_fields(message: Message) -> Iterator[tuple[bytes, int, int]]:
    """Fields that only some programs take for From: with an octet in the name that is not visible, or behind a lone CR or LF."""
    names = "".join(message.by_name)
    if not (names.isascii() and names.isprintable()):
        for name, fields in message.by_name.items():
            if not (name.isascii() and name.isprintable()) and reads_as_from(name.encode("latin-1")):
                for field in fields:
                    yield field.body, field.offset, field.offset + field.colon + 1
    if message.is_plainly_folded:
        return
    end = min(len(message.raw) if message.body_start is None else message.body_start, MAX_HEADER)
    header = message.raw[:end]
    pairs = header.count(b"\r\n")
    if header.count(b"\n") == pairs == header.count(b"\r"):
        return
    for line in BEHIND_LONE_END.finditer(header):
        if reads_as_from(line[1]):
            yield line[2], line.start(1), line.start(2)


def parse_mailboxes(value: bytes) -> tuple[tuple[Address, ...], tuple[tuple[str, int], ...]]:
    """The mailboxes in an unfolded-or-not field body and the defects with offsets into ``value``. Never raises; linear."""
    match = PLAIN.fullmatch(value)
    if match:
        domain = ascii_domain(match[4].decode("ascii"))
        if domain and "xn--" not in domain and match[4][-1:] != b".":
            return (_plain(match, domain),), ()
    return _read(value)


def _plain(match: re.Match[bytes], domain: str) -> Address:
    """The one address of a value that needs no reading token by token: nearly every From field's."""
    name = (match[1] or match[2] or b"").decode("ascii")
    local, written = match[3].decode("ascii"), match[4].decode("ascii")
    return Address(display_name=" ".join(name.split()), local=local, domain=domain, written_domain=written)


def _read(value: bytes) -> tuple[tuple[Address, ...], tuple[tuple[str, int], ...]]:
    text = value.decode("latin-1")
    defects: Defects = []
    for tag, pattern in (("from-control-character", CONTROL), ("from-8bit", EIGHT_BIT)):
        match = pattern.search(text)
        if match:
            defects.append((tag, match.start()))
    addresses: list[Address] = []
    for segment in _segments(tokenize(text), defects):
        addresses += _mailbox(segment, defects)
        if len(addresses) > MAX_ADDRESSES:
            defects.insert(0, ("from-limit", segment[0].offset))
            break
    return tuple(addresses[:MAX_ADDRESSES]), tuple(defects[:MAX_DEFECTS])


def _segments(tokens: Iterable[Token], defects: Defects) -> Iterator[list[Token]]:
    """The tokens of each mailbox: a list is split at its commas, a group (RFC 6854) gives its members."""
    current: list[Token] = []
    angle = route = group = False
    for token in tokens:
        mark = token.text if token.kind == "special" else ""
        if mark == "<":
            angle, route = True, False
        elif mark == ">":
            angle = False
        elif mark == "@" and angle and current[-1].text == "<":
            route = True  # RFC 5322 4.4: its commas and colon belong to it
        elif mark in (",", ";") and not (angle and route):
            if mark == ";" and not group:
                defects.append(("from-syntax", token.offset))
            if current:
                yield current
            current, angle, group = [], False, group and mark == ","
            continue
        elif mark == ":" and not angle and not group:
            defects.append(("from-group", token.offset))
            group = True
            if any(name.text == "@" for name in current):  # no name of a group: an address may hide in it
                yield current
            current = []
            continue
        current.append(token)
    if group:
        defects.append(("from-syntax", current[-1].offset if current else 0))
    if current:
        yield current


def _mailbox(segment: Sequence[Token], defects: Defects) -> list[Address]:
    """The addresses that one mailbox shows: exactly one where it is well-formed."""
    outside, inside = _parts(segment, defects)
    if not inside:
        return _bare(outside[0], segment, defects)
    phrase, *junk = outside
    if any(token.kind in ("special", "stray", "literal") and token.text != "." for token in phrase):
        defects.append(("from-syntax", phrase[0].offset))
    if any(_has_words(tokens) for tokens in junk) or len(inside) > 1:
        defects.append(("from-syntax", segment[0].offset))
    # An "@" outside of the brackets: some program shows that address.
    found = [_address(tokens, [], "") for tokens in outside if any(token.text == "@" for token in tokens)]
    name = _shown(phrase) or _comment(segment)
    own = [_address(tokens, defects, name) for tokens in inside]
    hidden = [address for address in found if address.domain != own[0].domain or address.local != own[0].local]
    return [*hidden, *own]


def _parts(segment: Sequence[Token], defects: Defects) -> tuple[list[list[Token]], list[list[Token]]]:
    """The tokens before, between and after the angle brackets, and those inside each pair."""
    outside: list[list[Token]] = [[]]
    inside: list[list[Token]] = []
    current = outside[0]
    for token in segment:
        if token.text == "<":
            if inside and current is inside[-1]:
                defects.append(("from-syntax", token.offset))
            current = []
            inside.append(current)
        elif token.text == ">":
            if not inside or current is not inside[-1]:
                defects.append(("from-syntax", token.offset))
            current = []
            outside.append(current)
        else:
            current.append(token)
    if inside and current is inside[-1]:
        defects.append(("from-syntax", segment[-1].offset))
    return outside, inside


def _bare(tokens: Sequence[Token], segment: Sequence[Token], defects: Defects) -> list[Address]:
    """An address without angle brackets; a word that only decodes to one is shown by some programs, so it counts."""
    if any(token.text == "@" for token in tokens):
        return [_address(tokens, defects, _comment(segment))]
    if not _has_words(tokens):
        return []
    defects.append(("from-syntax", segment[0].offset))
    shown = SHOWN_DOMAIN.search(_shown(tokens))
    if shown is None:
        return []
    defects.append(("from-encoded-address", segment[0].offset))
    return [Address(domain=ascii_domain(shown[1]) or "", written_domain=shown[1])]


def _address(tokens: Sequence[Token], defects: Defects, display_name: str) -> Address:
    """The addr-spec in the tokens (RFC 5322 3.4.1), with or without the route of RFC 5322 4.4 before it."""
    words = [token for token in tokens if token.kind not in ("white", "comment")]
    offset = words[0].offset if words else tokens[0].offset if tokens else 0
    if words and words[0].text == "@":
        end = next((index for index, token in enumerate(words) if token.text == ":"), None)
        if end is not None:
            defects.append(("from-route", offset))
            words = words[end + 1 :]
    at = next((index for index, token in enumerate(words) if token.text == "@"), len(words))
    local, domain = words[:at], words[at + 1 :]
    if any(token.kind == "encoded" for token in words):  # RFC 2047 5 (3)
        defects.append(("from-encoded-address", offset))
    if not is_dotted(local, ("atom", "encoded", "quoted")) or not (is_dotted(domain, ("atom",)) or _literal(domain)):
        defects.append(("from-syntax", offset))
    elif len(local) > 1 and any(token.kind == "quoted" for token in local):
        defects.append(("from-obsolete", offset))  # RFC 5322 4.4: obs-local-part
    elif words[-1].offset - words[0].offset + len(words[-1].text) != sum(len(token.text) for token in words):
        defects.append(("from-obsolete", offset))  # RFC 5322 4.4: comments and white space inside
    written = _utf8("".join(token.text for token in domain))
    return Address(
        display_name=display_name,
        local=_utf8("".join(token.text for token in local)),
        domain=_domain(written, domain[0].offset if domain else offset, defects),
        written_domain=written,
    )


def _domain(written: str, offset: int, defects: Defects) -> str:
    if not written:
        return ""
    if written[0] == "[":
        defects.append(("domain-literal", offset))
        return ""
    if is_mixed_script(written):
        defects.append(("domain-mixed-script", offset))
    domain = ascii_domain(written)
    if domain is None:
        defects.append(("domain-invalid", offset))
    return domain or ""


def _literal(words: Sequence[Token]) -> bool:
    return len(words) == 1 and words[0].kind == "literal"


def _has_words(tokens: Iterable[Token]) -> bool:
    return any(token.kind not in ("white", "comment") for token in tokens)


def _shown(phrase: Iterable[Token]) -> str:
    """A phrase as people see it: unquoted, unfolded, decoded."""
    written = "".join(
        unquoted(token.text) if token.kind == "quoted" else token.text for token in phrase if token.kind != "comment"
    )
    return " ".join(decode_words(_utf8(written)).split())


def _comment(segment: Iterable[Token]) -> str:
    """The last comment: before RFC 822 it held the name, and programs still show it as one."""
    comments = [token.text for token in segment if token.kind == "comment"]
    return " ".join(decode_words(_utf8(unquoted(comments[-1]))).split()) if comments else ""


def _utf8(text: str) -> str:
    """Octets that stand as latin-1 characters, read as UTF-8 (RFC 6532); what is not UTF-8 is U+FFFD."""
    return text if text.isascii() else text.encode("latin-1").decode("utf-8", "replace")
