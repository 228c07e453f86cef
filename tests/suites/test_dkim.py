"""DKIM as others test it: chasquid's cases, whole, and the signed messages of RFC 6376 and RFC 8463."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from todoku.auth.dkim.verify import DkimResult, verify
from todoku.mail.message import scan
from todoku.net.dns.zone import SERVFAIL, Zone
from todoku.net.drivers import run

CASES = 11


def crlf(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def zone_of(names: dict[str, Any]) -> Zone:
    return Zone.from_dict(
        {
            name: [SERVFAIL] if texts == "TEMPFAIL" else [("TXT", text) for text in texts]
            for name, texts in names.items()
        }
    )


def results(case: dict[str, Any], folder: Path) -> tuple[DkimResult, ...]:
    message = scan(crlf((folder / case["path"]).read_bytes()))
    return run(verify(message, now=None), zone_of(case["zone"]))


def test_chasquid(suites: Path, tally) -> None:
    folder = suites / "dkim"
    cases = [json.loads(line) for line in (folder / "cases.jsonl").read_text().splitlines()]
    wrong = {}
    for case in cases:
        # chasquid stops at five signatures, we at ten: those it evaluates are compared
        seen = [result.result for result in results(case, folder)][: len(case["sigs"])]
        if seen != case["sigs"]:
            wrong[case["id"]] = (seen, case["sigs"])
    tally("DKIM, chasquid", len(cases) - len(wrong), len(cases))
    assert wrong == {}
    assert len(cases) == CASES


def test_seven_signatures_are_all_evaluated(suites: Path) -> None:
    folder = suites / "dkim"
    (case,) = (
        case
        for line in (folder / "cases.jsonl").read_text().splitlines()
        if (case := json.loads(line))["id"] == "02-too_many_headers"
    )
    assert [result.result for result in results(case, folder)] == ["pass"] * 7


def test_the_examples_of_the_rfcs_as_dkimpy_keeps_them(suites: Path) -> None:
    folder = suites / "dkim" / "dkimpy"
    zone = zone_of(
        {
            "brisbane._domainkey.football.example.com": [
                "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
            ],
            "test._domainkey.football.example.com": [(folder / "test.txt").read_text()],
        }
    )
    for name in ("rfc6376.signed.msg", "rfc6376.signed.rsa.msg"):
        message = scan(crlf((folder / name).read_bytes()))
        seen = run(verify(message, now=None), zone)
        assert seen, name
        assert all(result.cause == "verified" for result in seen), (name, seen)
