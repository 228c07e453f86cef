"""What is done with an item once it is safe: ``[ingest] acknowledge``."""

from __future__ import annotations

from typing import Literal

import msgspec

from todoku.words.errors import UsageError
from todoku.words.verdict import Text

How = Literal["seen", "tag", "move", "delete"]


class Acknowledgement(msgspec.Struct, frozen=True):
    """``seen``: only marked. ``move``: to another folder or prefix, ``place``. ``delete``: gone. ``tag``: an object's tag."""

    how: How = "seen"
    place: str = ""


def acknowledgement(written: str, allowed: tuple[How, ...]) -> Acknowledgement:
    """What the setting says. Raises ``UsageError`` where this kind of source knows no such way."""
    how, _, place = written.partition(":")
    for each in allowed:
        if how == each and bool(place) == (each == "move"):
            return Acknowledgement(each, place)
    forms = ", ".join("move:PLACE" if each == "move" else each for each in allowed)
    raise UsageError(
        Text(
            f"[ingest] acknowledge cannot be {written!r} here. Choose from {forms}",
            f"[ingest] acknowledge に {written!r} は指定できません。{forms} から選んでください",
        )
    )
