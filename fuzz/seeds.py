"""Inputs to begin with: what the project's own cases hold, what is made (``made``) and, where asked for, the standards' suites.

The suites are other people's: what grows out of them goes to a folder of its own, from which nothing is ever kept.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from made import MADE
from targets import Target

from todoku.mail.message import Message
from todoku.mail.saved import read_saved
from todoku.net.dns.master_file import read
from todoku.words.errors import NotAMessage

ROOT = Path(__file__).parent.parent
CASES = ROOT / "tests" / "cases"
SUITES = Path(os.environ.get("TODOKU_SUITES") or ROOT.parent / "shared" / "suites")

Line = tuple[str, str, str]
"""Name, type, value of a record."""


def own(target: Target) -> Iterator[bytes]:
    """What the cases hold for this target."""
    for path in sorted(CASES.glob("*/*/message.eml")):
        yield from _of_message(path.read_bytes(), target)
    for path in (CASES / "base.zone", *sorted(CASES.glob("*/*/zone"))):
        text = path.read_text("utf-8")
        if "zone" in target.seeds:
            yield text.encode()
        yield from _of_zone(list(_lines_of(text)), target)

    yield from (one for kind in target.seeds if kind in MADE for one in MADE[kind]())


def of_suites(target: Target) -> Iterator[bytes]:
    """What the suites hold for this target; nothing where they are not there."""
    for path in sorted(SUITES.rglob("*")):
        if path.suffix in (".xml", ".gz", ".zip") and "aggregates" in target.seeds:
            yield path.read_bytes()
        elif path.suffix in (".eml", ".msg", ".txt"):
            yield from _of_message(path.read_bytes(), target)
        elif path.suffix == ".jsonl":
            for line in path.read_text("utf-8").splitlines():
                yield from _of_case(json.loads(line), target)


def _of_case(case: dict[str, Any], target: Target) -> Iterator[bytes]:
    if isinstance(case.get("message"), str):
        yield from _of_message(case["message"].encode("utf-8", "replace"), target)
    if "TXT" in target.seeds and isinstance(case.get("record"), str):
        yield case["record"].encode()
    zone = case.get("zone")
    if isinstance(zone, dict):
        sender, helo = case.get("mailfrom", ""), case.get("helo", "")
        yield from _of_zone(list(_lines_of_dict(zone)), target, f"{case.get('ip', '')} {sender} {helo}")


def _of_message(raw: bytes, target: Target) -> Iterator[bytes]:
    if "message" in target.seeds:
        yield raw if target.name == "saved" else _canonical(raw)
    message = _read(raw)
    if message is None:
        return
    if "body" in target.seeds:
        yield (b"hutf-8\n8bit\n" if target.name == "links" else b"") + message.body
    yield from (field.body for field in message.fields if field.name in target.seeds)


def _canonical(raw: bytes) -> bytes:
    message = _read(raw)
    return raw if message is None else message.raw


def _read(raw: bytes) -> Message | None:
    try:
        return read_saved(raw).message
    except NotAMessage:
        return None


def _of_zone(
    lines: list[Line], target: Target, who: str = "192.0.2.1 joe@example.com mx.example.com"
) -> Iterator[bytes]:
    """The zone as the targets that take one want it: below the line that says who asks."""
    text = "\n".join(" ".join(line) for line in lines)
    records = [value for _, rdtype, value in lines if rdtype == "TXT"]
    spf = [record.removeprefix("v=spf1 ") for record in records if record.startswith("v=spf1")]
    whole: list[str] = []
    if "TXT" in target.seeds:
        whole += records
    if "lines" in target.seeds:
        whole.append(text)
    if "spf" in target.seeds:
        whole += [f"{record}\n{who}\n{text}" for record in spf[:4]]
    if "tree" in target.seeds:
        whole += [f"{record}\n{text}" for record in spf[:4]]
    if "dmarc" in target.seeds and any(name.startswith("_dmarc.") for name, _, _ in lines):
        whole += [
            f"{who} example.com\n{text}"
            for who in ("example.com pass", "mail.example.com fail", "a.b.example.com none")
        ]
    yield from (one.encode("utf-8", "replace") for one in whole)


def _lines_of(text: str) -> Iterator[Line]:
    entries, directives = read(text)
    yield from ((entry.name, entry.rdtype, entry.value) for entry in entries)
    yield from ((name, rdtype, word.upper()) for word, name, rdtype in directives)


def _lines_of_dict(zone: dict[str, Any]) -> Iterator[Line]:
    """The records of a suite's zone, whatever shape its file gives them, as far as they can be told."""
    for name, records in zone.items():
        pairs = records.items() if isinstance(records, dict) else (pair for pair in records if len(pair) == 2)
        for rdtype, value in pairs:
            values = value if isinstance(records, dict) and isinstance(value, list) else [value]
            yield from ((name, str(rdtype), _joined(one)) for one in values)


def _joined(value: object) -> str:
    if isinstance(value, list):
        return ("" if all(isinstance(part, str) for part in value) else " ").join(map(str, value))
    return str(value)


def write(folder: Path, inputs: Iterable[bytes]) -> int:
    """Put each input into the folder, once; how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    different = sorted(set(inputs))
    for number, one in enumerate(different):
        (folder / f"{number:05}").write_bytes(one)
    return len(different)
