"""The records of a master file, read the way a name server reads it: RFC 1035 section 5.

One pass, line by line, without a DNS library (which would cost 50 ms at start-up). What a name server would refuse is
refused here too, with the line; what only this program understands stands in comments, so that the file stays a valid
master file for others:

    ; !timeout NAME TYPE      that question is not answered in time
    ; !servfail NAME TYPE     the server says that it failed
    ; !absent NAME TYPE       there is no such record, here or in a source that the zone lies over

``TYPE`` may be ``*``: every type that the file does not list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address
from typing import Literal, NamedTuple, cast

from todoku.net.dns.message import MAX_TTL
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

CLASSES = frozenset({"IN", "CH", "CS", "HS"})
DEFAULT_TTL = 3600
MAX_RECORDS = 200_000  # of one file: a bound of ours, of some 200 MB and two seconds
MAX_WORDS = 65_536  # of one record, which has no more octets: RFC 1035 section 3.2.1
TTL_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}

_SPECIAL = re.compile(r'[;"()\\]')
# quoted string | word | parenthesis | comment | anything else is wrong
_TOKEN = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"|((?:[^\s"();\\]|\\.)++)|([()])|;.*|(\S)')
_ESCAPE = re.compile(r"\\([0-9]{3}|.)", re.DOTALL)
_TTL = re.compile(r"(?:[0-9]{1,10}[smhdw]?){1,5}", re.IGNORECASE)
_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_DIRECTIVE = re.compile(r"\s*;\s*!(timeout|servfail|absent)\b(.*)")

Word = Literal["timeout", "servfail", "absent"]


class Entry(NamedTuple):
    """One record: an absolute lower-case owner, a type, its presentation form (see ``Answer.records``), a TTL."""

    name: str
    rdtype: str
    value: str
    ttl: int


class Directive(NamedTuple):
    """What a comment directive says of a question; ``rdtype`` may be ``*``."""

    word: Word
    name: str
    rdtype: str


class _Wrong(Exception):  # noqa: N818 -- it says what is wrong with the line being read
    """What is wrong with a line, before the line's number is known."""

    def __init__(self, en: str, ja: str) -> None:
        super().__init__(en)
        self.en, self.ja = en, ja


def octets(text: str) -> str:
    """The text's UTF-8 octets, one character for each (latin-1): how an ``Answer`` holds a TXT record."""
    return text if text.isascii() else text.encode("utf-8", "surrogatepass").decode("latin-1")


def canonical(name: str) -> str:
    """A name as it is looked up: lower-case, without its last dot."""
    return name.lower().rstrip(".")


def read(text: str, *, origin: str = "", file: str = "zone") -> tuple[list[Entry], list[Directive]]:
    """The records and comment directives of a master file; ``origin`` holds until its first ``$ORIGIN``.

    Raises ``UsageError`` with the file's name and the line's number for what a name server would not load.
    """
    reader = _Reader(canonical(origin))
    try:
        for line in _lines(text):
            reader.line(line)
        reader.finish()
    except _Wrong as wrong:
        line_number = reader.started or reader.number
        raise UsageError(
            Text(f"{file}, line {line_number}: {wrong.en}", f"{file} の{line_number}行目: {wrong.ja}")
        ) from None
    return reader.entries, reader.directives


