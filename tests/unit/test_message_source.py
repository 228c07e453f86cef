"""A message as octets, a path or an EmailMessage: every function that takes one takes all three, in both interfaces."""

from __future__ import annotations

import asyncio
import email
import email.policy
import os
import pickle
import subprocess
import sys
import zipfile
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

import todoku
import todoku.aio

ROOT = Path(__file__).parent.parent.parent
KEY = (ROOT / "tests" / "keys" / "customer.pem").read_bytes()
ZONE = todoku.Zone.from_text((ROOT / "examples" / "dns.zone").read_text(encoding="utf-8"))
RAW = (ROOT / "examples" / "fully-set-up.eml").read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
SIGNER = {"domain": "sample-kuriyama.com", "selector": "s1", "private_key": KEY}
CALLS: dict[str, dict[str, Any]] = {
    "check": {"resolver": ZONE},
    "authenticate": {"resolver": ZONE},
    "verify_dkim": {"resolver": ZONE},
    "verify_arc": {"resolver": ZONE},
    "sign_dkim": SIGNER,
    "seal_arc": {**SIGNER, "authserv_id": "mx.example.com", "results": "spf=pass", "resolver": ZONE},
}


def called(name: str, given: Any, *, awaited: bool) -> Any:
    if awaited:
        return asyncio.run(getattr(todoku.aio, name)(given, **CALLS[name]))
    return getattr(todoku, name)(given, **CALLS[name])


@pytest.mark.parametrize("awaited", [False, True], ids=["waiting", "awaited"])
@pytest.mark.parametrize("name", CALLS)
def test_every_form_of_a_message_gives_the_same(name, awaited, tmp_path):
    path = tmp_path / "message.eml"
    path.write_bytes(RAW)
    modern = email.message_from_bytes(RAW, policy=email.policy.default)
    classic = email.message_from_bytes(RAW)
    results = [called(name, given, awaited=awaited) for given in (RAW, path, str(path), modern, classic)]
    if name == "check":
        results = [report.verdicts for report in results]
    assert results[0]
    assert results[1:] == [results[0]] * 4


def test_a_parsed_message_keeps_its_long_lines_so_that_its_signature_verifies():
    raw = b"From: a@example.com\r\nSubject: " + b"word " * 40 + b"end\r\n\r\nHello\r\n"
    field = todoku.sign_dkim(
        raw, domain="example.com", selector="s1", private_key=KEY, canonicalization="simple/simple"
    )
    key = todoku.Zone.from_dict({"s1._domainkey.example.com": [("TXT", f"v=DKIM1; p={public_key()}")]})
    parsed = email.message_from_bytes(field + raw, policy=email.policy.default)
    assert [one.result for one in todoku.verify_dkim(parsed, resolver=key)] == ["pass"]


def public_key() -> str:
    from hostile import public  # noqa: PLC0415

    return public(KEY)


def test_a_message_that_was_written_here_can_be_signed_and_verified():
    written = EmailMessage()
    written["From"] = "お知らせ <info@example.com>"
    written["Subject"] = "ご注文の確認" * 20
    written.set_content("ありがとうございます。\n")
    field = todoku.sign_dkim(written, domain="example.com", selector="s1", private_key=KEY)
    key = todoku.Zone.from_dict({"s1._domainkey.example.com": [("TXT", f"v=DKIM1; p={public_key()}")]})
    sent = field + written.as_bytes(policy=email.policy.SMTP)
    assert [one.result for one in todoku.verify_dkim(sent, resolver=key)] == ["pass"]


def broken() -> EmailMessage:
    """One that the standard library cannot write."""
    message = EmailMessage()
    message["From"] = "a@example.com"
    message.set_payload(object())
    return message


@pytest.mark.parametrize("awaited", [False, True], ids=["waiting", "awaited"])
@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("From: a@example.com", "the text of a message"),
        ("From: a@example.com\r\n\r\nHello\r\n", "read_bytes()"),
        ("first line\nsecond line", "the text of a message"),
        ("x" * 100_000, "cannot be read"),
        ("no-such-file.eml", "No such file"),
        ("with\0nul", "cannot be read"),
        (".", "directory"),
        ("", "raw=''"),
        (Path("no-such-file.eml"), "no-such-file.eml"),
        (os.devnull, "no ordinary file"),
        (None, "raw=None"),
        (7, "raw=7"),
        ([b"From: a@example.com"], "EmailMessage"),
        (bytearray(RAW[:20]), "bytes"),
        (broken(), "the EmailMessage cannot be written"),
    ],
)
def test_what_is_no_message_is_named_in_one_line(name, given, named, awaited):
    with pytest.raises(todoku.UsageError) as refused:
        called(name, given, awaited=awaited)
    assert named in str(refused.value)
    assert str(refused.value).isprintable()
    assert refused.value.text.ja.isprintable()
    assert len(str(refused.value)) < 400


def test_known_is_the_fact_or_says_why_there_is_none():
    auth = todoku.authenticate(b"From: a@example.com\r\n\r\nHello\r\n", resolver=ZONE)
    assert isinstance(auth.spf, todoku.Missing)
    with pytest.raises(todoku.NotSeen) as why:
        todoku.known(auth.spf)
    assert why.value.missing is auth.spf
    assert "no Received field" in why.value.text.en
    again = pickle.loads(pickle.dumps(why.value))
    assert (again.missing, str(again)) == (auth.spf, str(why.value))
    assert todoku.known(auth.arc) is auth.arc


def test_a_verdict_says_its_sentence_filled_in():
    for verdict in todoku.check(RAW, resolver=ZONE).verdicts:
        assert verdict.text() == verdict.text("en")
        assert "{" not in verdict.text() + verdict.text("ja")
    report = todoku.check(ROOT / "examples" / "ses-default.eml", resolver=ZONE)
    (said,) = {one.text("ja") for one in report.verdicts if one.reason.tag == "ses-default" and one.receiver == "gmail"}
    assert "Fromの sample-kuriyama.com は認証されていません" in said


def test_the_wheel_says_that_it_is_typed(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, check=True, cwd=ROOT, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert "todoku/py.typed" in zipfile.ZipFile(wheel).namelist()
