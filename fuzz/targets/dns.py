"""What stands between the engines and DNS: master files, replies, and the answers that a bundle has kept."""

from __future__ import annotations

import struct
from functools import cache

from targets.registry import inflated, target
from todoku.auth.ask import Question
from todoku.net.dns.message import plain
from todoku.net.dns.message import wire as name_on_the_wire
from todoku.net.dns.wire import Query, is_truncated, no_such_name, query, read_answer
from todoku.net.dns.zone import MAX_CHAIN, Zone
from todoku.net.writers.route53_text import name_of, value_of, written_value
from todoku.words.errors import UsageError

_TYPES = ("TXT", "MX", "A", "AAAA", "CNAME", "SOA", "PTR", "NS", "CAA", "SRV")


@target(
    "net.dns.master_file",
    words=b'$ORIGIN $TTL $INCLUDE @ IN CH A AAAA MX TXT CNAME SOA NS PTR CAA SPF TYPE99 * *.a 300 1h 1d12h ( ) ; " \\ \\065 \\; \\# 4 c0000201 '
    b"192.0.2.1 2001:db8::1 a.example. example.com. 10 !timeout !servfail !absent",
    phrases=(b"\n", b" ", b"\n ", b"; !timeout a.example. TXT\n", b"; !absent a.example. *\n", b'example.com. TXT "v=spf1 -all"\n',
             b"\\# 4 c0000201", b"{{260*a}}", b"{{70*a", b"}}", b"example.com. SOA a b 1 2 3 4 5\n", b"a CNAME a\n",
             b"{{5*a}}", "日本".encode(), b"TXT \\# 3 026162\n"),
    cut=rb"[\s()\";]", seeds="zone",
)  # fmt: skip
def master_file(data: bytes) -> None:
    """A zone file: a zone that answers what it is asked, or the line that is wrong."""
    text = inflated(data).decode("utf-8", "replace")
    try:
        zone = Zone.from_text(text, origin="example.com" if data[:1] == b"@" else "")
    except UsageError as refused:
        assert refused.text.ja
        return
    names = (
        "example.com",
        "a.example.com",
        "b.c.example.com",
        "a.example",
        *(word.rstrip(".") for word in text.lower().split()[:4]),
    )
    for answer in zone.answers([Question(name, kind) for name in names for kind in _TYPES[:6]]):
        assert answer.status in ("ok", "nodata", "nxdomain", "timeout", "servfail")
        assert len(answer.chain) <= MAX_CHAIN + 1
        assert answer.status != "ok" or answer.records


_OWNERS = (
    b"\xc0\x0c",
    b"\1a\xc0\x0c",
    b"\1b\xc0\x0c",
    b"\0",
    b"\1*\xc0\x0c",
    b"\xc0\x14",
    b"\3com\0",
    b"\7EXAMPLE\3com\0",
)
_NUMBERS = (16, 15, 1, 28, 5, 6, 12, 2, 99, 41, 257, 33)


@cache
def _asked() -> tuple[Query, ...]:
    asked = (query(Question("example.com", kind)) for kind in _TYPES)
    return tuple(one for one in asked if one is not None)


@target(
    "net.writers.route53_text", words=b'" \\ \\303 \\052 \\" TXT MX A CNAME . "" \\777', phrases=(b" ", b"{{300*a}}", b'" "'), cut=rb'[" ]', seeds="TXT",
)  # fmt: skip
def route53(data: bytes) -> None:
    """A record as Route 53 writes it; what we write reads the same."""
    text = data.decode("utf-8", "replace")
    name_of(text)
    for rdtype in ("TXT",) if ".." in text else ("TXT", "MX"):  # no name has an empty label
        value = value_of(rdtype, text)
        written = written_value(rdtype, value)
        assert written is not None
        assert value_of(rdtype, written) == value
    assert (written_value("TXT", text) is None) == any(ord(character) > 0xFF for character in text)


@target(
    "net.dns.wire", "net.dns.message",
    phrases=(b"\xc0\x0c", b"\0\x10\0\1", b"\0\5\0\1", b"\0\1\0\1\0\0\0\0\0\4\xc0\0\2\1", b"\0\x06\0\1", b"\0\x29\x04\xd0\0\0\0\0\0\0",
             b"\7example\3com\0", b"\0\x0f\0\1\0\0\0\0\0\4\0\x0a\xc0\x0c", b"\0\x1c\0\1\0\0\0\0\0\x10", b"\xc0\x12", b"\1a\0", b"\0\x0c\0\1",
             b"\0\2\0\1", b"\x01\x01\0\1", b"\0\x21\0\1", b"\0\0\0\x10", b"\0\x16", b"\1a\xc0\x0c", b"\1a\0\1b\0" + bytes(20),
             b"\0\x0a\xc0\x0c", b"\xc0\x0c\xc0\x0c" + bytes(20), b"\x0bv=spf1 -all", b"\0\4\2\1\0\4", b"\0\x05issueca.test",
             b"\x3f" * 20, b"{{200*\1a}}", b"{{12*", b"}}"),
    cut=rb"\xc0|\0\0", seeds="replies",
)  # fmt: skip
def wire(data: bytes) -> None:
    """A DNS reply, behind a right header and question or not: an answer, whatever it holds."""
    data = inflated(data, 65_000)
    asked = _asked()[data[0] % len(_asked())] if data else _asked()[0]
    flags = data[1:3] if len(data) > 2 else b"\x81\x80"
    rest = (data[3:9] + bytes(6))[:6] + asked.section + data[9:]
    for reply in (data, b"\0\0" + flags + b"\0\1" + rest):
        if asked.is_answered_by(reply, b"\0\0"):
            is_truncated(reply)
        answer = read_answer(asked, reply, "192.0.2.53")
        assert answer.question == asked.question
        assert answer.status == "ok" or not answer.records
        assert len(answer.chain) <= 20
    _numbered(asked, data)
    named = Question(data[:300].decode("latin-1"), "TXT")
    asked_for, name = query(named), name_on_the_wire(named.name)
    assert name is None or len(name) <= 255
    if asked_for is None:
        assert name is None
        assert no_such_name(named).status == "nxdomain"
    else:
        assert name == asked_for.section[:-4]
        assert plain(name)
    assert asked.message(b"\0\0")[12:].startswith(asked.section)


def _numbered(asked: Query, data: bytes) -> None:
    """A reply whose numbers fit: behind the flags stand records as ``section owner type TTL length data``."""
    flags, rest = (data[1:3] + bytes(2))[:2], inflated(data[3:], few=2_000)
    sections: tuple[list[bytes], list[bytes], list[bytes]] = ([], [], [])
    while len(rest) > 4:
        section, owner, rdtype, ttl, length = rest[:5]
        number = _NUMBERS[rdtype] if rdtype < len(_NUMBERS) else rdtype
        rdclass = 1 if section < 128 else 3
        fixed = struct.pack("!HHIH", number, rdclass, ttl << 24 | 60, len(rest[5 : 5 + length]))
        sections[section % 3].append(_OWNERS[owner % len(_OWNERS)] + fixed + rest[5 : 5 + length])
        rest = rest[5 + length :]
    counts = struct.pack("!4H", 1, *map(len, sections))
    octets = b"\0\0" + flags + counts + asked.section + b"".join(b"".join(section) for section in sections)
    answer = read_answer(asked, octets, "192.0.2.53")
    assert answer.question == asked.question
    assert answer.status == "ok" or not answer.records
    assert len(set(answer.records)) == len(answer.records)