def _lines(text: str) -> Iterator[str]:
    """The lines one by one: millions of them at once would take many times the memory of the text."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start:end]
        start = end + 1
    yield text[start:]


class _Reader:
    """What has been read so far, and what the next line inherits: origin, owner, TTL (RFC 1035 section 5.1)."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.owner: str | None = None
        self.ttl = DEFAULT_TTL
        self.entries: list[Entry] = []
        self.directives: list[Directive] = []
        self.depth = 0  # open parentheses: the record goes on in the next line
        self.started = 0  # the line where such a record began
        self.tokens: list[str] = []
        self.has_owner = False
        self.number = 0

    def line(self, line: str) -> None:
        """Read one line: a record, part of one, a ``$`` directive, a comment, or nothing."""
        self.number += 1
        if not self.depth:
            self.tokens = []
            self.has_owner = not line[:1].isspace()
        if _SPECIAL.search(line) is None:
            self.tokens += line.split()
        else:
            self._scan(line)
        if len(self.tokens) > MAX_WORDS:
            raise _Wrong("the record is too long", "レコードが長すぎます")
        if self.depth:
            self.started = self.started or self.number
        elif self.tokens:
            self._entry(self.tokens)
            self.started = 0

    def finish(self) -> None:
        """Check that the file does not end inside a record."""
        if self.depth:
            raise _Wrong("a parenthesis is not closed", "括弧が閉じられていません")

    def _scan(self, line: str) -> None:
        """Add the tokens of a line that holds quotes, parentheses, escapes or a comment."""
        directive = _DIRECTIVE.match(line)
        if directive is not None and not self.depth:
            self._directive(cast(Word, directive[1]), directive[2].split())
            return
        for token in _TOKEN.finditer(line):
            kind = token.lastindex
            if kind in (1, 2):
                self.tokens.append(token[kind])
            elif kind == 3:
                self.depth += 1 if token[3] == "(" else -1
                if self.depth < 0:
                    raise _Wrong("a parenthesis is closed that was not opened", "対応する開き括弧がありません")
            elif kind == 4:
                raise _Wrong(
                    "a quoted string or an escape is not finished", "引用符またはエスケープが閉じられていません"
                )

    def _directive(self, word: Word, arguments: list[str]) -> None:
        if len(arguments) != 2:
            raise _Wrong(f'write "; !{word} NAME TYPE"', f"「; !{word} 名前 タイプ」の形で書いてください")
        self.directives.append(Directive(word, self._absolute(arguments[0]).lower(), arguments[1].upper()))

    def _entry(self, tokens: list[str]) -> None:
        """A record: ``[owner] [TTL] [class] type data``, TTL and class in either order."""
        if tokens[0].startswith("$") and self.has_owner:
            self._control(tokens)
            return
        at = 0
        if self.has_owner:
            self.owner = self._absolute(tokens[0]).lower()
            at = 1
        if self.owner is None:
            raise _Wrong("the first record has no owner name", "最初のレコードに名前がありません")
        ttl, rdclass = self.ttl, "IN"
        for after, token in enumerate(tokens[at:], at + 1):
            upper = token.upper()
            if upper in CLASSES:
                rdclass = upper
            elif _TTL.fullmatch(token):
                ttl = _seconds(token)
            elif _TYPE.fullmatch(token):
                if len(self.entries) == MAX_RECORDS:
                    raise _Wrong(
                        f"there are more than the {MAX_RECORDS:,} records that this tool reads from a zone file",
                        f"本ツールがゾーンファイルから読み込むレコード数の上限({MAX_RECORDS:,}件)を超えています",
                    )
                if rdclass == "IN":
                    self.entries.append(Entry(self.owner, upper, self._value(upper, tokens[after:]), ttl))
                return
            else:
                raise _Wrong(
                    f'"{token[:80]}" is not a record type', f"「{token[:80]}」はレコードのタイプではありません"
                )
        raise _Wrong("the record has no type", "レコードのタイプがありません")

    def _control(self, tokens: list[str]) -> None:
        """``$ORIGIN`` and ``$TTL`` (RFC 2308 section 4). ``$INCLUDE`` is refused: a zone is one file."""
        match tokens:
            case [name, origin] if name.upper() == "$ORIGIN":
                self.origin = self._absolute(origin).lower()
            case [name, ttl] if name.upper() == "$TTL":
                self.ttl = _seconds(ttl)
            case _:
                raise _Wrong(
                    f"{tokens[0]} is not supported: only $ORIGIN NAME and $TTL TIME are",
                    f"{tokens[0]} には対応していません。使えるのは「$ORIGIN 名前」と「$TTL 時間」だけです",
                )

    def _absolute(self, name: str) -> str:
        """The whole name without its last dot; its letters stay as they are written."""
        if name == "@":
            return self.origin
        absolute = name.removesuffix(".")
        if absolute == name and self.origin:
            absolute = f"{name}.{self.origin}"
        # RFC 1035 section 2.3.4: 63 octets a label, 255 octets a name
        if len(absolute) > 253 or (len(absolute) > 63 and max(map(len, absolute.split("."))) > 63):
            raise _Wrong(f'the name "{absolute[:80]}" is too long', f"名前「{absolute[:80]}」が長すぎます")
        if absolute and (".." in absolute or absolute[0] == "."):
            raise _Wrong(f'the name "{absolute}" has an empty label', f"名前「{absolute}」に空のラベルがあります")
        return absolute

    def _value(self, rdtype: str, words: list[str]) -> str:
        """A record's presentation form. A type that nothing here asks for is kept as it is written (RFC 3597)."""
        if words[:1] == ["\\#"]:
            return _generic(rdtype, words)
        match rdtype, words:
            case "TXT", [_, *_]:
                return "".join(map(_character_string, words))
            case "A", [address]:
                return _address(address, IPv4Address)
            case "AAAA", [address]:
                return _address(address, IPv6Address)
            case (("CNAME" | "PTR" | "NS"), [target]):
                return self._absolute(target)
            case "MX", [preference, host] if preference.isascii() and preference.isdigit() and len(preference) < 6:
                return f"{int(preference)} {self._absolute(host) or '.'}"
            case "SOA", [mname, rname, *numbers] if len(numbers) == 5:
                times = " ".join(str(_seconds(number)) for number in numbers)
                return f"{self._absolute(mname)} {self._absolute(rname)} {times}"
            case (("TXT" | "A" | "AAAA" | "CNAME" | "PTR" | "NS" | "MX" | "SOA"), _):
                written = " ".join(words)[:80]
                raise _Wrong(f'"{written}" is no {rdtype} record', f"「{written}」は{rdtype}レコードの値ではありません")
        if not words:
            raise _Wrong(f"the {rdtype} record has no data", f"{rdtype}レコードの値がありません")
        return " ".join(words)


