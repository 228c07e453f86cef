"""Many subjects on one screen: a row for each, the worst first; each cause once, with whom it concerns and what mends it.

However many there are it stays within a few screens: what does not fit is counted, and ``--details`` shows it whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from todoku.judging.judge import Report, catalogue, mendable
from todoku.report.columns import cell_len, cut, padded, wrapped
from todoku.report.headings import headings
from todoku.report.render_options import Manner
from todoku.report.terminal_page import BOLD, COLOURS, DIM, INDENT, Paper, shown_word
from todoku.report.words import RESULT_WORDS, harmless
from todoku.words.verdict import SEVERITY, Result, Text, Verdict, sentence

MOST_ROWS = 25
MOST_CAUSES = 8
MOST_NAMES = 3
NARROWEST = 24  # columns of a subject's name


class Cause(msgspec.Struct, frozen=True):
    """Why one subject fails or is in doubt: for which requirements, in words, and the titles of the fixes."""

    tag: str
    result: Result
    requirements: tuple[str, ...]
    text: Text
    fixes: tuple[Text, ...]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """One subject in a row: how many requirements have each result, the worst of which receiver counting, and why.

    ``blind``: some could not be looked at. Small, so that it can come out of another process.
    """

    subject: str
    fails: int
    warns: int
    unknowns: int
    passes: int
    blind: bool
    causes: tuple[Cause, ...]

    @property
    def result(self) -> Result:
        """The row's word. That nothing could be seen is no pass."""
        if self.fails:
            return "fail"
        if self.blind or not (self.warns or self.passes):
            return "unknown"
        return "warn" if self.warns else "pass"

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """Worst first."""
        order: tuple[Result, ...] = ("fail", "unknown", "warn", "pass")
        return (order.index(self.result), -self.fails, -self.warns, -self.unknowns)


def summary_of(report: Report) -> Summary:
    """The row of one report. What its owner has accepted does not count."""
    counted = [verdict for verdict in report.verdicts if not verdict.accepted]
    worst: dict[str, Verdict] = {}
    for verdict in counted:
        known = worst.get(verdict.requirement)
        if known is None or _severity(verdict) > _severity(known):
            worst[verdict.requirement] = verdict
    results = [verdict.result for verdict in worst.values()]
    return Summary(
        subject=report.evidence.subject.name,
        fails=results.count("fail"),
        warns=results.count("warn"),
        unknowns=results.count("unknown"),
        passes=results.count("pass"),
        blind=any(verdict.missing == "could-not-look" for verdict in counted),
        causes=tuple(_causes(report, counted)),
    )


def _severity(verdict: Verdict) -> int:
    return SEVERITY[verdict.result, verdict.missing]


def _causes(report: Report, verdicts: Iterable[Verdict]) -> Iterable[Cause]:
    """What failed or is in doubt, each reason once, the worst first, then what most receivers ask for."""
    by_tag: dict[str, list[Verdict]] = {}
    for verdict in sorted(verdicts, key=_severity, reverse=True):
        if verdict.result in ("fail", "warn") or verdict.missing == "could-not-look":
            by_tag.setdefault(verdict.reason.tag, []).append(verdict)
    ready = {fix.fix.id: fix.fix.title for fix in report.fixes}
    for tag, group in sorted(by_tag.items(), key=lambda item: (-_severity(item[1][0]), -len(item[1]))):
        fixes = (fix.id for reason in mendable(group[0]) for fix in reason.fixes if fix.id in ready)
        yield Cause(
            tag,
            group[0].result,
            tuple(dict.fromkeys(verdict.requirement for verdict in group)),
            sentence(group[0]),
            tuple(ready[name] for name in dict.fromkeys(fixes)),
        )


def page(summaries: Sequence[Summary], manner: Manner) -> str:
    """The screen of several subjects."""
    return _Page(manner).drawn(summaries)


