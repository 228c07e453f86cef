"""ARC as ValiMail's suite tests it: every validation case and every signing case, byte for byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from todoku.auth.arc import seal, validate
from todoku.mail.message import Message, scan
from todoku.mail.tags import parse_tags, squeeze
from todoku.net.dns.zone import Zone
from todoku.net.drivers import run

VALIDATION_CASES = 171
SIGNING_CASES = 17


def cases(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "arc" / name).read_text(encoding="utf-8").splitlines()]


def message_of(case: dict[str, Any]) -> Message:
    return scan(case["message"].replace("\n", "\r\n").encode())


def zone_of(case: dict[str, Any]) -> Zone:
    return Zone.from_dict({name: [("TXT", text)] for name, text in case["txt"].items()})


def test_validation(suites: Path, tally) -> None:
    all_cases = cases(suites, "arc-validate.jsonl")
    wrong = {}
    for case in all_cases:
        seen = run(validate(message_of(case), now=None), zone_of(case))
        # where the newest seal itself says cv=fail the suite expects nothing, the RFC (5.2 step 2) fail
        if seen.result != (case["expect"] or "fail"):
            wrong[case["id"]] = (seen.result, seen.cause, seen.detail, case["expect"])
    tally("ARC, validation", len(all_cases) - len(wrong), len(all_cases))
    assert wrong == {}
    assert len(all_cases) == VALIDATION_CASES


def fields_of(sealed: bytes) -> dict[str, str]:
    fields = {field.name: field.value for field in scan(sealed).fields}
    return {name: fields.get(name, "") for name in ("arc-seal", "arc-message-signature", "arc-authentication-results")}


def tags_of(text: str) -> dict[str, str]:
    return {name: squeeze(value) for name, value in parse_tags(text).values.items()}


def test_signing(suites: Path, tally) -> None:
    all_cases = cases(suites, "arc-sign.jsonl")
    wrong = {}
    for case in all_cases:
        message = message_of(case)
        sealed = fields_of(
            seal(
                message,
                run(validate(message, now=None), zone_of(case)),
                authserv_id=case["srv_id"],
                domain=case["domain"],
                selector=case["sel"],
                private_key=case["privatekey"].encode(),
                headers=case["sig_headers"].split(":"),
                timestamp=case["t"],
            )
        )
        seal_tags, signature_tags = tags_of(sealed["arc-seal"]), tags_of(sealed["arc-message-signature"])
        results = " ".join(sealed["arc-authentication-results"].split())
        if (seal_tags, signature_tags, results) != (
            tags_of(case["AS"]),
            tags_of(case["AMS"]),
            " ".join(case["AAR"].split()),
        ):
            wrong[case["id"]] = sealed
    tally("ARC, signing", len(all_cases) - len(wrong), len(all_cases))
    assert wrong == {}
    assert len(all_cases) == SIGNING_CASES
