"""Headers without their body, and lines of authentication results alone, as a person pastes them."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from test_cli import DEFAULT, ZONE, Outcome, Todoku, todoku

__all__ = ["todoku"]

LINE = (
    "Authentication-Results: spf=pass (sender IP is 23.251.234.4) smtp.mailfrom=ap-northeast-1.amazonses.com; dkim=pass "
    "(signature was verified) header.d=amazonses.com;dmarc=fail action=none header.from=sample-kuriyama.com;compauth=fail "
    "reason=001"
)
GMAIL = """\
Delivered-To: reader@gmail.com
Received: from a27-116.smtp-out.us-west-2.amazonses.com (a27-116.smtp-out.us-west-2.amazonses.com. [54.240.27.116])
        by mx.google.com with ESMTPS id d2e1a72fcca58-7c3f0a1b2c3si1234567b3a.100.2024.01.16.18.15.07
        for <reader@gmail.com>; Tue, 16 Jan 2024 18:15:07 -0800 (PST)
Received-SPF: pass (google.com: domain of 0101@us-west-2.amazonses.com designates 54.240.27.116 as permitted sender) client-ip=54.240.27.116;
Authentication-Results: mx.google.com;
       dkim=pass header.i=@amazonses.com header.s=gdwg2y3kokkkj5a55z2ilkup5wp5hhxx header.b=FxxfSHRK;
       spf=pass (google.com: domain of 0101@us-west-2.amazonses.com designates 54.240.27.116 as permitted sender) smtp.mailfrom=0101@us-west-2.amazonses.com;
       dmarc=fail (p=NONE sp=QUARANTINE dis=NONE) header.from=gmail.com
