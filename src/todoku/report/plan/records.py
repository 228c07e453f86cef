"""The record sets of a plan as they are written: where in which zone, and each value as a master file or Route 53 has it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from todoku.auth.ask import readable
from todoku.plan.step import Plan, Step
from todoku.report.changes import dotted, named_output
from todoku.report.words import harmless
from todoku.words.change import Output, RecordSet, RecordSetChange
from todoku.words.verdict import Text

STRING = 255  # octets of one string of a TXT record: RFC 1035 section 3.3
_SPECIAL = re.compile(r'["\\]|[^ -~]')


class PlannedSet(msgspec.Struct, frozen=True, kw_only=True):
    """A record set that a step changes, and where: ``host`` is the name within its ``zone``, ``@`` the zone itself.

    What only a reply will show is known here by a short name, ``TOKEN1``.
    """

    number: int  # of the step
    step: Step
    change: RecordSetChange
    zone: str
    host: str
    awaited: tuple[Output, ...]

    @property
    def name(self) -> str:
        """The whole name, without its last dot."""
        return self.change.before.name

    @property
    def rdtype(self) -> str:
        """The type of the set."""
        return self.change.before.rdtype

    @property
    def after(self) -> RecordSet:
        """The set as it will be."""
        return self.change.after

    @property
    def removed(self) -> tuple[str, ...]:
        """The values that go."""
        return tuple(value for value in self.change.before.values if value in self.change.remove)

    @property
    def came(self) -> tuple[str, ...]:
        """The values that come."""
        return tuple(value for value in self.after.values if value not in self.change.before.values)

    @property
    def kept(self) -> tuple[str, ...]:
        """The values that stand there already and stay."""
        return tuple(value for value in self.after.values if value in self.change.before.values)


def planned_sets(plan: Plan) -> tuple[PlannedSet, ...]:
    """The record sets of a plan in its order."""
    return tuple(_planned(plan, number, step) for number, step in enumerate(plan.steps, 1) if _is_record(step))


def _is_record(step: Step) -> bool:
    return isinstance(step.action, RecordSetChange)


def _planned(plan: Plan, number: int, step: Step) -> PlannedSet:
    assert isinstance(step.action, RecordSetChange)  # noqa: S101 -- that is what was asked for
    change = named(step.action)
    name = change.before.name
    zone = plan.zone_of(name)
    host = name.removesuffix(zone).rstrip(".") or "@"
    return PlannedSet(number=number, step=step, change=change, zone=zone, host=host, awaited=step.action.outputs)


def named(change: RecordSetChange) -> RecordSetChange:
    """The change with short names in place of what only a reply will show."""
    if not change.outputs:
        return change
    names = tuple(map(named_output, change.outputs))
    before = msgspec.structs.replace(change.before, name=_put(change.before.name, names))
    return RecordSetChange(before, tuple(_put(value, names) for value in change.add), change.remove, change.ttl)


def _put(text: str, names: tuple[str, ...]) -> str:
    for index, name in enumerate(names):
        text = text.replace(f"{{{index}}}", name)
    return text


def known_after(planned: PlannedSet, plan: Plan) -> Text:
    """After which step the values of the set are known."""
    steps = [(number, plan.steps[number - 1].id) for number in sorted({output.step for output in planned.awaited})]
    en = ", ".join(f"{number} ({step_id})" for number, step_id in steps)
    ja = "、".join(f"{number}({step_id})" for number, step_id in steps)
    return Text(f"known after step {en}", f"ステップ{ja}の実行後に確定")


def awaited_values(planned: PlannedSet) -> tuple[str, ...]:
    """Where a reply shows what stands here by a short name: ``TOKEN1 = DkimAttributes.Tokens[0]``."""
    return tuple(f"{named_output(output)} = {output.path}" for output in planned.awaited)


def record(planned: PlannedSet, value: str) -> str:
    """A record as a line of a master file."""
    shown = harmless(master_value(planned.rdtype, value))
    return f"{planned.name}.  {planned.change.ttl}  IN  {planned.rdtype}  {shown}"


def standing(found: RecordSet) -> tuple[str, ...]:
    """What stands at a name, as lines of a master file."""
    values = (harmless(master_value(found.rdtype, value)) for value in found.values)
    return tuple(f"{harmless(found.name)}.  {found.ttl}  IN  {found.rdtype}  {value}" for value in values)


def shown_value(value: str) -> str:
    """A value as a person enters it at a provider: a TXT record as one text, without quotes."""
    return harmless(readable(value))


def master_value(rdtype: str, value: str) -> str:
    r"""A value as a master file has it (RFC 1035 section 5.1): whole names, TXT in quotes with ``\DDD`` for what is not ASCII."""
    return strings(value, "03d") if rdtype == "TXT" else dotted(value) if rdtype in ("CNAME", "MX", "NS") else value


def route53_value(rdtype: str, value: str) -> str:
    r"""A value as Route 53 is told it: its escapes are octal (developer guide, "TXT record type")."""
    return strings(value, "03o") if rdtype == "TXT" else value


def strings(text: str, digits: str) -> str:
    """A text of octets as strings of at most 255, quoted and escaped; ``digits`` is how an octet is written."""
    return " ".join(f'"{one}"' for one in pieces(text, digits))


def pieces(text: str, digits: str) -> Iterator[str]:
    """The strings of a TXT record, escaped, without their quotes."""
    for start in range(0, len(text) or 1, STRING):
        yield _SPECIAL.sub(lambda found: _escaped(found[0], digits), text[start : start + STRING])


def _escaped(character: str, digits: str) -> str:
    return f"\\{character}" if character in '"\\' else f"\\{ord(character) & 0xFF:{digits}}"
