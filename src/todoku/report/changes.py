"""A change as the lines that a person types or pastes: a DNS record, a call of the AWS CLI, or a sentence."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable
from typing import Any

import msgspec

from todoku.change import Change, DnsRecord, Instruction, Output, SesCall
from todoku.report.words import Language, harmless, say
from todoku.verdict import Text


class Step(msgspec.Struct, frozen=True):
    """A change as it is shown: what kind it is, its lines, and whether these are to be typed or pasted as they stand."""

    kind: str
    lines: tuple[str, ...]
    typed: bool


def step(change: Change, language: Language) -> Step:
    """The change in one language."""
    match change:
        case DnsRecord():
            return Step("DNS", _record_lines(change, language), typed=True)
        case SesCall():
            return Step("SES", (aws_command(change),), typed=True)
        case Instruction():
            return Step(say(Text("Do", "作業"), language), (harmless(say(change.text, language)),), typed=False)


def steps(changes: Iterable[Change], language: Language) -> tuple[Step, ...]:
    """The changes of a fix in order, and at the end where the values stand that only a reply will show."""
    changes = tuple(changes)
    outputs = dict.fromkeys(output for change in changes if isinstance(change, DnsRecord) for output in change.outputs)
    shown = [step(change, language) for change in changes]
    if outputs:
        names = ", ".join(f"{_named(output)} = {output.path}" for output in outputs)
        numbers = ", ".join(dict.fromkeys(str(output.step) for output in outputs))
        told = Text(f"In the reply of line {numbers}: {names}", f"{numbers}行目の応答に含まれる値: {names}")
        shown.append(Step(say(Text("Note", "注"), language), (say(told, language),), typed=False))
    return tuple(shown)


def _named(output: Output) -> str:
    """A short name for a value that only a reply will show: ``DkimAttributes.Tokens[0]`` is TOKEN1."""
    name, _, index = output.path.rpartition(".")[2].rstrip("]").partition("[")
    return kebab(name.removesuffix("s") + str(int(index) + 1) if index else name).upper()


def _record_lines(record: DnsRecord, language: Language) -> tuple[str, ...]:
    known = [_named(output) for output in record.outputs]
    name, value = (_filled(text, known) for text in (record.name, record.value))
    shown = quoted(value) if record.rdtype == "TXT" else value if record.rdtype == "A" else dotted(value)
    lines = [f"{name}.  {record.ttl}  IN  {record.rdtype}  {shown}"]
    if record.replaces:
        lines.append(say(Text(f"in place of: {record.replaces}", f"置き換え前: {record.replaces}"), language))
    return tuple(harmless(line) for line in lines)


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
        words += [f"--{kebab(name)}", _cli_value(value)] if value is not True else [f"--{kebab(name)}"]
    if call.region:
        words += ["--region", call.region]
    return harmless(" ".join(shlex.quote(word) for word in words))


def kebab(name: str) -> str:
    """``PutEmailIdentityMailFromAttributes`` as the AWS CLI writes it."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


def _cli_value(value: Any) -> str:  # noqa: ANN401 -- whatever an API takes
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
