"""Where settings do not fit the types that they are read into, and what they must be.

msgspec alone decides what fits: it is asked about the whole, and where it refuses, about each part. Nothing that it says is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

import msgspec
from msgspec import inspect

from todoku.words.verdict import Text

Place = tuple[str | int, ...]
"""Names of settings, and numbers of what stands in a list, from 0."""


class Misfit(msgspec.Struct, frozen=True):
    """A value that does not fit: where it stands, and what is wrong, each to be said behind the name of that place."""

    path: Place
    said: Text


def misfit(value: object, kind: Any, path: Place = ()) -> Misfit:  # noqa: ANN401 -- any type that msgspec knows
    """The first part that does not fit of a value that msgspec refuses, as near as that can be told."""
    return next(_inside(value, kind, path), None) or Misfit(path, _wanted(value, inspect.type_info(kind)))


def _inside(value: object, kind: Any, path: Place) -> Iterator[Misfit]:  # noqa: ANN401 -- as above
    match inspect.type_info(kind), value:
        case inspect.StructType(), Mapping():
            yield from _in_table(value, msgspec.structs.fields(kind), path)
        case inspect.VarTupleType(), list():
            each, _ = get_args(kind)
            yield from (misfit(one, each, (*path, place)) for place, one in enumerate(value) if not _fits(one, each))


def _in_table(
    table: Mapping[str, object], fields: tuple[msgspec.structs.FieldInfo, ...], path: Place
) -> Iterator[Misfit]:
    known = {field.name for field in fields}
    for name in table:
        if name not in known:
            yield Misfit(path, Text(f": there is no setting {name}", f": {name} という設定はありません"))
    for field in fields:
        if field.name not in table:
            if field.required:
                yield Misfit(path, Text(f" lacks {field.name}", f" に {field.name} がありません"))
        elif not _fits(table[field.name], field.type):
            yield misfit(table[field.name], field.type, (*path, field.name))


def _fits(value: object, kind: Any) -> bool:  # noqa: ANN401 -- as above
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def _wanted(value: object, kind: inspect.Type) -> Text:
    match kind:
        case inspect.IntType(ge=int(least), le=int(most)) if type(value) is int:
            return Text(f" must be from {least} to {most}", f" は {least} から {most} までで指定してください")
        case inspect.LiteralType(values=words):
            quoted = [f'"{word}"' for word in words if word]
            return Text(f" must be {' or '.join(quoted)}", f" には {' か '.join(quoted)} を指定してください")
    named = next((text for of, text in _NAMES.items() if isinstance(kind, of)), _NAMES[inspect.StructType])
    return Text(f" must be {named.en}", f" には{named.ja}を指定してください")


_NAMES: dict[type[inspect.Type], Text] = {
    inspect.StructType: Text("a table", "表"),
    inspect.VarTupleType: Text('a list, such as ["..."]', 'リスト(["..."] の形)'),
    inspect.IntType: Text("a whole number", "整数"),
    inspect.StrType: Text("text in quotation marks", "引用符で囲んだ文字列"),
    inspect.DateType: Text("a date, such as 2027-03-31", "日付(2027-03-31 の形)"),
}
