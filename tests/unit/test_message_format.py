"""Format findings that no case folder shows: too large for a file, or about all of them together."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

import todoku
from todoku.causes import missing_reasons
from todoku.judging.judge import reasons
from todoku.mail.address import parse_author
from todoku.mail.lint import TAGS, lint
from todoku.mail.message import scan
from todoku.mail.mime import mime_tree
from todoku.requirements.message_format import BESIDE_THE_RFCS, NAMED, OUR_LIMITS, REASONS, REQUIREMENT, decide
from todoku.words.verdict import Finding, Verdict

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CASE = Path(__file__).parent.parent / "cases" / "message-format" / "well-formed" / "message.eml"


def verdicts(raw: bytes) -> dict[str, Verdict]:
    zone = todoku.Zone.from_text((CASE.parent.parent.parent / "base.zone").read_text())
    report = todoku.check(raw, resolver=zone, now=NOW)
    return {one.receiver: one for one in report.verdicts if one.requirement == "message-format"}


def test_every_tag_of_lint_has_a_reason_of_that_tag() -> None:
    assert REASONS.keys() == TAGS.keys()
    assert all(reasons()[tag] is reason for tag, reason in REASONS.items())


def test_an_error_names_its_cause_or_its_fix() -> None:
    for tag, severity in TAGS.items():
        if severity == "error" and tag not in OUR_LIMITS:
            assert REASONS[tag].fixes, tag


def test_the_special_tags_exist() -> None:
    assert TAGS.keys() >= OUR_LIMITS
    assert TAGS.keys() >= set().union(*BESIDE_THE_RFCS.values(), *NAMED.values())
    assert {*BESIDE_THE_RFCS, *NAMED} == {one.aspect for one in REQUIREMENT.clauses if one.aspect}


def test_a_field_that_is_too_long_matters_to_yahoo_alone() -> None:
    ids = b"\r\n ".join(b"<%064d@example.com>" % number for number in range(420))
    found = verdicts(CASE.read_bytes().replace(b"\r\nSubject:", b"\r\nReferences: " + ids + b"\r\nSubject:", 1))
    assert (found["yahoo"].result, found["yahoo"].reason.tag) == ("fail", "field-too-long")
    assert found["yahoo"].values["name"] == "References"
    assert found["gmail"].result == "pass"
    assert [note.reason.tag for note in found["gmail"].notes] == ["field-too-long"]


def by_the_rfcs(raw: bytes) -> Finding:
    """What is said of a message that is scanned as it stands: ``check`` refuses a file over the limit."""
    message = scan(raw)
    defects = lint(message, mime_tree(message), parse_author(message), now=NOW)
    unasked = missing_reasons.not_asked(missing_reasons.NO_AUTHOR)
    found = decide("", message, defects, unasked, unasked)
    assert found is not None
    return found


TRACES = b"".join(b"X-Trace-%d: %s\r\n" % (number, b"x" * 900) for number in range(300))
LINES = b"A line of text.\r\n" * (25 * 1024 * 1024 // 17)


@pytest.mark.parametrize(
    ("tag", "header", "body"), [("header-too-large", TRACES, b""), ("message-too-large", b"", LINES)]
)
def test_a_limit_of_ours_is_unknown_and_named(tag: str, header: bytes, body: bytes) -> None:
    raw = CASE.read_bytes().replace(b"\r\nSubject:", b"\r\n" + header + b"Subject:", 1) + body
    finding = by_the_rfcs(raw)
    assert (finding.result, finding.reason.tag, finding.missing) == ("unknown", tag, "could-not-look")
    assert str(finding.values["limit"]) in finding.reason.text.en.format(**finding.values)


def test_a_real_error_outweighs_a_limit_of_ours() -> None:
    raw = CASE.read_bytes().replace(b"\r\nSubject:", b"\r\nSubject: one\r\n" + TRACES + b"Subject:", 1)
    raw = raw.replace(b"\r\nFrom:", b"\r\nFrom: other@example.net\r\nFrom:", 1)
    finding = by_the_rfcs(raw)
    assert (finding.result, finding.reason.tag) == ("fail", "duplicate-field")
    assert "header-too-large" in {note.reason.tag for note in finding.notes}
