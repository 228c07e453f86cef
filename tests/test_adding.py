"""Adding a requirement touches one file and one folder of cases, adding a receiver one file and its clauses: shown by adding one."""

from __future__ import annotations

import json as json_library
import os
import shutil
import subprocess
import sys
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


# A receiver of whom nothing but its own file and a clause knows: its servers and mailboxes lie below a suffix of two labels.
RECEIVER = '''
"""A receiver that only this test has."""

from todoku.words.receiver_facts import NO_THRESHOLD, ReceiverFacts
from todoku.words.verdict import Consequence, Text

REJECTS = Consequence("reject", Text("It rejects this.", "拒否します。"), source="https://example.co.jp/")
FACTS = ReceiverFacts(
    key="fifth",
    name="Fifth Mail",
    place=20,
    group="tests",
    since=None,
    page="https://example.co.jp/",
    must=REJECTS,
    should=REJECTS,
    headline=None,
    bulk=NO_THRESHOLD,
    mailboxes=("mail.example.co.jp",),
    hosts=("example.co.jp",),
    networks="198.51.100.0/24",
    reporters={"example.co.jp": ("example.net",)},
)
'''
ASKING = """
import json
import sys
from pathlib import Path

import todoku
from todoku.net.suffix_list import bundled_suffixes
from todoku.feedback.bounce import diagnose
from todoku.intake.vouching import vouched_by
from todoku.mail.border import receiver_of
from todoku.mail.message import scan
from todoku.mail.route import trace
from todoku.store.proofs import Proof

HERE = Path(__file__).parent
raw = (HERE / "message.eml").read_bytes()
route = trace(scan(raw.replace(b"\\n", b"\\r\\n")))
report = todoku.check(raw, resolver=todoku.Zone.from_text(""))
proven = {
    name: vouched_by(Proof("", "proven", name), org="example.net", contact="", late=False, suffixes=bundled_suffixes())
    for name in ("reports.example.co.jp", "mail.example.co.jp", "example.or.jp")
}
hosts = ("mx1.example.co.jp", "EXAMPLE.co.jp", "notexample.co.jp", "other.co.jp", "co.jp", "mx1.example.co.jp.example.com")
print(json.dumps({
    "file": todoku.__file__,
    "hosts": [receiver_of(host) for host in hosts],
    "route": [route.receiver, route.border],
    "judged": sorted({one.receiver for one in report.verdicts}),
    "asked": [[one.requirement, one.result] for one in report.verdicts if one.receiver == "fifth"],
    "proven": proven,
    "bounce": diagnose("550 5.1.1 User unknown", "mail.example.co.jp").receiver,
}))
"""
TO_THE_FIFTH = b"""\
Received: from inner.example.co.jp (inner.example.co.jp [198.51.100.7]) by store.example.co.jp with ESMTPS id 2; Tue, 24 Nov 2026 10:00:02 +0000
Received: from a.example.com (a.example.com [192.0.2.1]) by mx1.example.co.jp with ESMTPS id 1; Tue, 24 Nov 2026 10:00:01 +0000
From: a@example.com
To: reader@mail.example.co.jp
Subject: short
Date: Tue, 24 Nov 2026 10:00:00 +0000

body
"""


@pytest.fixture(scope="module")
def with_a_fifth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with one more file of a receiver and one more clause, beside a message that came to it."""
    folder = tmp_path_factory.mktemp("fifth")
    package = folder / "todoku"
    shutil.copytree(Path(todoku.__file__).parent, package)
    (package / "receivers" / "fifth.py").write_text(RECEIVER)
    dkim = package / "requirements" / "dkim.py"
    dkim.write_text(
        dkim.read_text().replace("clauses=(\n", 'clauses=(\n        clause("fifth", "all", "must", RULE),\n', 1)
    )
    (folder / "message.eml").write_bytes(TO_THE_FIFTH)
    (folder / "empty.zone").write_text("")
    (folder / "asking.py").write_text(ASKING)
    return folder


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Python with the copy in place of the package."""
    command = [sys.executable, *words]
    env = {**os.environ, "PYTHONPATH": str(folder), "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_a_new_receiver_is_known_by_its_servers_its_mailboxes_and_its_reports(with_a_fifth: Path) -> None:
    told = run(with_a_fifth, "asking.py")
    assert told.returncode == 0, told.stderr
    found = json_library.loads(told.stdout)
    assert found["file"].startswith(str(with_a_fifth))
    assert found["hosts"] == ["fifth", "fifth", None, None, None, None]
    assert found["route"] == ["fifth", 1]  # the hop above it is its own network's
    assert found["judged"] == ["fifth", "gmail", "icloud", "outlook", "yahoo"]
    assert [requirement for requirement, _ in found["asked"]] == ["dkim"]
    assert found["proven"] == {
        "reports.example.co.jp": "reports.example.co.jp",
        "mail.example.co.jp": "",
        "example.or.jp": "",
    }
    assert found["bounce"] == "fifth"


@pytest.mark.parametrize("name", ["fifth", "tests"])
def test_a_new_receiver_is_chosen_by_its_name_and_its_group(with_a_fifth: Path, name: str) -> None:
    words = ("-m", "todoku", "check", "message.eml", "--dns", "zone:empty.zone", "--format", "json", "--receiver", name)
    told = run(with_a_fifth, *words)
    assert {one["receiver"] for one in json_library.loads(told.stdout)["verdicts"]} == {"fifth"}, told.stderr


def test_a_new_receiver_is_in_the_rules_and_the_help(with_a_fifth: Path) -> None:
    assert "Fifth Mail" in run(with_a_fifth, "-m", "todoku", "rules", "--as-of", "2026-11-24").stdout
    assert "tests for fifth" in " ".join(run(with_a_fifth, "-m", "todoku", "check", "--help").stdout.split())
