"""A plan as a runbook: step by step what must be true before, what to do, how to see that it is done, how to take it back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from todoku.plan.step import Expectation, Plan, Step, Wait
from todoku.report.changes import aws_command
from todoku.report.markup import block, code, plain
from todoku.report.plan.records import (
    PlannedSet,
    awaited_values,
    known_after,
    master_value,
    planned_sets,
    record,
    standing,
)
from todoku.report.plan.words import (
    against,
    as_shown,
    facts,
    headline,
    look,
    order_told,
    queried,
    steps_told,
    title,
    undo_commands,
    undo_told,
)
from todoku.report.render_options import Manner
from todoku.report.words import Language, harmless, say
from todoku.words.change import Instruction, RecordSetChange, SesCall
from todoku.words.verdict import Text


def render(plan: Plan, manner: Manner) -> str:
    """The runbook."""
    return "\n".join(_Runbook(plan, manner.language).lines()) + "\n"


class _Runbook:
    """One plan in one language, from top to bottom."""

    def __init__(self, plan: Plan, language: Language) -> None:
        self.plan = plan
        self.language = language
        self.sets = {one.number: one for one in planned_sets(plan)}

    def say(self, en: str, ja: str) -> str:
        return say(Text(en, ja), self.language)

    def lines(self) -> Iterator[str]:
        yield f"# todoku plan: {plain(self.plan.domain)}"
        yield f"\n**{plain(say(headline(self.plan), self.language))}**\n"
        yield from (f"- {plain(say(label, self.language))}: {plain(value)}" for label, value in facts(self.plan))
        yield from self.against()
        if self.plan.steps:
            yield f"\n{plain(say(order_told(self.plan), self.language))}"
        for number, step in enumerate(self.plan.steps, 1):
            yield f"\n## {number}. {plain(say(title(step), self.language))}"
            yield f"\n{plain(say(step.why, self.language))}"
            if step.risk is not None:
                yield f"\n**{self.say('Risk', 'リスク')}**: {plain(say(step.risk, self.language))}"
            yield from self.before(number, step)
            yield from self.action(number, step)
            yield from self.check(step)
            yield from self.undo(step)

    def against(self) -> Iterator[str]:
        """What stands in the way, and what could not be looked at."""
        for heading, conflicts in against(self.plan):
            yield f"\n## {say(heading, self.language)}"
            for conflict in conflicts:
                yield f"\n- {code(conflict.tag)}: {plain(harmless(say(conflict.text, self.language)))}"
                lines = [line for found in conflict.found for line in standing(found)]
                yield from ("\n", *(f"  {line}" for line in block(lines))) if lines else ()
        if self.plan.unread:
            yield f"\n## {self.say('What could not be looked at', '確認できなかった項目')}\n"
        yield from (f"- {plain(harmless(say(text, self.language)))}" for text in self.plan.unread)

    def labelled(self, label: str, items: Iterable[str]) -> Iterator[str]:
        """A label with a list below it; nothing where there is none."""
        listed = list(items)
        if listed:
            yield f"\n**{label}**\n"
            yield from (f"- {item}" for item in listed)

    def before(self, number: int, step: Step) -> Iterator[str]:
        """What must be true before the step."""
        items = []
        if step.after:
            told = steps_told(self.plan, step.after)
            items.append(self.say(f"{told.en} done", f"{told.ja}の完了"))
        items += map(self.expected, step.expects)
        if number in self.sets:
            items.append(self.stood(self.sets[number]))
        yield from self.labelled(self.say("Before", "実行前の条件"), items)

    def expected(self, expectation: Expectation) -> str:
        if expectation.absent:
            command = code(aws_command(expectation.call))
            return self.say(f"{command} answers NotFoundException", f"{command} の応答が NotFoundException であること")
        command, value = code(queried(expectation.call, expectation.path)), code(as_shown(expectation.value))
        return self.say(f"{command} shows {value}", f"{command} の結果が {value} であること")

    def stood(self, planned: PlannedSet) -> str:
        name, rdtype = code(planned.name), planned.rdtype
        before = planned.change.before.values
        if not before:
            return self.say(f"no {rdtype} record stands at {name}", f"{name} に{rdtype}レコードがないこと")
        values = ", ".join(code(harmless(master_value(rdtype, value))) for value in before)
        return self.say(
            f"the {rdtype} records at {name} are: {values}",
            f"{name} の{rdtype}レコードが次のとおりであること: {values}",
        )

    def action(self, number: int, step: Step) -> Iterator[str]:
        """What is to be done."""
        yield f"\n**{self.say('Do', '作業')}**\n"
        match step.action:
            case SesCall() as call:
                yield from shell(aws_command(call))
            case RecordSetChange():
                yield from self.records(self.sets[number])
            case Wait(usually=usually):
                takes = say(usually, self.language)
                yield self.say(f"Wait: {plain(takes)}.", f"待機します({plain(takes)})。")
            case Instruction(text=text, lines=lines):
                yield plain(say(text, self.language))
                if lines:
                    yield ""
                    yield from block(map(harmless, lines))

    def records(self, planned: PlannedSet) -> Iterator[str]:
        """The records of a step as lines of a master file."""
        parts = (
            (self.say("Remove:", "削除するレコード:"), planned.removed),
            (self.say("Add:", "追加するレコード:"), planned.came),
            (self.say("Leave as it is:", "そのまま残すレコード:"), planned.kept),
        )
        for index, (words, values) in enumerate(part for part in parts if part[1]):
            yield f"\n{words}\n" if index else f"{words}\n"
            yield from block(record(planned, value) for value in values)
        if planned.awaited:
            known = known_after(planned, self.plan)
            yield f"\n{self.say(f'Values, {known.en}:', f'値({known.ja}):')}\n"
            yield from (f"- {code(value)}" for value in awaited_values(planned))

    def check(self, step: Step) -> Iterator[str]:
        """How to see that the step is done."""
        seen = look(step)
        if seen is None:
            return
        yield f"\n**{self.say('Check', '確認方法')}**\n"
        yield from shell(seen.command)
        yield "\n" + self.say(
            f"It is done when this shows {code(seen.shows)}.", f"{code(seen.shows)} が表示されれば完了です。"
        )

    def undo(self, step: Step) -> Iterator[str]:
        """How the step is taken back."""
        if isinstance(step.action, Wait | Instruction):
            return
        yield f"\n**{self.say('Undo', '元に戻す方法')}**\n"
        commands = undo_commands(step)
        if commands:
            yield from shell(*commands)
        if told := undo_told(step):
            yield f"\n{plain(say(told, self.language))}" if commands else plain(say(told, self.language))


def shell(*commands: str) -> list[str]:
    """Commands as a block that is pasted into a shell."""
    fence, *rest = block(commands)
    return [f"{fence}sh", *rest]
