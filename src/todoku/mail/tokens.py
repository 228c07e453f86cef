"""The words of structured header fields: atoms, quoted strings, comments, domain literals. RFC 5322 section 3.2.

One pass, no recursion: a comment may be nested ten thousand deep. What opens and never closes is one stray character,
and so is every later one of its kind, so that no text takes more than linear time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple, cast

Kind = Literal["white", "comment", "atom", "encoded", "quoted", "literal", "special", "stray"]

# RFC 5322 section 3.2.3 atext, with the octets of UTF-8 that RFC 6532 section 3.2 adds.
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]++"
# RFC 2047 section 2; its text may wrongly hold specials, which must not tear it apart.
ENCODED = r"=\?[^?\s]{1,75}\?[bBqQ]\?[^?\s]*+\?="

TOKEN = re.compile(
    rf"(?P<white>[ \t\r\n]++)|(?P<encoded>{ENCODED})|(?P<atom>{ATOM})|(?P<special>[<>,:;@.])|(?P<stray>.)", re.DOTALL
)
QUOTED = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)  # RFC 5322 3.2.4, with the controls of 4.1
LITERAL = re.compile(r"\[(?:[^][\\]++|\\.)*+\]", re.DOTALL)  # RFC 5322 3.4.1
PARENTHESIS = re.compile(r"[()]|\\.", re.DOTALL)
PAIR = re.compile(r"\\(.)", re.DOTALL)  # RFC 5322 3.2.1


class Token(NamedTuple):
    """One token as it is written and where it begins."""

    kind: Kind
    text: str
    offset: int


def tokenize(text: str) -> Iterator[Token]:
    """The tokens of ``text`` in order; joined they are ``text`` again. Never raises."""
    position, unclosed = 0, set()
    while position < len(text):
        opener = text[position]
        if opener in _CLOSED and opener not in unclosed:
            kind, end_of = _CLOSED[opener]
            end = end_of(text, position)
            if end:
                yield Token(kind, text[position:end], position)
                position = end
                continue
            unclosed.add(opener)
        match = cast(re.Match[str], TOKEN.match(text, position))  # its last alternative takes any character
        yield Token(cast(Kind, match.lastgroup), match.group(), position)
        position = match.end()


def _quoted_end(text: str, start: int) -> int:
    match = QUOTED.match(text, start)
    return match.end() if match else 0


def _literal_end(text: str, start: int) -> int:
    match = LITERAL.match(text, start)
    return match.end() if match else 0


def _comment_end(text: str, start: int) -> int:
    """Where the comment that opens at ``start`` ends, comments inside it counted (RFC 5322 3.2.2); 0 where it does not."""
    depth = 0
    for match in PARENTHESIS.finditer(text, start):
        mark = match.group()
        depth += 1 if mark == "(" else -1 if mark == ")" else 0
        if depth == 0:
            return match.end()
    return 0


def unquoted(text: str) -> str:
    """The content of a quoted string or a comment, without its delimiters and backslashes."""
    content = text[1:-1]
    return PAIR.sub(r"\1", content) if "\\" in content else content


def is_dotted(words: Sequence[Token], kinds: tuple[Kind, ...]) -> bool:
    """Whether these are words of the given kinds with single dots between them."""
    return len(words) % 2 == 1 and all(
        token.text == "." if index % 2 else token.kind in kinds for index, token in enumerate(words)
    )


_CLOSED: dict[str, tuple[Kind, Callable[[str, int], int]]] = {
    '"': ("quoted", _quoted_end),
    "(": ("comment", _comment_end),
    "[": ("literal", _literal_end),
}
