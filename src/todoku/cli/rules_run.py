"""What ``todoku rules`` does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

import msgspec

from todoku.cli.terminal import Screen, parse_day
from todoku.judging.judge import catalogue
from todoku.receivers import ASKED_BY_DEFAULT, FACTS, NAMES, RULES_READ
from todoku.report.clauses import LEVELS, MET_BY_SES, scope
from todoku.report.columns import padded, wrapped
from todoku.report.headline import none_in_force
from todoku.report.words import Language, say
from todoku.words.errors import UsageError
from todoku.words.rules import RuleChange, rule_changes, rules_on
from todoku.words.verdict import Clause, Receiver, Requirement, Text

WIDTH = 78
COLUMNS = (30, 8, 8, 11)
"""Cells of the matrix before the id: title, who asks all senders, who asks bulk senders, SES's default."""
LETTERS: dict[Receiver, str] = {receiver: FACTS[receiver].letter for receiver in ASKED_BY_DEFAULT}


def list_rules(as_of: str | None, form: str, language: Language) -> None:
    """Print the rules of a day in one of the forms. Raises ``UsageError``."""
    day = parse_day(as_of) if as_of else datetime.now(UTC).date()
    rules = rules_on(catalogue(), day)
    match form:
        case "json":
            text = _as_json(rules, day)
        case "markdown":
            text = _as_markdown(rules, language)
        case _:
            text = "\n".join(_as_text(rules, day, language)) + "\n"
    Screen().write(text)


def _as_json(rules: Iterable[tuple[Requirement, tuple[Clause, ...]]], day: date) -> str:
    document = {
        "as_of": day,
        "rules": RULES_READ,
        "requirements": {
            requirement.id: {
                "title": requirement.title,
                "ses_default": requirement.ses_default,
                "google_row": requirement.google_row,
                "clauses": clauses,
            }
            for requirement, clauses in rules
        },
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _as_text(rules: Sequence[tuple[Requirement, tuple[Clause, ...]]], day: date, language: Language) -> Iterable[str]:
    """The matrix on one screen, then each requirement with its clauses."""
    yield say(Text(f"Rules of {day}", f"{day} 時点のルール"), language)
    yield ""
    yield from _matrix(rules, day, language)
    for requirement, clauses in rules:
        yield ""
        yield f"{requirement.id}  {say(requirement.title, language)}"
        for clause in clauses:
            first, *further = wrapped(scope(clause, language), WIDTH - 15)
            yield f"  {NAMES[clause.receiver]:<13}{first}"
            yield from (" " * 15 + line for line in further)
            yield from (f"    {line}" for line in wrapped(say(clause.text, language), WIDTH - 4))
        ses = wrapped(say(requirement.ses_default.text, language), WIDTH - 7)
        yield from (f"  {'SES: ' if number == 0 else '     '}{line}" for number, line in enumerate(ses))


def _matrix(rules: Sequence[tuple[Requirement, tuple[Clause, ...]]], day: date, language: Language) -> Iterable[str]:
    """Requirement by who asks it of all senders and of bulk senders, and whether SES meets it: as wide as 80 columns."""
    rows = [(requirement, binding) for requirement, clauses in rules if (binding := _asked_by_default(clauses))]
    if not rows:
        yield say(none_in_force(day), language)
        if rules:
            names = ", ".join(NAMES[receiver] for receiver in LETTERS)
            said = Text(
                f"That holds for {names}. Other receivers' rules, most of them undated:",
                f"対象は{names}です。ほかの受信側のルール(多くは日付なし):",
            )
            yield say(said, language)
        return
    heads = (
        Text("Requirement", "要件"),
        Text("all", "全員"),
        Text("5,000+", "一括"),
        Text("by SES", "SESの既定"),
        Text("todoku explain ...", "詳細: todoku explain"),
    )
    yield _row([say(head, language) for head in heads])
    for requirement, binding in rows:
        of_all, of_bulk = _letters(one for one in binding if one.volume == "all"), _letters(binding)
        met = say(MET_BY_SES[requirement.ses_default.met], language)
        first, *further = wrapped(say(requirement.title, language), COLUMNS[0] - 1)
        yield _row([first, of_all, of_bulk, met, requirement.id])
        yield from further
    yield ""
    names = ", ".join(f"{letter} {NAMES[receiver]}" for receiver, letter in LETTERS.items())
    yield say(Text(f"{names}. Capital: must; small: should.", f"{names}。大文字は必須、小文字は推奨。"), language)


def _asked_by_default(clauses: Iterable[Clause]) -> list[Clause]:
    return [one for one in clauses if one.receiver in LETTERS]


def _letters(clauses: Iterable[Clause]) -> str:
    """The receivers that ask: "G y" for a must of Gmail and a should of Yahoo."""
    asked: dict[Receiver, str] = {}
    for clause in sorted(clauses, key=lambda one: one.level != "must"):
        letter = LETTERS[clause.receiver]
        asked.setdefault(clause.receiver, letter if clause.level == "must" else letter.lower())
    return " ".join(asked[receiver] for receiver in LETTERS if receiver in asked)


def _row(cells: Sequence[str]) -> str:
    *padding, last = cells
    return "".join(padded(cell, width) for cell, width in zip(padding, COLUMNS, strict=True)) + last


def _as_markdown(rules: Iterable[tuple[Requirement, tuple[Clause, ...]]], language: Language) -> str:
    head = say(
        Text("| requirement | who asks | met by SES by default |", "| 要件 | 求める受信側 | SESの既定で対応済みか |"),
        language,
    )
    lines = [head, "|---|---|---|"]
    for requirement, clauses in rules:
        asked: dict[str, None] = {}
        for clause in clauses:
            bulk = say(Text(" (bulk)", "(一括)"), language) if clause.volume == "bulk" else ""
            should = (
                say(Text(f" ({LEVELS[clause.level].en})", f"({LEVELS[clause.level].ja})"), language)
                if clause.level != "must"
                else ""
            )
            asked.setdefault(f"{NAMES[clause.receiver]}{bulk}{should}")
        met = say(MET_BY_SES[requirement.ses_default.met], language)
        lines.append(f"| `{requirement.id}` {say(requirement.title, language)} | {', '.join(asked)} | {met} |")
    return "\n".join(lines) + "\n"


def show_changes(first: str, last: str, language: Language) -> None:
    """Print what changed between two days. Raises ``UsageError``."""
    days = (parse_day(first), parse_day(last))
    if days[0] > days[1]:
        raise UsageError(
            Text(
                f"{first} is after {last}: give the earlier day first",
                f"{first} は {last} より後です。古い日付を先に指定してください",
            )
        )
    lines = [line for change in rule_changes(catalogue(), *days) for line in _change(change, language)]
    nothing = say(Text("no rule came or went", "変更はありません"), language)
    Screen().write("\n".join(lines or [nothing]) + "\n")


def _change(change: RuleChange, language: Language) -> Iterable[str]:
    yield f"{change.day}  {say(change.headline, language)}"
    for sign, clauses in (("+", change.came), ("-", change.went)):
        by_requirement: dict[str, dict[str, None]] = {}
        for requirement, clause in clauses:
            by_requirement.setdefault(requirement, {}).setdefault(NAMES[clause.receiver])
        for requirement, receivers in by_requirement.items():
            yield f"            {sign} {requirement} ({', '.join(receivers)})"