class _Page(Paper):
    """A page of rows and causes."""

    def __init__(self, manner: Manner) -> None:
        super().__init__(manner, headings(manner.language, "message"))

    def drawn(self, summaries: Sequence[Summary]) -> str:
        """The whole page."""
        rows = sorted(summaries, key=lambda one: one.rank)
        self.line(self.say(_counted(rows)), BOLD)
        self.line()
        self._rows(rows[:MOST_ROWS])
        if further := rows[MOST_ROWS:]:
            self.line(self.say(_further(further)), DIM)
        self._causes(rows)
        self.line()
        self.line(
            self.say(
                Text(
                    "One of them in full: --details NAME (all: --details all). Every row: --format csv or json. To set a domain up: "
                    "todoku plan NAME",
                    "1件の詳細は --details 名前(すべては --details all)、全件の一覧は --format csv または json。"
                    "ドメインの設定は todoku plan 名前",
                )
            ),
            DIM,
        )
        return self.text

    def _rows(self, rows: Sequence[Summary]) -> None:
        """A line for each subject, as wide as the screen."""
        heads = [self.say(RESULT_WORDS[one]) for one in ("fail", "warn", "unknown")]
        columns = [max(cell_len(head), 4) + 2 for head in heads]
        words = max(cell_len(shown_word((one.result, self.say(RESULT_WORDS[one.result])))) for one in rows) + 2
        longest = max(cell_len(harmless(one.subject)) for one in rows)
        name = max(NARROWEST, min(longest, self.width - sum(columns) - words - NARROWEST)) + 2
        self.line(
            padded("", words + name)
            + "".join(map(padded, heads, columns))
            + self.say(Text("first cause", "最初の原因")),
            BOLD,
        )
        titles = {one.id: one.title for one in catalogue()}
        for one in rows:
            word = shown_word((one.result, self.say(RESULT_WORDS[one.result])))
            numbers = (str(count) if count else "-" for count in (one.fails, one.warns, one.unknowns))
            first = one.causes[0] if one.causes else None
            cause = "" if first is None else f"{self.say(titles[first.requirements[0]])} ({first.tag})"
            start = padded(_tail(harmless(one.subject), name - 2), name) + "".join(map(padded, numbers, columns))
            room = self.width - words - cell_len(start)
            self.lines.append(self.styled(padded(word, words), COLOURS[one.result]) + start + cut(cause, max(room, 4)))

    def _causes(self, rows: Sequence[Summary]) -> None:
        """Each cause once: of how many, of whom, what it says of the first of them, and what mends it."""
        whose: dict[tuple[str, Result], list[tuple[str, Cause]]] = {}
        for one in rows:
            for cause in one.causes:
                whose.setdefault((cause.tag, cause.result), []).append((one.subject, cause))
        ordered = sorted(whose.items(), key=lambda item: (item[0][1] != "fail", item[0][1] != "unknown", -len(item[1])))
        if not ordered:
            return
        self.heading(self.say(Text("Causes", "原因")))
        titles = {one.id: one.title for one in catalogue()}
        for (tag, result), found in ordered[:MOST_CAUSES]:
            first = found[0][1]
            word = shown_word((result, self.say(RESULT_WORDS[result])))
            separator = self.say(Text(", ", "、"))
            about = separator.join(self.say(titles[name]) for name in first.requirements)
            share = self.say(Text(f"{len(found)} of {len(rows)}", f"{len(rows)}件中{len(found)}件"))
            self.lines.append(
                self.styled(word, COLOURS[result])
                + "  "
                + self.styled(cut(f"{share}: {about} ({tag})", self.width - 9), BOLD)
            )
            self.lines.append(INDENT + self._names([harmless(name) for name, _ in found], separator))
            fixes = separator.join(self.say(fix) for fix in first.fixes)
            what = self.say(Text(f"To do: {fixes}", f"対処方法: {fixes}")) if fixes else self.say(first.text)
            self.lines.append(INDENT + cut(wrapped(what, 10_000)[0], self.width - 2))
        if (others := len(ordered) - MOST_CAUSES) > 0:
            causes = "1 further cause" if others == 1 else f"{others} further causes"
            self.line(self.say(Text(f"... and {causes}", f"... ほかに{others}種類の原因")), DIM)

    def _names(self, names: Sequence[str], separator: str) -> str:
        """As many names as fit a line, one at least, and how many more there are."""
        for shown in range(min(len(names), MOST_NAMES), 0, -1):
            more = len(names) - shown
            rest = self.say(Text(f" and {more} more", f" ほか{more}件")) if more else ""
            line = separator.join(names[:shown]) + rest
            if cell_len(line) <= self.width - 2:
                return line
        return _tail(names[0], self.width - 2 - cell_len(rest)) + rest


def _tail(text: str, width: int) -> str:
    """Text of at most ``width`` cells; of a path the end says more than the beginning."""
    if cell_len(text) <= width:
        return text
    while cell_len(text) > width - 3:
        text = text[1:]
    return f"...{text}"


def _counted(rows: Sequence[Summary]) -> Text:
    """How many of which result; the ones that could not be seen are named, not left out."""
    counts = {result: sum(one.result == result for one in rows) for result in ("fail", "unknown", "warn", "pass")}
    en = {"fail": "fail", "unknown": "could not be checked", "warn": "with advice only", "pass": "without findings"}
    ja = {"fail": "不適合", "unknown": "判定不能", "warn": "注意のみ", "pass": "指摘なし"}
    return Text(
        f"{len(rows)} subjects: " + ", ".join(f"{counts[one]} {en[one]}" for one in counts if counts[one]),
        f"{len(rows)}件: " + "、".join(f"{ja[one]} {counts[one]}件" for one in counts if counts[one]),
    )


def _further(rows: Sequence[Summary]) -> Text:
    """What the rows below the table are."""
    counts = {one.result: sum(other.result == one.result for other in rows) for one in rows}
    en = ", ".join(f"{count} {RESULT_WORDS[result].en}" for result, count in counts.items())
    ja = "、".join(f"{RESULT_WORDS[result].ja} {count}件" for result, count in counts.items())
    return Text(f"... and {len(rows)} more: {en}", f"... ほか{len(rows)}件({ja})")
