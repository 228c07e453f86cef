"""The fixes of a report as they are shown: numbered, each with its steps, and a word where two of them meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from todoku.judging.judge import ReadyFix
from todoku.report.changes import Step, steps
from todoku.report.words import Language, say
from todoku.words.change import DnsRecord
from todoku.words.verdict import Text


class ShownFix(msgspec.Struct, frozen=True):
    """A fix: its number, what to do, and the lines to type or paste. ``advice``: no requirement is unmet without it."""

    number: int
    id: str
    title: str
    mends: str
    steps: tuple[Step, ...]
    advice: bool


def shown_fixes(fixes: Sequence[ReadyFix], language: Language) -> tuple[ShownFix, ...]:
    """The fixes in their order, numbered from 1."""
    return tuple(_shown(number, ready, fixes, language) for number, ready in enumerate(fixes, 1))


def _shown(number: int, ready: ReadyFix, fixes: Sequence[ReadyFix], language: Language) -> ShownFix:
    title = say(ready.fix.title, language)
    return ShownFix(
        number,
        ready.fix.id,
        say(Text(f"(advice) {title}", f"(推奨){title}"), language) if ready.advice else title,
        ", ".join(ready.mends),
        (*steps(ready.changes, language), *_meeting(ready, fixes, language)),
        ready.advice,
    )


def _meeting(ready: ReadyFix, fixes: Sequence[ReadyFix], language: Language) -> Iterator[Step]:
    """A warning where another fix replaces the same record otherwise: pasted in turn, the second would undo the first."""
    mine = _replacements(ready)
    others = [
        str(number)
        for number, other in enumerate(fixes, 1)
        if other is not ready and any(mine.get(place, value) != value for place, value in _replacements(other).items())
    ]
    if others:
        told = Text(
            f"Number {', '.join(others)} changes the same record: make both changes in one.",
            f"{'、'.join(others)}番も同じレコードの変更です。1つのレコードにまとめて変更してください。",
        )
        yield Step(say(Text("Mind", "注意"), language), (say(told, language),), typed=False)


def _replacements(ready: ReadyFix) -> dict[tuple[str, str, str], str]:
    """The new value of each record that a fix replaces, by name, type and old value."""
    return {
        (change.name, change.rdtype, change.replaces): change.value
        for change in ready.changes
        if isinstance(change, DnsRecord) and change.replaces
    }
