"""Real and torture messages of stalwart and mikel/mail: nothing raises, and the parts are those of stalwart's golden parses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from todoku.mail.address import parse_author
from todoku.mail.content_type import parse_content_type
from todoku.mail.links import body_links
from todoku.mail.lint import lint
from todoku.mail.message import Message, scan
from todoku.mail.mime import decoded, mime_tree
from todoku.mail.saved import read_saved
from todoku.mail.unsubscribe import unsubscribe
from todoku.words.errors import NotAMessage

# Where our tree is another one than the golden parse, and why.
OTHERWISE = {
    # Made to be read in more than one way: delimiters that are the beginnings of others, the same boundary at two levels,
    # parts without an empty line, a multipart that is never closed. We ask for the whole delimiter line and let an outer
    # delimiter end the inner parts, as receivers do; the golden parser goes by the beginning of the line and by what comes first.
    *(f"malformed/{number:03}" for number in (0, 1, 3, 4, 5, 7, 8, 9, 11, 12, 13, 16, 19, 20, 21, 22)),
    "rfc/008",  # a message/rfc822 in base64, which RFC 2045 section 6.4 forbids: not entered
    "thirdparty/015",  # a multipart header without a body inside a message: the golden parser lets it have the next part
}
COMPARED = 107


def everything(message: Message) -> None:
    """All that is read of a message here."""
    mime = mime_tree(message)
    lint(message, mime, parse_author(message), now=None)
    body_links(message, mime)
    unsubscribe(message)
    for part in mime.parts:
        decoded(message, part)


def test_every_file_is_read_without_an_exception(suites, tally):
    files = [path for path in (suites / "mime").rglob("*") if path.is_file()]
    assert len(files) >= 427
    for path in files:
        octets = path.read_bytes()
        everything(scan(octets))
        with suppress(NotAMessage):
            everything(read_saved(octets).message)
    tally("MIME, read without an exception", len(files), len(files))


def test_every_eml_file_is_a_message(suites):
    files = list((suites / "mime").rglob("*.eml"))
    assert len(files) >= 210
    for path in files:
        read_saved(path.read_bytes())


def golden_parts(parse: dict, depth: int = 0) -> Iterator[tuple[int, str]]:
    """The (depth, content type) of each part of a golden parse, in order; "" where it has no Content-Type."""

    def walk(index: int, depth: int) -> Iterator[tuple[int, str]]:
        part = parse["parts"][index]
        yield depth, golden_type(part)
        body = part["body"]
        if isinstance(body, dict):
            for child in body.get("Multipart", ()):
                yield from walk(child, depth + 1)
            if "Message" in body:
                yield from golden_parts(body["Message"], depth + 1)

    yield from walk(0, depth)


def golden_type(part: dict) -> str:
    for header in reversed(part["headers"]):
        value = header["value"]
        if header["name"] == "content_type" and isinstance(value, dict) and "ContentType" in value:
            kind = value["ContentType"]
            return f"{kind['c_type']}/{kind.get('c_subtype') or ''}".lower()
    return ""


def same(ours: list[tuple[int, str]], golden: list[tuple[int, str]]) -> bool:
    return len(ours) == len(golden) and all(
        depth == golden_depth and golden_kind in ("", kind)
        for (depth, kind), (golden_depth, golden_kind) in zip(ours, golden, strict=True)
    )


def test_the_tree_is_the_golden_one(suites, tally):
    folder = suites / "mime" / "stalwart" / "eml"
    goldens = sorted(folder.rglob("*.crlf.json"))
    assert len(goldens) == COMPARED
    differ = set()
    for path in goldens:
        name = str(path.relative_to(folder)).removesuffix(".crlf.json")
        octets = (folder / f"{name}.eml").read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        ours = [(part.depth, part.content_type) for part in mime_tree(scan(octets)).parts]
        if not same(ours, list(golden_parts(json.loads(path.read_text("utf-8"))))):
            differ.add(name)
    tally("MIME trees, stalwart", len(goldens) - len(differ), len(goldens))
    assert differ == OTHERWISE


def test_content_types(suites):
    cases = json.loads(Path(suites / "mime" / "stalwart" / "content_type.json").read_text("utf-8"))
    compared = 0
    for case in cases:
        header, expected = case["header"], case["expected"]
        # Encoded words in a parameter are display, its charset is not applied, and what has no subtype is no type to us.
        if expected is None or not expected["c_subtype"] or "=?" in header or "*" in header or not header.isascii():
            continue
        if "/" in expected["c_subtype"] or header.count('"') % 2:
            continue
        compared += 1
        parsed = parse_content_type(header.rstrip("\n").replace("\n", "\r\n").encode())
        assert parsed.value == f"{expected['c_type']}/{expected['c_subtype']}"
        attributes = dict(expected.get("attributes") or ())
        assert {name: value for name, value in parsed.parameters.items() if value} == attributes
    assert compared >= 60
