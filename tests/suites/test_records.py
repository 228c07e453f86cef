"""DMARC records of other projects. Most were written for RFC 7489; where RFC 9989 says otherwise, it wins, listed here."""

import json

import pytest

from todoku.auth import mta_sts, tls_rpt
from todoku.auth.dmarc import parse_record, read_record

# record -> (usable by RFC 9989, where it says so)
DIFFERENCES = {
    "v=DMARC1; sp=reject; p=reject": (True, "4.8: only v= has a fixed place"),
    "v=DMARC1; p=none; adkim=bob;": (True, "4.7: a wrong value falls back to its default"),
    "v=DMARC1; p=none; aspf=bob;": (True, "4.7: a wrong value falls back to its default"),
    "v=DMARC1; p=none; rf=bob;": (True, "4.7: unknown tags are ignored, rf is one now"),
    "v=DMARC1; p=none; rf=000000000000000000000000000000000": (True, "4.7: rf is an unknown tag now"),
    "v=DMARC1; p=none; ri=bob;": (True, "4.7: ri is an unknown tag now"),
    "v=DMARC1; p=none; pct=500;": (True, "4.7 and A.6: pct is an unknown tag now"),
    "v=DMARC1; p=n;": (False, "4.8: p= is one of three whole words, no beginning of one"),
}


def load(path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_valid_and_invalid_records(suites, tally):
    cases = load(suites / "records" / "dmarc.jsonl")
    assert len(cases) == 66
    differing = {}
    for case in cases:
        usable = parse_record(case["record"], "example.com") is not None
        if usable != case["valid"]:
            differing[case["record"]] = usable
    tally("DMARC records, strict expectations", len(cases) - len(differing), len(cases))
    assert differing == {record: usable for record, (usable, _) in DIFFERENCES.items()}


def test_records_with_things_to_say(suites):
    cases = load(suites / "records" / "dmarc-ncsc.jsonl")
    assert len(cases) == 64
    for case in cases:
        text = case["record"]
        record = read_record(text, "example.com")
        if not text.startswith(("v=DMARC1;", "v=DMARC1 ;")) and text != "v=DMARC1":
            assert record is None, text
            continue
        assert record.text == text
        wrong = "{invalidValue}" in text or "{validValue}" in text  # placeholders that its tests fill in
        if wrong and "fo=" not in text:
            assert record.defects, text
        names = [part.partition("=")[0] for part in text.split(";") if "=" in part]
        repeated = len(names) != len(set(names))
        assert repeated == any(defect.startswith("duplicate-tag:") for defect in record.defects), text
        assert not (repeated and record.usable), text


@pytest.mark.parametrize(("name", "defect", "count"), [("mtasts", mta_sts.defect, 20), ("tlsrpt", tls_rpt.defect, 23)])
def test_records_of_mta_sts_and_tls_rpt(suites, tally, name, defect, count):
    cases = load(suites / "records" / f"{name}-record.jsonl")
    assert len(cases) == count
    wrong = [case["record"] for case in cases if (defect(case["record"]) == "") is not case["valid"]]
    tally(f"{name} records", len(cases) - len(wrong), len(cases))
    assert wrong == []
