"""What stands over a form that a tool reads, and what that form cannot express: told in it, never left out."""

from __future__ import annotations

from collections.abc import Iterator

from todoku.plan.step import Plan, Wait
from todoku.report.changes import aws_command
from todoku.report.plan.records import planned_sets, record
from todoku.report.plan.words import facts, headline, queried, title
from todoku.report.words import Language, harmless, say
from todoku.words.change import Instruction, RecordSetChange, SesCall
from todoku.words.verdict import Text


def heading(plan: Plan, language: Language) -> Iterator[str]:
    """What the plan is about; why it cannot be carried out, where it cannot."""
    yield f"todoku plan {plan.id}: {say(headline(plan), language)}"
    yield ", ".join(f"{say(label, language)} {value}" for label, value in facts(plan)[:3])
    yield from (harmless(say(text, language)) for text in plan.unread)
    yield from (f"{conflict.tag}: {harmless(say(conflict.text, language))}" for conflict in plan.conflicts)


def by_hand(plan: Plan, number: int, language: Language) -> str:
    """A step that the form cannot express, with the line that does it or that shows it done."""
    return f"{number}. {say(title(plan.steps[number - 1]), language)}: {'; '.join(_lines(plan, number, language))}"


def _lines(plan: Plan, number: int, language: Language) -> Iterator[str]:
    match plan.steps[number - 1].action:
        case SesCall() as call:
            yield aws_command(call)
        case Wait(call=call, path=path):
            yield queried(call, path)
        case Instruction(text=text, lines=lines):
            yield harmless(" ".join((say(text, language), *lines)))
        case RecordSetChange():
            planned = next(one for one in planned_sets(plan) if one.number == number)
            remove, add = say(Text("remove", "削除"), language), say(Text("add", "追加"), language)
            yield from (f"{remove} {record(planned, value)}" for value in planned.removed)
            yield from (f"{add} {record(planned, value)}" for value in planned.came)