From: news@gmail.com
To: reader@gmail.com
Subject: hello
Date: Wed, 17 Jan 2024 02:15:06 +0000
Message-ID: <0101@us-west-2.amazonses.com>
"""


@pytest.fixture
def pasted(tmp_path: Path) -> str:
    """The header of the example message, as it is copied out of Outlook: without a body."""
    path = tmp_path / "headers.txt"
    path.write_bytes(Path(DEFAULT).read_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")[0] + b"\n")
    return str(path)


@pytest.fixture
def gmail(tmp_path: Path) -> str:
    path = tmp_path / "gmail.txt"
    path.write_text(GMAIL)
    return str(path)


def said(outcome: Outcome) -> dict[tuple[str, str], dict[str, Any]]:
    return {(one["requirement"], one["receiver"]): one for one in json.loads(outcome.out)["verdicts"]}


# No DNS at all, and one that sees the From domain as it is now.
@pytest.mark.parametrize("dns", ["127.0.0.1:1", ZONE])
def test_headers_pasted_from_outlook(todoku: Todoku, pasted: str, dns: str) -> None:
    outcome = todoku("check", pasted, "--dns", dns, "--json")
    assert outcome.code == 1
    found = said(outcome)
    for requirement, result, reason in [
        ("dmarc-alignment", "fail", "ses-default"),
        ("postmaster-registration", "warn", "postmaster-shows-nothing"),  # advice: no mail is refused for it
    ]:
        one = found[requirement, "gmail"]
        assert (one["result"], one["reason"], one["reported_by"]) == (result, reason, "Outlook.com")
        assert one["values"]["spf_domain"] == "ap-northeast-1.amazonses.com"
        assert one["values"]["dkim_domains"] == "amazonses.com"
        assert {"kind": "receiver", "result": "fail", "reason": reason} in one["witnesses"]
        (field,) = {shown["offset"] for shown in one["exhibits"] if shown["source"] == "Authentication-Results"}
        assert Path(pasted).read_bytes().replace(b"\n", b"\r\n")[field:].startswith(b"Authentication-Results:")
    assert found["dkim", "yahoo"]["result"] == "pass"
    assert found["dkim", "yahoo"]["text"]["en"].startswith("As Outlook.com reported: ")


@pytest.mark.parametrize("form", ["text", "html", "markdown", "csv", "json"])
def test_every_form_says_whose_word_it_is(todoku: Todoku, pasted: str, form: str) -> None:
    assert "As Outlook.com reported:" in " ".join(todoku("check", pasted, "--dns", ZONE, "--format", form).out.split())
    japanese = todoku("check", pasted, "--dns", ZONE, "--format", form, "--lang", "ja").out
    assert "Outlook.comの判定による" in japanese.replace("\n", "").replace(" ", "")


def test_headers_pasted_from_gmail(todoku: Todoku, gmail: str) -> None:
    outcome = todoku("check", gmail, "--dns", "127.0.0.1:1", "--json")
    assert outcome.code == 1
    found = said(outcome)
    for requirement, result in [("dmarc-alignment", "fail"), ("postmaster-registration", "warn")]:
        one = found[requirement, "gmail"]
        assert (one["result"], one["reason"], one["reported_by"]) == (result, "from-consumer-domain", "Gmail")
    assert "us-west-2.amazonses.com" in todoku("check", gmail, "--dns", "127.0.0.1:1").out


def test_the_first_sentence_calls_nothing_clean_that_was_not_looked_at(todoku: Todoku, pasted: str, gmail: str) -> None:
    for path in (pasted, gmail):
        outcome = todoku("check", path, "--dns", "127.0.0.1:1")
        assert "no failures" not in outcome.out
        assert "reported" in " ".join(outcome.out.split("\n\n")[0].split())
    outcome = todoku("check", pasted, "--dns", "127.0.0.1:1", "--trust", "none")
    first = " ".join(outcome.out.split("\n\n")[0].split())
    assert outcome.code == 3
    assert "not checked" in first or "FAIL" in outcome.out


@pytest.mark.parametrize("text", [LINE, LINE.replace("; ", ";\r\n "), f"\ufeff{LINE}\n", LINE.replace("; ", ";\n")])
def test_a_line_alone_is_explained(todoku: Todoku, tmp_path: Path, text: str) -> None:
    path = tmp_path / "line.txt"
    path.write_text(text, newline="")
    outcome = todoku("check", str(path))
    assert outcome.code == 1
    assert outcome.out.split() == todoku("explain", LINE).out.split()
    assert "Anyone can write such a line" in outcome.out
    assert todoku("check", str(path), "--fail-on", "never").code == 0


def test_a_line_alone_on_standard_input(todoku: Todoku, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LINE.encode())))
    outcome = todoku("check", "-", "--lang", "ja")
    assert outcome.code == 1
    assert "アライメントが取れていません" in outcome.out.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Authentication-Results: mx; dkim=pass header.d=example.com; dmarc=pass header.from=example.com", 0),
        ("Authentication-Results: mx; dkim=temperror header.d=example.com", 3),
        ("Received-SPF: fail (x) client-ip=192.0.2.1; envelope-from=a@example.com;", 1),
        ("ARC-Authentication-Results: i=1; mx; spf=none smtp.mailfrom=example.com", 1),
        ("Authentication-Results: mx; none", 3),
    ],
)
def test_the_exit_code_of_a_line_alone(todoku: Todoku, tmp_path: Path, line: str, code: int) -> None:
    path = tmp_path / "line.txt"
    path.write_text(line)
    assert todoku("check", str(path)).code == code


def test_a_line_alone_has_no_other_form(todoku: Todoku, tmp_path: Path) -> None:
    path = tmp_path / "line.txt"
    path.write_text(LINE)
    outcome = todoku("check", str(path), "--json")
    assert (outcome.code, outcome.out) == (2, "")
    assert len(outcome.err.strip().splitlines()) == 1


def test_a_line_beside_other_fields_is_a_header(todoku: Todoku, tmp_path: Path) -> None:
    path = tmp_path / "line.txt"
    path.write_text(f"{LINE}\nFrom: info@sample-kuriyama.com\n")
    assert "verdicts" in json.loads(todoku("check", str(path), "--dns", ZONE, "--json").out)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_explain_takes_a_line_with_and_without_its_name(todoku: Todoku, lang: str) -> None:
    named = todoku("explain", LINE, "--lang", lang)
    bare = todoku("explain", LINE.removeprefix("Authentication-Results: "), "--lang", lang)
    assert (named.code, named.err) == (0, "")
    assert named.out == bare.out
    assert ("合" in named.out) == (lang == "ja")
    assert all(len(line) <= 78 for line in named.out.splitlines())
