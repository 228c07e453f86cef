"""What a caller of the library hands in, checked where it comes in: a value that is none of those allowed is named at once.

A wrong receiver or a text in place of octets would else be judged as if there were nothing to say of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NoReturn

from todoku.words.errors import UsageError
from todoku.words.verdict import Text


def one_of(name: str, value: object, allowed: Collection[str]) -> None:
    """Refuse a value of argument ``name`` that is none of those allowed."""
    if value not in allowed:
        refuse(name, value, f"one of {', '.join(allowed)}", f"{'、'.join(allowed)} のいずれか")


def names_of(name: str, values: object, allowed: Collection[str]) -> None:
    """Refuse what is no collection of the names allowed, and an empty one: it would mean that nothing is judged."""
    example = f'("{next(iter(allowed))}",)'
    given = tuple(collection(name, values, example))
    if not given:
        refuse(name, values, example, example)
    for value in given:
        one_of(name, value, allowed)


def texts(name: str, values: object) -> None:
    """Refuse what is no collection of texts, a single text above all."""
    for value in collection(name, values, '("s1",)'):
        text(name, value)


def collection(name: str, values: object, example: str) -> Iterable[object]:
    """The values; refuse what holds none, a single text above all: its letters would be taken for values."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        refuse(name, values, example, example)
    return values


def text(name: str, value: object) -> None:
    """Refuse what is no ``str``."""
    if not isinstance(value, str):
        refuse(name, value, "a str", "str")


def octets(name: str, value: object) -> None:
    """Refuse what is no ``bytes``: a text has lost how its octets were."""
    if not isinstance(value, bytes):
        refuse(name, value, "bytes (read the file with read_bytes())", "bytes(ファイルはread_bytes()で読み込む)")


def one_line(name: str, value: object) -> None:
    """Refuse what is no ``str`` in one line: it would become a line of its own in a header."""
    text(name, value)
    if not (isinstance(value, str) and value.isprintable() and value):
        refuse(name, value, "a str of one line", "1行の str")


def private_pem(name: str, value: object) -> None:
    """Refuse what is no ``bytes``, as ``octets`` does, but never show it."""
    if not isinstance(value, bytes):
        en, ja = "a private key in PEM as bytes", "PEM形式の秘密鍵(bytes)"
        raise UsageError(
            Text(
                f"{name} is a {type(value).__name__}: give {en}",
                f"{name} の型 {type(value).__name__} は指定できません。指定できるのは {ja} です",
            )
        )


def aware(name: str, value: object) -> None:
    """Refuse a time without its time zone, which would mean another instant on every machine; None is no time."""
    if value is not None and not (isinstance(value, datetime) and value.utcoffset() is not None):
        refuse(
            name, value, "an aware datetime, as datetime.now(UTC)", "タイムゾーン付きのdatetime(例: datetime.now(UTC))"
        )


def refuse(name: str, value: object, en: str, ja: str) -> NoReturn:
    """Raise ``UsageError`` for this value of argument ``name``, with what is allowed."""
    shown = repr(value)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    raise UsageError(
        Text(f"{name}={shown} is not allowed: give {en}", f"{name}={shown} は指定できません。指定できるのは {ja} です")
    )
