"""Text as the encoded words that mail programs write (RFC 2047), in the ways that are common."""

from __future__ import annotations

import binascii
from collections.abc import Callable, Iterator

from todoku.mail.encoded_word import MAX_WORD

MAX_TEXT = 150  # characters

_SPELLINGS = (("UTF-8", "utf-8"), ("utf-8", "utf-8"), ("ISO-2022-JP", "iso-2022-jp"), ("iso-2022-jp", "iso-2022-jp"))
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")  # RFC 2047 5 (3)


def encoded_words(text: str, before: int) -> Iterator[bytes]:
    """The text as encoded words; ``before`` octets stand on the first line before it. Nothing for long texts."""
    if len(text) > MAX_TEXT:
        return
    for name, codec in _SPELLINGS:
        for letter, encode in _ENCODINGS:
            for first, rest in ((MAX_WORD - before, MAX_WORD - 1), (MAX_WORD, MAX_WORD), (10**6, 10**6)):
                try:
                    words = _words(text, codec, encode, (first - len(name) - 7, rest - len(name) - 7))
                except UnicodeEncodeError:
                    break
                yield b" ".join(b"=?%s?%s?%s?=" % (name.encode(), letter, word) for word in words)


def _words(text: str, codec: str, encode: Callable[[bytes], bytes], room: tuple[int, int]) -> list[bytes]:
    """The text in pieces of whole characters, each of which fits into the room of a word when encoded."""
    whole = encode(text.encode(codec))
    if len(whole) <= room[0]:
        return [whole]
    words: list[bytes] = []
    piece, fitting = "", b""
    for character in text:
        encoded = encode((piece + character).encode(codec))
        if piece and len(encoded) > room[bool(words)]:
            words.append(fitting)
            piece, fitting = character, encode(character.encode(codec))
        else:
            piece, fitting = piece + character, encoded
    return [*words, fitting]


def _b(octets: bytes) -> bytes:
    return binascii.b2a_base64(octets, newline=False)


def _q(octets: bytes) -> bytes:
    return b"".join(
        bytes((octet,)) if octet in _Q_SAFE else b"_" if octet == 0x20 else b"=%02X" % octet for octet in octets
    )


_ENCODINGS = ((b"B", _b), (b"b", _b), (b"Q", _q), (b"q", _q))
