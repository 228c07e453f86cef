"""What was done to a body whose hash differs: the guesses, likely ones first.

Each family of guesses undoes one kind of damage. Lines are counted in the canonical body, which has as many as the body
itself but for empty ones at its end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from todoku.auth.dkim.canonical import canonical
from todoku.auth.dkim.damage import lines as line_ends
from todoku.auth.dkim.damage.added import added_lines, footers_in_base64
from todoku.auth.dkim.damage.conversions import conversions
from todoku.auth.dkim.damage.search import Guess, Letter, Search
from todoku.auth.dkim.damage_kinds import Damage, DamageTag
from todoku.auth.dkim.signature import MAX_SIGNATURES, Signature, read_signature
from todoku.mail.message import Field, Message
from todoku.mail.mime import Part, decoded

MAX_REWRAPPED = 64 * 1024  # octets of a body whose lines are broken and joined, in a hundred ways
MAX_REWRAPPED_LINES = 1_000
_OPEN_ESCAPE = re.compile(rb"=[0-9A-F]?\Z")
_HTML_TAIL = 4_096


def body_damage(message: Message, field: Field, signature: Signature) -> Damage:
    """What was done to the body of a message, whose hash is not the one in this signature."""
    letter, search = Letter(message), Search(signature)
    size = canonical(message).body_hash(search.form, search.length)[1]
    if search.length is not None and search.length > size:
        return Damage("body-cut", octets=search.length - size)
    if (found := added_lines(letter, search)) is not None:
        return found
    for guess in _guesses(letter):
        if search.finds(guess.body):
            return guess.damage
        if search.spent:
            break
    if (tag := _white_space(message, field, search)) is not None:
        return Damage(tag)
    return Damage("body-cut", confident=False) if _is_cut(letter) else Damage("body-changed")


def _guesses(letter: Letter) -> Iterator[Guess]:
    families = _CHEAP if letter.is_large else _ALL
    for family in families:
        yield from family(letter)


def _line_ends(letter: Letter) -> Iterator[Guess]:
    """Bare CR and LF, which relays turn into CRLF, and the reverse."""
    body, damage = letter.body, Damage("body-line-ends-changed")
    if body.count(b"\r\n") == body.count(b"\n") == body.count(b"\r"):
        yield Guess(body.replace(b"\r\n", b"\n"), damage)
        yield Guess(body.replace(b"\r\n", b"\r"), damage)
    else:
        lf = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")  # a regular expression would take 100 times the memory
        yield Guess(lf.replace(b"\n", b"\r\n"), damage)


def _marks(letter: Letter) -> Iterator[Guess]:
    """What mailboxes and SMTP put before some lines."""
    body = letter.body
    if b"\r\n>From " in body or body.startswith(b">From "):
        yield Guess(line_ends.without_from_escapes(body), Damage("body-from-escaped"))
    dotted = b"\r\n" + body
    if b"\r\n." in dotted:  # RFC 5321 4.5.2
        yield Guess(dotted.replace(b"\r\n..", b"\r\n.")[2:], Damage("body-dots-changed"))
        yield Guess(dotted.replace(b"\r\n.", b"\r\n..")[2:], Damage("body-dots-changed"))


_CHEAP: tuple[Callable[[Letter], Iterator[Guess]], ...] = (_line_ends, _marks)


def _whitespace(letter: Letter) -> Iterator[Guess]:
    """Blanks at the ends of lines and empty lines, lost or added."""
    body = letter.body
    stripped = line_ends.without_trailing_blanks(body)
    if stripped != body:
        yield Guess(stripped, Damage("body-whitespace-added"))
    yield Guess(b"\r\n" + body, Damage("body-whitespace-lost"))
    yield Guess(body.lstrip(b"\r\n"), Damage("body-whitespace-added"))
    for contents in _each_way(
        letter, _unencoded(letter), (line_ends.with_signature_blank, line_ends.flowed, _flowed_and_signed)
    ):
        yield Guess(contents, Damage("body-whitespace-lost"))
    for parts in (letter.leaves, *((part,) for part in letter.leaves[:4])):
        for lost in (b"\r\n", b"\r\n\r\n"):
            restored = [(part, letter.content(part) + lost) for part in parts]
            yield Guess(letter.with_contents(restored), Damage("body-whitespace-lost"))


def _flowed_and_signed(text: bytes) -> bytes:
    return line_ends.with_signature_blank(line_ends.flowed(text))


def _rewrapped(letter: Letter) -> Iterator[Guess]:
    """Lines broken or joined in all texts."""
    if _is_short(letter):
        for body in _each_way(letter, _unencoded(letter), line_ends.REWRAPPINGS):
            yield Guess(body, Damage("body-rewrapped"))


def _rewrapped_alone(letter: Letter) -> Iterator[Guess]:
    """Lines broken or joined in one text of several."""
    texts = _unencoded(letter)
    for part in texts[:4] if len(texts) > 1 and _is_short(letter) else ():
        for body in _each_way(letter, [part], line_ends.REWRAPPINGS):
            yield Guess(body, Damage("body-rewrapped"))


def _is_short(letter: Letter) -> bool:
    return len(letter.body) <= MAX_REWRAPPED and letter.body.count(b"\n") <= MAX_REWRAPPED_LINES


def _unencoded(letter: Letter) -> list[Part]:
    return [part for part in letter.texts if part.encoding in ("7bit", "8bit", "binary")]


def _each_way(letter: Letter, parts: list[Part], ways: tuple[Callable[[bytes], bytes], ...]) -> Iterator[bytes]:
    """The body with these parts changed in each way that changes them, each result once."""
    before = [letter.content(part) for part in parts]
    seen = {tuple(before)}
    for way in ways:
        after = tuple(way(content) for content in before)
        if after not in seen:
            seen.add(after)
            yield letter.with_contents(list(zip(parts, after, strict=True)))


def _closed(letter: Letter) -> Iterator[Guess]:
    """The last delimiter, lost with nothing else."""
    if ("boundary-unclosed", letter.top.header) in letter.mime.defects:
        end = b"--" + letter.top.boundary.encode("latin-1") + b"--\r\n"
        for glue in (b"", b"\r\n"):
            yield Guess(letter.body + glue + end, Damage("body-cut", octets=len(glue + end)))


_ALL = (*_CHEAP, _closed, _whitespace, _rewrapped, conversions, footers_in_base64, _rewrapped_alone)


def _white_space(message: Message, field: Field, search: Search) -> DamageTag | None:
    """That only white space was changed, where a signature as old as this one, but relaxed, still agrees."""
    if search.form != "simple":
        return None
    forms = canonical(message)
    for other in _as_old(message, field)[:MAX_SIGNATURES]:
        signature = read_signature(other.value)
        if signature.forms[1] != "relaxed" or signature.length is not None:
            continue
        if forms.body_hash("relaxed", None)[0] == signature.bh:
            none_left = not line_ends.has_trailing_blanks(message.body)
            return "body-whitespace-lost" if none_left else "body-whitespace-changed"
    return None


def _as_old(message: Message, field: Field) -> list[Field]:
    """The signatures below this one, and those right above it with no other field between: no relay stood between them."""
    fields = message.fields
    index = next(index for index, one in enumerate(fields) if one.offset == field.offset)
    first = index
    while first and fields[first - 1].name == "dkim-signature":
        first -= 1
    return [one for one in fields[first:] if one.name == "dkim-signature" and one.offset != field.offset]


def _is_cut(letter: Letter) -> bool:
    """Whether the body ends in the midst of something: a multipart, base64, an escape, a page, a character."""
    part = letter.top
    if part.is_multipart:
        unclosed = ("boundary-unclosed", part.header) in letter.mime.defects and not letter.mime.limits
        return unclosed and not _ends_well(letter)
    content = letter.content(part).rstrip(b"\r\n")
    if part.encoding == "base64":
        return _is_open_base64(content)
    if part.encoding == "quoted-printable" and _OPEN_ESCAPE.search(content):
        return True
    text = decoded(letter.message, part, len(letter.body)).rstrip(b"\r\n")
    return _is_open_text(text, part.charset) or (part.content_type == "text/html" and _is_open_page(text))


def _ends_well(letter: Letter) -> bool:
    """Whether an unclosed multipart ends with a whole page, with padded base64, or with what was its last delimiter."""
    if not letter.leaves:  # it ends right behind its first delimiter
        return False
    last = letter.leaves[-1]
    content = letter.content(last).rstrip()
    if content.rpartition(b"\n")[2].startswith(b"--"):
        return True
    if last.encoding == "base64":
        return content.endswith(b"=")
    return last.content_type == "text/html" and content[-_HTML_TAIL:].lower().endswith(b"</html>")


def _is_open_base64(content: bytes) -> bool:
    """Whether lines that are all of one width end with one that no encoder would have ended with."""
    width, start = content.find(b"\r\n"), content.rfind(b"\r\n") + 2
    last = len(content) - start
    if width < 0 or last % 4 == 0 or last >= width:
        return False
    count = content.count(b"\r\n")
    return (
        content[width : start : width + 2] == b"\r" * count and content[width + 1 : start : width + 2] == b"\n" * count
    )


def _is_open_text(text: bytes, charset: str) -> bool:
    """Whether the text ends within a character, or in JIS without the way back to ASCII (RFC 1468)."""
    if charset == "iso-2022-jp":
        escape = text.rfind(b"\x1b")
        return escape >= 0 and text[escape + 1 : escape + 3] not in (b"(B", b"(J")
    try:
        text.decode("utf-8" if charset == "utf-8" else "ascii")
    except UnicodeDecodeError as error:
        return charset == "utf-8" and error.reason == "unexpected end of data"
    return False


def _is_open_page(page: bytes) -> bool:
    return b"<html" in page[:_HTML_TAIL].lower() and b"</html" not in page[-_HTML_TAIL:].lower()
