"""JSON in pieces: an object whose lists are written entry by entry, so that none has to be whole in memory.

It reads as ``msgspec.json.format`` would write it. What a terminal would act on is escaped, which JSON allows of anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from todoku.report.words import CONTROL


def fields_of(document: msgspec.Struct) -> dict[str, object]:
    """The fields of a document, its lists as what can be gone through once."""
    fields = {name: getattr(document, name) for name in document.__struct_fields__}
    return {name: iter(value) if isinstance(value, tuple) else value for name, value in fields.items()}


def written(fields: Mapping[str, object], margin: int = 0) -> Iterator[str]:
    """The object; an iterator among the fields is a list. Every line but the first has ``margin`` blanks more."""
    pad = " " * margin
    for number, (name, value) in enumerate(fields.items()):
        yield f'{"," if number else "{"}\n{pad}  "{name}": '
        if isinstance(value, Iterator):
            yield from _list(value, margin + 2)
        else:
            yield _value(value, margin + 2)
    yield f"\n{pad}}}"


def _list(values: Iterable[object], margin: int) -> Iterator[str]:
    empty = True
    for value in values:
        yield f"{'[' if empty else ','}\n{' ' * margin}  {_value(value, margin + 2)}"
        empty = False
    yield "[]" if empty else f"\n{' ' * margin}]"


def _value(value: object, margin: int) -> str:
    compact = CONTROL.sub(_escaped, msgspec.json.encode(value).decode())  # before there are line ends
    return msgspec.json.format(compact, indent=2).replace("\n", "\n" + " " * margin)


def _escaped(found: re.Match[str]) -> str:
    octets = found.group().encode("utf-16-be")
    return "".join(f"\\u{octets[at : at + 2].hex()}" for at in range(0, len(octets), 2))
