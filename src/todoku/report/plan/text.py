"""A plan on a terminal: what will be done, in order, why, at what risk and how it is taken back; what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable

from click import style

from todoku.plan.step import Conflict, Plan, Step, Wait
from todoku.report.changes import aws_command
from todoku.report.columns import cell_len, padded, wrapped
from todoku.report.plan.records import PlannedSet, awaited_values, known_after, planned_sets, record, standing
from todoku.report.plan.words import (
    against,
    facts,
    headline,
    look,
    order_told,
    steps_told,
    title,
    undo_commands,
    undo_told,
)
from todoku.report.render_options import Manner
from todoku.report.words import harmless, say
from todoku.words.change import Instruction, RecordSetChange, SesCall
from todoku.words.verdict import Text

INDENT = "  "


def render(plan: Plan, manner: Manner) -> str:
    """The plan, as wide as the reader's screen."""
    page = _Page(plan, manner)
    page.draw()
    return "".join(f"{line.rstrip()}\n" for line in page.lines)


class _Page:
    """One plan, drawn from top to bottom."""

    def __init__(self, plan: Plan, manner: Manner) -> None:
        self.plan = plan
        self.manner = manner
        self.lines: list[str] = []
        self.sets = {one.number: one for one in planned_sets(plan)}

    def say(self, text: Text) -> str:
        return say(text, self.manner.language)

    def line(self, text: str = "", *, bold: bool = False) -> None:
        """A paragraph, wrapped at the width."""
        for part in wrapped(harmless(text), self.manner.width):
            self.lines.append(style(part, bold=True) if bold and part and self.manner.colour else part)

    def pair(self, label: Text, lines: Iterable[str], *, typed: bool = False) -> None:
        """A label and what it says; what is typed or pasted is never wrapped."""
        said = self.say(label)
        column = 10 if self.manner.language == "en" else 12
        room = self.manner.width - len(INDENT) - column
        whole = map(harmless, lines)  # a plan may come from a stranger
        shown = whole if typed else [part for line in whole for part in wrapped(line, room)]
        for index, line in enumerate(shown):
            head = padded("" if index else said, column)
            self.lines.append(INDENT + (style(head, dim=True) if self.manner.colour else head) + line)

    def draw(self) -> None:
        self.line(f"todoku plan  {self.plan.domain}", bold=True)
        self.line(self.say(headline(self.plan)))
        self.line()
        column = max(cell_len(self.say(label)) for label, _ in facts(self.plan)) + 2
        for label, value in facts(self.plan):
            self.line(padded(self.say(label), column) + value)
        self.conflicts()
        self.unread()
        if self.plan.steps:
            self.line()
            self.line(self.say(order_told(self.plan)), bold=True)
        said: Text | None = None
        for number, step in enumerate(self.plan.steps, 1):
            self.step(number, step, said_before=step.why == said)
            said = step.why

    def conflicts(self) -> None:
        for heading, conflicts in against(self.plan):
            self.line()
            self.line(self.say(heading), bold=True)
            for conflict in conflicts:
                self.conflict(conflict)

    def conflict(self, conflict: Conflict) -> None:
        self.line()
        self.line(f"{conflict.tag}", bold=True)
        self.lines += [INDENT + part for part in wrapped(harmless(self.say(conflict.text)), self.manner.width - 2)]
        self.lines += [INDENT * 2 + line for found in conflict.found for line in standing(found)]

    def unread(self) -> None:
        if self.plan.unread:
            self.line()
            self.line(self.say(Text("What could not be looked at", "確認できなかった項目")), bold=True)
        for text in self.plan.unread:
            first, *rest = wrapped(harmless(self.say(text)), self.manner.width - 4)
            self.lines += [f"{INDENT}- {first}", *(INDENT * 2 + part for part in rest)]

    def step(self, number: int, step: Step, *, said_before: bool) -> None:
        """One step; a reason that the step before has too is not told twice."""
        self.line()
        self.line(f"{number}. {self.say(title(step))}", bold=True)
        self.action(number, step)
        if not said_before:
            self.pair(Text("Why", "理由"), [self.say(step.why)])
        if step.after:
            self.pair(Text("After", "先に必要"), [self.say(steps_told(self.plan, step.after))])
        if step.risk is not None:
            self.pair(Text("Risk", "リスク"), [self.say(step.risk)])
        commands, told = undo_commands(step), undo_told(step)
        self.pair(Text("Undo", "取り消し"), commands, typed=True)
        self.pair(Text("", "") if commands else Text("Undo", "取り消し"), [self.say(told)] if told else [])

    def action(self, number: int, step: Step) -> None:
        match step.action:
            case SesCall() as call:
                self.pair(Text("SES", "SES"), [aws_command(call)], typed=True)
            case RecordSetChange():
                self.records(self.sets[number])
            case Wait(usually=usually):
                seen = look(step)
                self.pair(Text("Look", "確認方法"), [seen.command] if seen else [], typed=True)
                self.pair(Text("Takes", "所要時間"), [self.say(usually)])
            case Instruction(text=text, lines=lines):
                self.pair(Text("Do", "作業"), [self.say(text)])
                self.pair(Text("", ""), map(harmless, lines), typed=True)

    def records(self, planned: PlannedSet) -> None:
        self.pair(Text("Remove", "削除"), (record(planned, value) for value in planned.removed), typed=True)
        self.pair(Text("DNS", "DNS"), (record(planned, value) for value in planned.came), typed=True)
        self.pair(Text("Stays", "そのまま"), (record(planned, value) for value in planned.kept), typed=True)
        if planned.awaited:
            known = self.say(known_after(planned, self.plan))
            self.pair(Text("Values", "値"), [f"{known}: {', '.join(awaited_values(planned))}"])
