"""What somebody is told of an alarm, as plain text: what it is, whom it concerns, what proves it, what mends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from todoku.report.changes import steps
from todoku.report.words import Language, harmless, say
from todoku.watching.alarm import Notice
from todoku.watching.drift import NOTHING
from todoku.watching.signal import SignalLevel
from todoku.words.verdict import Text, fill

MAX_NAMED = 20  # subjects and parts of one alarm; chats cut long messages off
MAX_EXHIBITS = 10
NONE = Text("none", "なし")

HEADS = {
    ("fired", "fail"): Text("Alarm", "警報"),
    ("fired", "warn"): Text("Warning", "注意"),
    ("noted", "fail"): Text("Alarm", "警報"),
    ("noted", "warn"): Text("Notice", "お知らせ"),
    ("escalated", "fail"): Text("Worse", "悪化"),
    ("joined", "fail"): Text("Wider", "対象拡大"),
    ("joined", "warn"): Text("Wider", "対象拡大"),
    ("left", "fail"): Text("Narrower", "対象縮小"),
    ("left", "warn"): Text("Narrower", "対象縮小"),
    ("resolved", "fail"): Text("Over", "解消"),
    ("resolved", "warn"): Text("Over", "解消"),
}
"""The first word of a subject, by step and level."""

ENDED = ("left", "resolved")
SHOWN_KEY = 12  # characters of a letter's key, as people see it

Tone = Literal["failure", "warning", "success"]
TONES: dict[SignalLevel, Tone] = {"fail": "failure", "warn": "warning"}


CALLS = re.compile(r"(?<![\w.%+-])@(?=\w)|@(?=(?:everyone|here)\b(?!\.))|<(?=[@!#&])|\](?=\()", re.IGNORECASE)
"""What calls people, or gives a link another text, in chats that take plain text for mark-up (Discord, Mattermost): a blank behind it
ends that, and the text can still be read. Slack, Teams and mail are handed escaped text by Apprise.
"""


class Letter(msgspec.Struct, frozen=True):
    """A message to people: a line, and the whole of it; ``tone``: by which services choose a colour, a sound or whom to wake.

    ``key``: the same however often it is sent, so that whoever receives it twice can tell.
    """

    title: str
    body: str
    tone: Tone
    key: str = ""


def letter(notice: Notice, language: Language) -> Letter:
    """A notice in one language, without anything that could steer a terminal, a mail's header or a chat."""
    tone: Tone = "success" if notice.step in ENDED else TONES[notice.level]
    return Letter(_plain(_title(notice, language)), "\n".join(map(_plain, _lines(notice, language))), tone, notice.key)


def _plain(line: str) -> str:
    return CALLS.sub(r"\g<0> ", harmless(line))


def _title(notice: Notice, language: Language) -> str:
    first, others = notice.abouts[0] if notice.abouts else "-", len(notice.abouts) - 1
    head = say(HEADS[notice.step, notice.level], language)
    more = Text(f" and {others} more", f" ほか{others}件") if others > 0 else Text("", "")
    return f"[todoku] {head}: {notice.requirement} – {first}{say(more, language)} [{notice.tag}]"


def _lines(notice: Notice, language: Language) -> Iterator[str]:
    if notice.step == "left":
        yield say(
            Text(
                f"It is over for those named here; it lasts for others. It began {_time(notice)}:",
                f"以下の対象では解消しました(他の対象では続いています)。{_time(notice)} に検知した内容:",
            ),
            language,
        )
    if notice.step == "resolved":  # before what was true while it lasted
        yield say(
            Text(f"It is over. It began {_time(notice)}:", f"解消しました。{_time(notice)} に検知した内容:"), language
        )
    for one in notice.said[:MAX_NAMED]:
        yield say(fill(one.text, one.values), language)
    if (left := len(notice.said) - MAX_NAMED) > 0:
        yield say(Text(f"And {left} more.", f"ほか{left}件。"), language)
    yield ""
    if notice.step not in ENDED:
        yield say(Text(f"Since: {_time(notice)}", f"検知日時: {_time(notice)}"), language)
    yield say(Text("Concerns:", "対象:"), language)
    yield from (f"  {one}" for one in notice.abouts[:MAX_NAMED])
    if (left := len(notice.abouts) - MAX_NAMED) > 0:
        yield say(Text(f"  and {left} more", f"  ほか{left}件"), language)
    if notice.step not in ENDED:
        yield from _proof(notice, language)
        yield from _mending(notice, language)
    yield ""
    yield say(Text("More:", "詳細:"), language) + f" todoku explain {notice.tag}"
    yield say(Text("Letter:", "通知番号:"), language) + f" {notice.key[:SHOWN_KEY]}"


def _proof(notice: Notice, language: Language) -> Iterator[str]:
    if notice.exhibits:
        yield say(Text("Evidence:", "根拠:"), language)
        for one in notice.exhibits[:MAX_EXHIBITS]:
            value = say(NONE, language) if one.value == NOTHING else one.value
            yield f"  {one.source}: {value}"


def _mending(notice: Notice, language: Language) -> Iterator[str]:
    several = len(notice.abouts) > 1  # of each fix there is one, with the names of one of them
    head = (
        Text("To mend it, as for one of them: ", "対処(うち1件の例): ") if several else Text("To mend it: ", "対処: ")
    )
    for ready in notice.fixes:
        yield say(head, language) + say(ready.fix.title, language)
        for step in steps(ready.changes, language):
            yield from (f"  {line}" for line in step.lines)


def _time(notice: Notice) -> str:
    return f"{notice.since:%Y-%m-%d %H:%M} UTC"
