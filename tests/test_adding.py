"""Adding a requirement touches one file and one folder of cases: shown by adding one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import todoku
from todoku import requirements
from todoku.judging import judge
from todoku.report import json, show

NEW = '''
"""Subjects are short: a requirement that only this test has."""

from datetime import date

from todoku.mail.message import Message
from todoku.words.verdict import Clause, Consequence, Finding, Reason, Requirement, SesDefault, Text, Witness

LONG = Reason("subject-long", Text("The subject has {count} characters.", "件名が{count}文字あります。"))
SHORT = Reason("subject-short", Text("The subject is short.", "件名は短いです。"))
ELSEWHERE = Reason("subject-elsewhere", Text("Only a message shows it.", "メールから確認できます。"))


def decide(clause: Clause, message: Message) -> Finding:
    field = message.first("subject")
    count = 0 if field is None else len(field.value)
    return Finding("fail" if count > 10 else "pass", LONG if count > 10 else SHORT, {"count": count})


REQUIREMENT = Requirement(
    id="short-subject",
    title=Text("Short subject", "短い件名"),
    clauses=(
        Clause(
            receiver="gmail", volume="all", level="must", text=Text("Short.", "短く。"),
            since=date(2024, 1, 1), source="https://example.com/", read_on=date(2026, 7, 2),
            consequence=Consequence("advice", Text("Nothing happens.", "何も起こりません。")),
        ),
    ),
    ses_default=SesDefault(False, Text("Yours.", "送信者次第です。"), "https://example.com/"),
    witnesses=(Witness("message", decide),),
    elsewhere=ELSEWHERE,
    setup_page=Text("https://example.com/", "https://example.com/"),
)
'''


@pytest.fixture
def one_more_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One more file in the folder of requirements."""
    (tmp_path / "short_subject.py").write_text(NEW)
    monkeypatch.setattr(requirements, "__path__", [*requirements.__path__, str(tmp_path)])
    judge.catalogue.cache_clear()
    judge.reasons.cache_clear()
    yield
    judge.catalogue.cache_clear()
    judge.reasons.cache_clear()


@pytest.mark.usefixtures("one_more_file")
def test_a_new_file_is_judged_shown_and_explained() -> None:
    raw = b"From: a@example.com\r\nSubject: a subject that is long\r\n\r\nbody\r\n"
    report = todoku.check(raw, resolver=todoku.Zone.from_text(""))
    (verdict,) = [verdict for verdict in report.verdicts if verdict.requirement == "short-subject"]
    assert (verdict.receiver, verdict.result, verdict.reason.tag) == ("gmail", "fail", "subject-long")
    assert "Short subject" in show.render([report], "text", "en")
    assert "件名が22文字あります。" in show.render([report], "text", "ja")
    assert json.document(report).requirements["short-subject"].title.ja == "短い件名"
    assert "subject-long" in judge.reasons()
