"""The records of a plan as a master file (RFC 1035 section 5), to paste into a zone or to lay over the DNS as a what-if.

Each record set stands whole, with the values that stay: so ``--dns system --dns zone:FILE`` shows what will be. What a
master file cannot say, and what only a reply of SES will show, stands in it as a comment.
"""

from __future__ import annotations

from collections.abc import Iterator

from todoku.plan.step import Plan
from todoku.report.plan.notes import heading
from todoku.report.plan.records import PlannedSet, known_after, master_value, planned_sets
from todoku.report.plan.words import title
from todoku.report.render_options import Manner
from todoku.report.words import Language, harmless, say
from todoku.words.verdict import Text


def render(plan: Plan, manner: Manner) -> str:
    """The master file, zone by zone."""
    return "".join(f"{line}\n" for line in _lines(plan, manner.language))


def _lines(plan: Plan, language: Language) -> Iterator[str]:
    yield from map(_comment, heading(plan, language))
    if not plan.ready:
        return
    sets = planned_sets(plan)
    recorded = {one.number for one in sets}
    others = [(number, step) for number, step in enumerate(plan.steps, 1) if number not in recorded]
    if others:
        yield _comment(say(Text("Not in DNS, see the plan:", "DNS以外の変更(計画を参照):"), language))
    for number, step in others:
        yield _comment(f"  {number}. {say(title(step), language)}")
    for zone in dict.fromkeys(one.zone for one in sets):
        yield ""
        yield f"$ORIGIN {zone}."
        for one in sets:
            if one.zone == zone:
                yield from _record_set(one, plan, language)


def _record_set(planned: PlannedSet, plan: Plan, language: Language) -> Iterator[str]:
    heading = f"{planned.number}. {say(title(planned.step), language)}"
    if planned.awaited:
        heading += f": {say(known_after(planned, plan), language)}"
    yield _comment(heading)
    for value in planned.removed:
        yield _comment(f"{say(Text('remove', '削除'), language)}: {_record(planned, value)}")
    for value in planned.after.values:
        stays = say(Text("stands already", "登録済み"), language)
        record = _record(planned, value) + (f"  ; {stays}" if value in planned.kept else "")
        yield _comment(record) if planned.awaited else record


def _record(planned: PlannedSet, value: str) -> str:
    return f"{planned.host}\t{planned.change.ttl}\tIN\t{planned.rdtype}\t{master_value(planned.rdtype, value)}"


def _comment(text: str) -> str:
    """A comment, on one line whatever a stranger's text holds."""
    return f"; {harmless(text)}"
