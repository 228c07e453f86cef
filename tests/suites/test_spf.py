"""The openspf suites of RFC 7208 and RFC 4408, and a few resource bombs, whole: result, explanation, DNS questions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from todoku.auth.ask import Answer, Question
from todoku.auth.spf import SpfResult, check_host
from todoku.net.dns.zone import TIMEOUT, Zone
from todoku.net.drivers import run


class Counted:
    """A zone that counts the questions it is asked."""

    def __init__(self, zone: Zone) -> None:
        self.zone, self.questions = zone, 0

    def answers(self, questions: Sequence[Question], *, seconds: float | None = None) -> Sequence[Answer]:
        self.questions += len(questions)
        return self.zone.answers(questions)


def zone_of(case: dict) -> Zone:
    """The case's zone. The type SPF is ignored (RFC 7208 3.1); a record is the octets of its latin-1 characters."""
    zone = {}
    for name, rows in case["zone"].items():
        records = zone.setdefault(name, [])
        for rdtype, *value in rows:
            if rdtype == "TIMEOUT":
                records.append(TIMEOUT)
            elif rdtype == "TXT":
                records.append(("TXT", [string.encode("latin-1") for string in value[0]]))
            elif rdtype != "SPF":
                records.append((rdtype, value[0]))
    return Zone.from_dict(zone)


def evaluate(case: dict) -> tuple[SpfResult, int]:
    sender = case["mailfrom"] or f"postmaster@{case['helo']}"
    domain = sender.rpartition("@")[2]
    source = Counted(zone_of(case))
    engine = check_host(case["ip"], domain, sender, helo=case["helo"], default_explanation="DEFAULT")
    return run(engine, source), source.questions


def cases(suites: Path, name: str) -> list[dict]:
    lines = (suites / "spf" / name).read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize(("name", "count", "explained"), [("rfc7208.jsonl", 203, 22), ("rfc4408.jsonl", 191, 22)])
def test_openspf(suites, tally, name, count, explained):
    wrong, explanations = [], 0
    for case in cases(suites, name):
        result, _ = evaluate(case)
        if result.result not in case["expect"]:
            wrong.append((case["id"], case["spec"], result.result, case["expect"], result.cause, result.detail))
        elif case["explanation"] is not None:
            explanations += result.explanation == case["explanation"]
            if result.explanation != case["explanation"]:
                wrong.append((case["id"], case["spec"], result.explanation, case["explanation"]))
    total = len(cases(suites, name))
    tally(f"SPF, {name}", total - len(wrong), total)
    tally(f"SPF, {name}, explanations", explanations, explained)
    assert wrong == []
    assert (total, explanations) == (count, explained)


def test_bombs(suites, tally):
    bombs = cases(suites, "bombs.jsonl")
    for case in bombs:
        result, questions = evaluate(case)
        assert result.result in case["expect"], case["id"]
        assert questions <= case["max_queries"], case["id"]
    tally("SPF, resource bombs", len(bombs), 6)
    assert len(bombs) == 6
