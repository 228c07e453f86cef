"""What every look of a round needs, and what a round has gathered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec

from todoku.intake.senders import Verification
from todoku.net.drivers import DnsSource
from todoku.settings.config import Config
from todoku.store.lease import Lease
from todoku.store.store import Store
from todoku.watching.away import Tried
from todoku.watching.drift import Memory
from todoku.watching.identities import Roll
from todoku.watching.signal import Seen
from todoku.words.verdict import Result, Text


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What every look of a round needs. ``alarms``: the cause of each that is open with each subject of it."""

    store: Store
    lease: Lease
    config: Config
    dns: DnsSource
    verification: Verification
    clock: Callable[[], datetime]
    alarms: frozenset[tuple[str, str]] = frozenset()


class Remembered(msgspec.Struct, frozen=True):
    """What is known of a subject from earlier looks."""

    best: dict[str, Result] = {}
    memory: Memory = Memory()


class Found(msgspec.Struct):
    """What a round has gathered: filled look by look, and written down at its end.

    ``tried``: how each source that was asked has answered; ``unseen``: what could not be looked at, to be told.
    """

    seen: list[Seen] = msgspec.field(default_factory=list)
    remember: dict[str, Remembered] = msgspec.field(default_factory=dict)
    rolls: dict[str, Roll] = msgspec.field(default_factory=dict)
    tried: list[Tried] = msgspec.field(default_factory=list)
    unseen: list[Text] = msgspec.field(default_factory=list)

    def answered(self, source: str, requirement: str) -> None:
        """A source answered."""
        self.tried.append(Tried(source=source, requirement=requirement))

    def did_not_answer(self, source: str, requirement: str, *causes: Text) -> None:
        """A source did not, or not all that it was asked."""
        causes = tuple(_without(source, one) for one in causes)
        self.tried.append(Tried(source=source, requirement=requirement, causes=causes))
        self.unseen += [Text(f"{source}: {one.en}", f"{source}: {one.ja}") for one in causes]

    def remembered(self) -> Iterator[tuple[str, Remembered | Roll]]:
        """What is to be kept, by the names under which it is."""
        for about, one in self.remember.items():
            yield subject_name(about), one
        for subject, roll in self.rolls.items():
            yield roll_name(subject), roll


def subject_name(about: str) -> str:
    """Under which name it is kept what is known of a domain or identity."""
    return f"subject/{about}"


def roll_name(subject: str) -> str:
    """Under which name it is kept who was there of an account."""
    return f"roll/{subject}"


def same(words: str) -> Text:
    """Words of others, which are the same in both languages."""
    return Text(words, words)


def _without(source: str, text: Text) -> Text:
    """What is told of a source, without its name in front."""
    begin = f"{source}: "
    return Text(text.en.removeprefix(begin), text.ja.removeprefix(begin))
