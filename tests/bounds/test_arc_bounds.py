"""The bounds of ARC, as ``todoku check`` tells them: 50 sets are RFC 8617's, 20 look-ups of keys are ours."""

from __future__ import annotations

from functools import cache

import pytest

from hostile import RSA, Checked, P, checked, txt
from todoku.auth.arc import MAX_KEYS, MAX_SETS, ArcResult, seal
from todoku.mail.message import scan

ZONE = "".join(txt(f"s{number}._domainkey.lists.example.net", f"v=DKIM1; p={P}") for number in range(MAX_SETS + 2)) + (
    "lists.example.net. A 192.0.2.80\n80.2.0.192.in-addr.arpa. PTR lists.example.net.\n"
    + txt("lists.example.net", "v=spf1 a -all")
    + txt("_dmarc.example.com", "v=DMARC1; p=none")
)
MESSAGE = (
    b"Received: from mail.example.com (mail.example.com [192.0.2.1])\r\n\tby lists.example.net (Postfix) with ESMTPS id 4F1A2B3C4D5\r\n"
    b"\tfor <members@lists.example.net>; Tue, 24 Nov 2026 10:00:02 +0900 (JST)\r\n"
    b"From: Joe <joe@example.com>\r\nTo: members@lists.example.net\r\nSubject: Hi\r\nDate: Tue, 24 Nov 2026 01:00:00 +0000\r\n"
    b"Message-ID: <1@example.com>\r\nList-Id: <members.lists.example.net>\r\nList-Post: <mailto:members@lists.example.net>\r\n"
    b"\r\nHi.\r\n"
)
ARRIVED = (
    b"Return-Path: <members-bounces@lists.example.net>\r\n"
    b"Received: from lists.example.net (lists.example.net. [192.0.2.80])\r\n"
    b"        by mx.google.com with ESMTPS id d2e1a72fcca58-7c3f0a1b2c3si1234567b3a.100.2026.11.23.17.00.02\r\n"
    b"        for <reader@gmail.com>\r\n        (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128);\r\n"
    b"        Mon, 23 Nov 2026 17:00:02 -0800 (PST)\r\n"
)


@cache
def chain(length: int, *, keys: int) -> bytes:
    """A message with so many sets, whose seals take turns with so many keys."""
    if not length:
        return MESSAGE
    before = chain(length - 1, keys=keys)
    state = ArcResult(result="pass" if length > 1 else "none")
    given = {"authserv_id": "lists.example.net", "domain": "lists.example.net", "private_key": RSA, "timestamp": 1}
    added = seal(scan(before), state, results="spf=pass", selector=f"s{length % keys}", **given)
    return added + before


def looked(tmp_path, raw: bytes, zone: str = ZONE) -> Checked:
    return checked(tmp_path, ARRIVED + raw, zone)


def says(found: Checked, text: str) -> bool:
    return text in " ".join(found.text.split())


def questions(found: Checked) -> int:
    return sum(1 for one in found.report["transcript"] if one["question"][0].endswith("_domainkey.lists.example.net"))


@pytest.mark.parametrize("length", [1, MAX_SETS - 1, MAX_SETS])
def test_sets_within_the_limit_of_the_standard(tmp_path, length):
    found = looked(tmp_path, chain(length, keys=1))
    assert found.report["authentication"]["arc"]["result"] == "pass"
    assert found.verdict("arc", "icloud") == ("pass", "arc-sealed")
    assert questions(found) == 1


@pytest.mark.parametrize("more", [1, 2, 200])
def test_sets_beyond_the_limit_of_the_standard_are_a_failure(tmp_path, more):
    extra = b"".join(b"ARC-Seal: i=%d; cv=pass\r\n" % (MAX_SETS + 1 + number) for number in range(more))
    found = looked(tmp_path, extra + chain(MAX_SETS, keys=1))
    assert found.report["authentication"]["arc"]["result"] == "fail"
    assert found.verdict("arc", "icloud") == ("fail", "arc-broken")
    assert says(found, f"too-many-sets {MAX_SETS + more} sets")
    assert questions(found) == 0


@pytest.mark.parametrize("keys", [MAX_KEYS - 1, MAX_KEYS, MAX_KEYS + 1])
def test_look_ups_of_keys(tmp_path, keys):
    found = looked(tmp_path, chain(keys, keys=keys))
    assert questions(found) == min(keys, MAX_KEYS)
    if keys <= MAX_KEYS:
        assert found.verdict("arc", "icloud") == ("pass", "arc-sealed")
        return
    assert found.report["authentication"]["arc"]["result"] == "temperror"
    assert found.verdict("arc", "icloud") == ("unknown", "arc-over-limit")
    assert says(found, f"only {MAX_KEYS} keys are looked up")


def test_fifty_sets_of_fifty_keys_cost_twenty_questions(tmp_path):
    """dkimpy asks a hundred."""
    found = looked(tmp_path, chain(MAX_SETS, keys=MAX_SETS))
    assert questions(found) == MAX_KEYS
    assert found.verdict("arc", "icloud") == ("unknown", "arc-over-limit")


def test_a_seal_that_is_broken_for_sure_outweighs_the_limit(tmp_path):
    found = looked(tmp_path, chain(MAX_KEYS + 1, keys=MAX_KEYS + 1).replace(b"Subject: Hi", b"Subject: Ho"))
    assert found.verdict("arc", "icloud") == ("fail", "arc-broken")