def _seconds(token: str) -> int:
    """A TTL in seconds: ``3600``, ``1h``, ``1d12h``."""
    if token.isascii() and token.isdigit() and len(token) <= 10:
        return min(int(token), 2**32 - 1)
    if not _TTL.fullmatch(token):
        raise _Wrong(f'"{token}" is not a time', f"「{token}」は時間として読めません")
    parts = re.findall(r"([0-9]+)([a-z]?)", token.lower())
    return min(sum(int(number) * TTL_SECONDS[unit or "s"] for number, unit in parts), MAX_TTL)


def _address(word: str, kind: type[IPv4Address | IPv6Address]) -> str:
    try:
        return str(kind(word))
    except AddressValueError:
        raise _Wrong(f'"{word}" is not an address', f"「{word}」はIPアドレスではありません") from None


def _character_string(word: str) -> str:
    r"""The octets of one string of a TXT record, ``\X`` and ``\DDD`` read (RFC 1035 section 5.1)."""
    string = octets(word)
    if "\\" in string:
        string = _ESCAPE.sub(_unescape, string)
    if len(string) > 255:  # RFC 1035 section 3.3
        raise _Wrong(
            f"a string of {len(string)} octets: 255 is the most, write it as several strings",
            f"文字列が{len(string)}オクテットあります。上限は255なので、複数の文字列に分けてください",
        )
    return string


def _unescape(escape: re.Match[str]) -> str:
    digits = escape[1]
    if len(digits) == 1:
        return digits
    if int(digits) > 255:
        raise _Wrong(f"\\{digits} is not an octet", f"「\\{digits}」はオクテットの値ではありません")
    return chr(int(digits))


def _generic(rdtype: str, words: list[str]) -> str:
    r"""A record in the form that fits every type, ``\# LENGTH HEX``: RFC 3597 section 5."""
    try:
        wire = bytes.fromhex("".join(words[2:]))
        length = int(words[1])
    except (ValueError, IndexError):
        wire, length = b"", -1
    if length != len(wire) or len(wire) != {"A": 4, "AAAA": 16}.get(rdtype, length):
        raise _Wrong(r"write \# LENGTH HEX-DIGITS", "「\\# 長さ 16進数」の形で書いてください")
    if rdtype in ("A", "AAAA"):
        return str(ip_address(wire))
    if rdtype != "TXT":
        return " ".join(words)
    strings, at = [], 0
    while at < len(wire):
        strings.append(wire[at + 1 : at + 1 + wire[at]])
        at += 1 + wire[at]
    return b"".join(strings).decode("latin-1")
