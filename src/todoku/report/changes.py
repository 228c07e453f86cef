"""A change as the lines that a person types or pastes: a DNS record, a call of the AWS CLI, or a sentence."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from todoku.report.words import Language, harmless, say
from todoku.words.change import Change, DnsRecord, Instruction, Output, SesCall
from todoku.words.verdict import Text


class Step(msgspec.Struct, frozen=True):
    """A part of a fix as it is shown: its kind ("" goes on with the part before), its lines, whether they are typed as they stand."""

    kind: str
    lines: tuple[str, ...]
    typed: bool


def steps(changes: Iterable[Change], language: Language) -> tuple[Step, ...]:
    """The changes of a fix in order, and behind its records where the values stand that only a reply will show."""
    shown: list[Step] = []
    awaited: dict[Output, None] = {}
    for change in changes:
        if awaited and not isinstance(change, DnsRecord):
            shown.append(_values(awaited, language))
            awaited = {}
        match change:
            case DnsRecord():
                awaited.update(dict.fromkeys(change.outputs))
                shown += _record(change, language)
            case SesCall():
                shown.append(Step("SES", (aws_command(change),), typed=True))
            case Instruction():
                shown += _instruction(change, language, first=not shown)
    return _merged([*shown, _values(awaited, language)] if awaited else shown)


def _merged(shown: Iterable[Step]) -> tuple[Step, ...]:
    """The steps, neighbours of one kind that are pasted alike as one."""
    merged: list[Step] = []
    for step in shown:
        if step.typed and merged and (merged[-1].kind, merged[-1].typed) == (step.kind, True):
            merged[-1] = Step(step.kind, (*merged[-1].lines, *step.lines), typed=True)
        else:
            merged.append(step)
    return tuple(merged)


def _instruction(change: Instruction, language: Language, *, first: bool) -> Iterator[Step]:
    kind = say(Text("Do" if first else "Then", "作業"), language)
    yield Step(kind, (harmless(say(change.text, language)),), typed=False)
    if change.lines:
        yield Step("", tuple(map(harmless, change.lines)), typed=True)


def _values(outputs: Iterable[Output], language: Language) -> Step:
    """Where a reply shows the values that stand in the records by their names."""
    outputs = sorted(outputs, key=lambda output: (output.step, output.path))
    names = ", ".join(f"{named_output(output)} = {output.path}" for output in outputs)
    numbers = ", ".join(dict.fromkeys(str(output.step) for output in outputs))
    told = Text(f"In the reply of line {numbers}: {names}", f"{numbers}行目の応答に含まれます: {names}")
    return Step(say(Text("Values", "値"), language), (say(told, language),), typed=False)


def named_output(output: Output) -> str:
    """A short name for a value that only a reply will show: ``DkimAttributes.Tokens[0]`` is TOKEN1."""
    name, _, index = output.path.rpartition(".")[2].rstrip("]").partition("[")
    return kebab(name.removesuffix("s") + str(int(index) + 1) if index else name).upper()


def _record(record: DnsRecord, language: Language) -> Iterator[Step]:
    known = [named_output(output) for output in record.outputs]
    name, value = (_filled(text, known) for text in (record.name, record.value))
    shown = quoted(value) if record.rdtype == "TXT" else value if record.rdtype == "A" else dotted(value)
    yield Step("DNS", (harmless(f"{name}.  {record.ttl}  IN  {record.rdtype}  {shown}"),), typed=True)
    if record.replaces:
        told = Text(f"in place of: {record.replaces}", f"現在の値(これと置き換え): {record.replaces}")
        yield Step("", (harmless(say(told, language)),), typed=False)


def _filled(text: str, known: list[str]) -> str:
    for index, value in enumerate(known):
        text = text.replace(f"{{{index}}}", value)
    return text


def quoted(text: str) -> str:
    """A TXT value as a master file has it: strings of at most 255 octets, quotes and backslashes escaped."""
    pieces = [text[start : start + 255] for start in range(0, len(text), 255)] or [""]
    return " ".join('"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"' for piece in pieces)


def dotted(value: str) -> str:
    """A name at the end of a value with its last dot."""
    return value if value.endswith(".") else value + "."


def aws_command(call: SesCall) -> str:
    """The call as a line of the AWS CLI, version 2."""
    words = ["aws", "sesv2", kebab(call.operation)]
    for name, value in call.parameters.items():
        if isinstance(value, bool):
            words.append(f"--{kebab(name)}" if value else f"--no-{kebab(name)}")
        else:
            option, said = f"--{kebab(name)}", _cli_value(value)
            words += [f"{option}={said}"] if said.startswith("-") else [option, said]  # a name may look like an option
    if call.region:
        words += ["--region", call.region]
    return harmless(" ".join(shlex.quote(word) for word in words))


def kebab(name: str) -> str:
    """``PutEmailIdentityMailFromAttributes`` as the AWS CLI writes it."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


def _cli_value(value: Any) -> str:  # noqa: ANN401 -- whatever an API takes
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
