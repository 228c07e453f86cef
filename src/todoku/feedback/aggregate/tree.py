"""The XML of an aggregate report, a record at a time: whatever its length, one stretch of it is in memory.

libxml2 reads it, and is told to look nothing up: no network, no files, no entities. A document type declaration, from
which all those attacks start, is refused before the parser sees it; it can stand only before the root element (XML 1.0
section 2.8). What libxml2 does not bound is bounded here: how much XML may go by without a whole record.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from threading import local
from typing import Any, NamedTuple

from lxml import etree
from lxml.etree import _Element as Element

from todoku.feedback.aggregate.verbatim import Octets, Verbatim
from todoku.feedback.refusal import (
    CHARSET,
    DTD,
    EMPTY,
    MALFORMED,
    NOT_AGGREGATE,
    NOT_XML,
    SPARSE,
    STRUCTURE,
    TRUNCATED,
    Refusal,
)
from todoku.feedback.values import Memo
from todoku.mail.charset import codec

STRETCH = 1024 * 1024  # octets of XML without a record that ends
PIECE = 64 * 1024  # octets that the parser is given at a time
PROLOG = 16 * 1024  # octets in which the root element must begin

Elements = list[Element]
_NOTHING_ELSE: Any = {
    "encoding": "utf-8",
    "remove_blank_text": True,
    "remove_comments": True,
    "remove_pis": True,
    "resolve_entities": "internal",  # there are none but XML's own five: others are refused
    "load_dtd": False,
    "no_network": True,
    "collect_ids": False,
}
_LOCAL_NAMES = Memo[str, str](lambda tag: tag.rpartition("}")[2])
_OF_NAMESPACES = range(200, 300)  # libxml2's numbers for them
_DECLARATION = re.compile(rb"""\s*+<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["'][^>]*+>""")
# XML 1.0 section 2.8: prolog ::= XMLDecl? Misc* (doctypedecl Misc*)?
_MISC = re.compile(r"(?:\s++|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_ROOT = re.compile(r"<(?!\?|!)(?:[^\s<>/:]*+:)?+([^\s<>/:]++)")
# What begins most reports, and needs no further look: XML 1.0 section 2.8, and UTF-8 by section 4.3.3.
_USUAL = re.compile(rb"""(?:<\?xml\s++version="1.0"(?:\s++encoding="(?i:utf-8)")?+\s*+\?>\s*+)?+<feedback[\s>]""")
_ATTRIBUTE = rb"""\s++[^\s=<>"']++\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+')"""
_DEFAULT_NAMESPACE = re.compile(
    rb"""(<feedback(?:(?!\s++xmlns\s*+=)%b)*+)\s++xmlns\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+')""" % _ATTRIBUTE
)


class Stretch(NamedTuple):
    """The feedback element with the records below it that have ended since the last time; at the end there may be none.

    They come last of its children so far, and are gone when the next ones are asked for. ``verbatim`` says each of them
    once more, in the same order, and ``head`` what stands above them; both are empty where that is not certain.
    """

    feedback: Element
    records: Elements
    verbatim: Sequence[Verbatim] = ()
    head: str = ""


def whole(document: bytes) -> Iterator[Stretch]:
    """All of a document that is short, as most are: without events in a third less time. Raises ``Refusal``."""
    parser = etree.XMLParser(**_NOTHING_ELSE)
    try:
        parser.feed(document)
    except etree.XMLSyntaxError as error:
        raise Refusal(MALFORMED, error=str(error.msg)[:200]) from None
    root = _closed(parser)
    found = list(root.iter("{*}record"))
    if not found:
        yield Stretch(root, [])
        return
    octets = Octets()
    verbatim = octets.of(document, len(found))
    yield Stretch(_feedback(found, None), found, verbatim, octets.head.decode() if verbatim else "")


def pulled(document: Iterable[bytes]) -> Iterator[Stretch]:
    """A document, a stretch at a time. Raises ``Refusal``; only when it ends without one was the report whole."""
    parser = etree.XMLPullParser(events=("end",), tag="{*}record", **_NOTHING_ELSE)
    octets = Octets()
    sparse = 0
    feedback: Element | None = None
    try:
        for piece in document:
            parser.feed(piece)
            sparse += len(piece)
            ended = [element for _, element in parser.read_events()]
            verbatim = octets.of(piece, len(ended))
            if ended:
                feedback = _feedback(ended, feedback)
                yield Stretch(feedback, ended, verbatim)
                del feedback[: feedback.index(ended[-1]) + 1]
                sparse = 0
            elif sparse > STRETCH:
                raise Refusal(SPARSE, limit=STRETCH)
    except etree.XMLSyntaxError as error:
        raise Refusal(MALFORMED, error=str(error.msg)[:200]) from None
    root = _closed(parser)
    yield Stretch(root if feedback is None else feedback, [])


class _Checker(local):
    """A parser that builds nothing, to check a document. Making one takes a third of the time of a check, so each thread keeps one."""

    def __init__(self) -> None:
        target: Any = _Nothing()
        self.parser = etree.XMLParser(target=target, **_NOTHING_ELSE)


class _Nothing:
    """What asks for no event of the parser."""

    def close(self) -> None: ...


_checker = _Checker()


def is_well_formed(document: bytes) -> bool:
    """Whether libxml2 would read all of a document; why not, ``whole`` tells."""
    parser = _checker.parser
    try:
        parser.feed(document)
        parser.close()
    except etree.XMLSyntaxError:
        return False
    return True


def _closed(parser: etree.XMLParser) -> Element:
    try:
        return parser.close()
    except etree.XMLSyntaxError as error:
        if error.code in _OF_NAMESPACES:  # which is told no sooner
            raise Refusal(MALFORMED, error=str(error.msg)[:200]) from None
        raise Refusal(TRUNCATED) from None  # all that came was well-formed, and then there was no more


def _feedback(ended: Elements, before: Element | None) -> Element:
    """What the records stand right below, as those ``before`` did: RFC 9990 section 3.1.1.2. Raises ``Refusal``."""
    feedback = ended[0].getparent() if before is None else before
    if feedback is None or local_name(feedback) != "feedback":
        raise Refusal(STRUCTURE)
    if any(element.getparent() is not feedback for element in ended):
        raise Refusal(STRUCTURE)
    return feedback


def local_name(element: Element) -> str:
    """An element's name without its namespace: receivers write it, leave it out, or write another one."""
    return _LOCAL_NAMES[str(element.tag)]


def namespace_of(element: Element) -> str:
    """An element's namespace, "" where it has none."""
    return str(element.tag).rpartition("}")[0].removeprefix("{")


def root_name(start: str) -> str:
    """The local name of the root element in the beginning of a document. Raises ``Refusal`` where it cannot be XML."""
    misc = _MISC.match(start)
    rest = start[misc.end() if misc else 0 :]
    if rest[:9].upper() == "<!DOCTYPE":
        raise Refusal(DTD)
    name = _ROOT.match(rest)
    if name is None:
        raise Refusal(NOT_XML if start.strip() else EMPTY)
    if name.end() == len(rest):
        raise Refusal(TRUNCATED)
    return name[1]


def utf8(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The document as UTF-8 in pieces of the parser's size, when its beginning is that of an aggregate report.

    A byte that is not UTF-8 becomes U+FFFD: it comes from a stranger's mail, whose domain the receiver wrote down as it
    was. Control characters, which XML cannot hold at all, are left to the parser to refuse.
    """
    split = _split(pieces)
    first = next(split, b"")
    while len(first) < PROLOG and (more := next(split, b"")):
        first += more
    usual = first.isascii() and _USUAL.match(first)
    charset = "utf-8" if usual else _codec(first)
    decoder = codecs.getincrementaldecoder(charset)("replace")
    if usual:
        yield _without_namespace(first)
    else:
        yield _without_namespace(_begun(_text(decoder, first)).encode("utf-8", "replace"))
    for piece in split:
        if charset == "utf-8" and piece.isascii() and not decoder.getstate()[0]:
            yield piece
        elif decoded := _text(decoder, piece):
            yield decoded.encode("utf-8", "replace")
    if rest := _text(decoder, b"", final=True):
        yield rest.encode("utf-8", "replace")


def _begun(beginning: str) -> str:
    """The beginning of an aggregate report without what XML does not know. Raises ``Refusal`` for one of anything else."""
    beginning = beginning.removeprefix("\ufeff")
    name = root_name(beginning[:PROLOG])
    if name not in ("feedback", "schema"):  # RFC 9990 3.1.1.1; a generator of 2018 put its report into an xs:schema
        raise Refusal(NOT_AGGREGATE, element=name[:60])
    return beginning.lstrip()


def _without_namespace(beginning: bytes) -> bytes:
    """Names are read whatever their namespace, and without one an element's name is read in half the time."""
    named = _DEFAULT_NAMESPACE.match(beginning, max(beginning.find(b"<feedback"), 0))
    return beginning[: named.end(1)] + beginning[named.end() :] if named else beginning


def _text(decoder: codecs.IncrementalDecoder, octets: bytes, *, final: bool = False) -> str:
    """The octets as text. Raises ``Refusal`` for an escape sequence of ISO 2022 that does not end: Python keeps no more of it."""
    try:
        return decoder.decode(octets, final)
    except UnicodeError as error:
        raise Refusal(MALFORMED, error=str(error)) from None


def _split(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        for start in range(0, len(piece), PIECE):
            yield piece[start : start + PIECE]


def _codec(first: bytes) -> str:
    """Python's codec for the document: XML 1.0 section 4.3.3 and appendix F. Raises ``Refusal``."""
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if first[:4] in (b"<\0?\0", b"<\0f\0"):
        return "utf-16-le"
    if first[:4] in (b"\0<\0?", b"\0<\0f"):
        return "utf-16-be"
    declared = _DECLARATION.match(first.removeprefix(b"\xef\xbb\xbf"))
    charset = declared[1].decode("ascii").lower() if declared else "utf-8"
    if charset.startswith(("utf-16", "utf16", "utf-32")):  # it says so and has one octet for each character
        return "utf-8"
    found = codec(charset)
    if found is None:
        raise Refusal(CHARSET, charset=charset)
    return "utf-8" if found == "ascii" else found
