"""The report as it is read: each piece of evidence once, advice behind what is needed, the headline first and last."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

import todoku
from todoku.report import show
from todoku.report.changes import Step, steps
from todoku.report.columns import NEVER_FIRST, NEVER_LAST, cell_len
from todoku.report.render_options import Format
from todoku.report.view import view
from todoku.report.words import Language, exhibit_value
from todoku.words.change import Change, DnsRecord, Instruction, Output, SesCall
from todoku.words.verdict import Text

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = ("ses-default", "fully-set-up", "forwarded")
LANGUAGES: tuple[Language, ...] = ("en", "ja")


def report_on(name: str) -> todoku.Report:
    zone = todoku.Zone.from_text((EXAMPLES / "dns.zone").read_text(encoding="utf-8"))
    raw = (EXAMPLES / f"{name}.eml").read_bytes()
    return todoku.check(raw, resolver=zone, now=datetime(2026, 11, 25, tzinfo=UTC), name=name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_piece_of_evidence_and_each_note_stands_once(name: str, language: Language) -> None:
    shown = view(report_on(name), language)
    findings = (*shown.findings, *shown.met, *shown.untold)
    exhibits = [one for finding in findings for one in finding.exhibits]
    exhibits += [one for finding in findings for note in finding.notes for one in note.exhibits]
    notes = [note.text for finding in findings for note in finding.notes]
    assert exhibits
    assert [one for one, count in Counter((*exhibits, *notes)).items() if count > 1] == []


def test_what_is_met_keeps_its_proof() -> None:
    shown = show.render([report_on("fully-set-up")], "text", "en")
    met = shown[shown.index("\nMet\n") :]
    for proof in ("IN  TXT  p=MIGf", "SPF records:", "include:amazonses.com -> ", "Received @", "TLS_"):
        assert proof in met
    for said_already in ("DKIM-Signature @", "SPF lookups", "(verified)"):
        assert said_already not in met


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_headline_stands_first_and_last(name: str, language: Language) -> None:
    paragraphs = show.render([report_on(name)], "text", language).strip().split("\n\n")
    assert paragraphs[0].split("\n", 1)[1] == paragraphs[-1]
    assert ("by itself; " in paragraphs[-1].replace("\n", " ")) == (language == "en")


def test_advice_comes_behind_what_is_needed_and_says_so() -> None:
    report = report_on("ses-default")
    assert [ready.fix.id for ready in report.fixes if ready.advice] == [
        "postmaster-add",
        "feedback-id-tags",
        "dmarc-rua",
        "dmarc-reject",
    ]
    assert not any(ready.advice for ready in report.fixes[:-4])
    for language, mark in (("en", "(advice) "), ("ja", "(推奨)")):
        titles = [fix.title for fix in view(report, language).fixes]
        assert [title.startswith(mark) for title in titles] == [False] * (len(titles) - 4) + [True] * 4


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [60, 80, 120])
def test_only_what_is_pasted_is_wider_than_the_terminal(name: str, language: Language, width: int) -> None:
    lines = show.render([report_on(name)], "text", language, width=width).splitlines()
    wide = [line for line in lines if cell_len(line) > width]
    pasted = (" IN ", "aws ", "http", "List-Unsubscribe: ", "X-SES-MESSAGE-TAGS: ")
    assert [line for line in wide if not any(word in line for word in pasted)] == []
    assert not any("..." in line for line in lines[10:40])  # no title in the matrix is cut


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [60, 80, 100])
def test_japanese_lines_break_where_they_may(name: str, width: int) -> None:
    shown = show.render([report_on(name)], "text", "ja", width=width).splitlines()
    prose = [line.strip() for line in shown if cell_len(line) <= width and " IN " not in line and "~~" not in line]
    assert [line for line in prose if line and (line[0] in NEVER_FIRST or line[-1] in NEVER_LAST)] == []


def test_every_form_marks_advice_and_tells_what_is_met_shortly() -> None:
    report = report_on("ses-default")
    forms: tuple[Format, ...] = ("html", "markdown")
    for page in (show.render([report], form, "en") for form in forms):
        assert "(advice)" in page
        assert page.count("TLS on delivery") == 2  # in the matrix and where it is met
        assert page.count("p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDK1vixpYu8ZBwe12KbiQg2Jnna1BnCSFdQuhKr8S") == 1


OUTPUTS = (Output(1, "DkimAttributes.Tokens[0]"), Output(1, "DkimAttributes.SigningHostedZone"))


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        (
            (DnsRecord("_dmarc.example.com", "TXT", "v=DMARC1; p=none", replaces="v=DMARC1"),),
            (
                Step("DNS", ('_dmarc.example.com.  3600  IN  TXT  "v=DMARC1; p=none"',), typed=True),
                Step("", ("in place of: v=DMARC1",), typed=False),
            ),
        ),
        (
            (DnsRecord("a.example", "A", "192.0.2.1"), DnsRecord("b.example", "CNAME", "c.example")),
            (
                Step(
                    "DNS", ("a.example.  3600  IN  A  192.0.2.1", "b.example.  3600  IN  CNAME  c.example."), typed=True
                ),
            ),
        ),
        (
            (
                SesCall("CreateEmailIdentity", {"EmailIdentity": "example.com"}, "us-east-1"),
                DnsRecord("{0}._domainkey.example.com", "CNAME", "{0}.{1}", outputs=OUTPUTS),
                Instruction(Text("Wait.", "待ちます。")),
            ),
            (
                Step(
                    "SES",
                    ("aws sesv2 create-email-identity --email-identity example.com --region us-east-1",),
                    typed=True,
                ),
                Step(
                    "DNS", ("TOKEN1._domainkey.example.com.  3600  IN  CNAME  TOKEN1.SIGNING-HOSTED-ZONE.",), typed=True
                ),
                Step(
                    "Values",
                    (f"In the reply of line 1: SIGNING-HOSTED-ZONE = {OUTPUTS[1].path}, TOKEN1 = {OUTPUTS[0].path}",),
                    typed=False,
                ),
                Step("Then", ("Wait.",), typed=False),
            ),
        ),
        (
            (Instruction(Text("Add:", "追加:"), ("List-Unsubscribe: <https://example.com/\x1b>",)),),
            (
                Step("Do", ("Add:",), typed=False),
                Step("", (r"List-Unsubscribe: <https://example.com/\x1b>",), typed=True),
            ),
        ),
    ],
)
def test_steps(changes: tuple[Change, ...], shown: tuple[Step, ...]) -> None:
    assert steps(changes, "en") == shown


def test_a_record_that_is_replaced_is_told_in_japanese_without_a_label() -> None:
    record = DnsRecord("example.com", "TXT", "new", replaces="old")
    assert steps([record], "ja")[1] == Step("", ("現在の値(これと置き換え): old",), typed=False)


def test_what_we_counted_is_told_in_both_languages() -> None:
    counted = "1 of 10, void 0 of 2 (RFC 7208 4.6.4)"
    assert exhibit_value("SPF lookups", counted, "en") == counted
    assert exhibit_value("SPF lookups", counted, "ja") == "10回中1回、空振り2回中0回(RFC 7208 4.6.4)"
    assert exhibit_value("SPF term", "include:a.example at b.example", "ja") == "b.example の include:a.example"
    assert exhibit_value("DKIM-Signature", "d=a at b", "ja") == "d=a at b"


def test_two_fixes_of_one_record_are_told_to_be_made_together() -> None:
    folder = Path(__file__).parents[1] / "cases" / "dmarc-alignment" / "strict-both"
    base = todoku.Zone.from_text((folder.parents[1] / "base.zone").read_text(encoding="utf-8"))
    over = todoku.Zone.from_text((folder / "zone").read_text(encoding="utf-8").replace("; rua", "; x-rua"))
    report = todoku.check((folder / "message.eml").read_bytes(), resolver=todoku.Layers((base, over)))
    fixes = {fix.id: fix for fix in view(report, "en").fixes}
    assert {"relaxed-alignment", "dmarc-rua"} <= set(fixes)
    relaxed, rua = fixes["relaxed-alignment"], fixes["dmarc-rua"]
    assert relaxed.steps[-1].lines == (f"Number {rua.number} changes the same record: make both changes in one.",)
    assert rua.steps[-1].lines == (f"Number {relaxed.number} changes the same record: make both changes in one.",)
    assert all(
        "same record" not in line
        for fix in view(report_on("fully-set-up"), "en").fixes
        for s in fix.steps
        for line in s.lines
    )
