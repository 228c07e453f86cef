"""Text from strangers on its way to a terminal or a page."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.auth.ask import Answer, Question
from todoku.causes.exhibits import dns_exhibit, header_exhibit
from todoku.mail.message import Field
from todoku.report.words import harmless


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x00\x7f\x9b", "\\x00\\x7f\\x9b"),
        ("a\r\nDKIM pass", "a\\x0d\\x0aDKIM pass"),
        ("\u202egnp.exe\u200b", "\\u202egnp.exe\\u200b"),
        ("pay\u00adpal\U000e0041", "pay\\xadpal\\U000e0041"),
        ("\ud800", "\\ud800"),
        ("届く\tナイス　é", "届く\tナイス　é"),
    ],
)
def test_what_would_act_is_written_out(text, shown):
    assert harmless(text) == shown


@given(st.text())
def test_nothing_that_acts_is_left(text):
    assert not {unicodedata.category(c) for c in harmless(text) if c != "\t"} & {"Cc", "Cs", "Zl", "Zp"}
    assert harmless(harmless(text)) == harmless(text)


def test_a_stranger_begins_no_line_of_an_exhibit():
    record = "v=spf1 -all\nexample.com.  IN  TXT  v=spf1 +all"
    shown = dns_exhibit(Answer(Question("example.com", "TXT"), (record, "b")))
    assert shown.value.split("\n") == ["v=spf1 -all\\x0aexample.com.  IN  TXT  v=spf1 +all", "b"]
    field = Field("subject", b"Subject: a\nX-Forged: b", 7, 0)
    assert header_exhibit(field).value == "a\\x0aX-Forged: b"
