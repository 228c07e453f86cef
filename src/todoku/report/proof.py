"""The proof that a plan did what it was made for: each requirement as it was judged before it and as it is judged now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from todoku.judging.judge import catalogue
from todoku.report.columns import cell_len, padded, wrapped
from todoku.report.render_options import Manner
from todoku.report.words import RESULT_WORDS, harmless, say
from todoku.words.verdict import SEVERITY, Result, Text, Verdict

BEFORE, NOW = Text("before", "適用前"), Text("now", "現在")
NOT_JUDGED = Text("-", "-")


class Judged(Protocol):
    """A verdict as it is compared: of a report, or as it was written down."""

    @property
    def requirement(self) -> str: ...
    @property
    def result(self) -> Result: ...
    @property
    def missing(self) -> str | None: ...


T = TypeVar("T", bound=Judged)


def table(before: Sequence[Judged], after: Sequence[Judged], manner: Manner) -> str:
    """A row for each requirement: the worst that any receiver gives it, before and now. What has changed stands first.

    What neither look could show, because only mail that was sent or a receiver shows it, is counted in the last line.
    """
    then, now = _worst(before), _worst(after)
    untold = {name for name in {*then, *now} if _is_untold(then.get(name)) and _is_untold(now.get(name))}
    titles = {one.id: say(one.title, manner.language) for one in catalogue()}
    rows = [
        (harmless(titles.get(name, name)), _word(then.get(name), manner), _word(now.get(name), manner))
        for name in sorted(
            {*then, *now} - untold, key=lambda name: (*_order(then.get(name), now.get(name)), titles.get(name, name))
        )
    ]
    heads = ("", say(BEFORE, manner.language), say(NOW, manner.language))
    columns = [max(cell_len(row[index]) for row in (heads, *rows)) + 2 for index in (1, 2)]
    room = min(40, manner.width - sum(columns))
    lines = []
    for title, *words in (heads, *rows):
        first, *further = wrapped(title, room - 1)
        cells = "".join(padded(word, column) for word, column in zip(words, columns, strict=True))
        lines += [padded(first, room) + cells, *(f"  {line}" for line in further)]
    if untold:
        lines += ["", *wrapped(say(_untold(len(untold)), manner.language), manner.width)]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _untold(count: int) -> Text:
    others = "1 other shows" if count == 1 else f"{count} others show"
    return Text(
        f"{others} only once mail is sent, or at the receivers: todoku check message.eml",
        f"ほかの{count}要件は、実際に送ったメールか受信側の情報がないと判定できません(todoku check message.eml)。",
    )


def failing(verdicts: Iterable[Verdict]) -> Text:
    """The titles of the requirements that are not met, each once."""
    names = {verdict.requirement for verdict in verdicts if verdict.result == "fail"}
    titles = [one.title for one in catalogue() if one.id in names]
    return Text(", ".join(title.en for title in titles), "、".join(title.ja for title in titles))


def _worst(verdicts: Iterable[T]) -> dict[str, T]:
    """The verdict on each requirement that says most against it."""
    worst: dict[str, T] = {}
    for one in verdicts:
        known = worst.get(one.requirement)
        if known is None or _severity(one) > _severity(known):
            worst[one.requirement] = one
    return worst


def _is_untold(one: Judged | None) -> bool:
    return one is None or one.missing == "not-asked" or one.result == "notapplicable"


def _severity(one: Judged) -> int:
    return SEVERITY.get((one.result, one.missing), 0)


def _order(then: Judged | None, now: Judged | None) -> tuple[bool, int]:
    changed = (then and then.result) != (now and now.result)
    return not changed, -(_severity(now) if now else 0)


def _word(one: Judged | None, manner: Manner) -> str:
    if one is None:
        return say(NOT_JUDGED, manner.language)
    word = say(RESULT_WORDS[one.result], manner.language)
    return word.upper() if one.result == "fail" else word
