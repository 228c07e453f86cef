"""What a caller of the library gets wrong is named, with what is allowed, before anything is judged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

import todoku
import todoku.aio

RAW = b"From: news@example.com\r\nSubject: x\r\n\r\nHello\r\n"
ZONE = todoku.Zone.from_dict({"example.com": [("TXT", "v=spf1 -all")]})
NAIVE = datetime(2026, 11, 24, 12, tzinfo=UTC).replace(tzinfo=None)

WRONG: list[tuple[Callable[[], object], str, str]] = [
    (lambda: todoku.Settings(receivers=("gmial",)), "gmial", "gmail, yahoo"),  # type: ignore[arg-type]
    (lambda: todoku.Settings(receivers="gmail"), "receivers='gmail'", '("gmail",)'),  # type: ignore[arg-type]
    (lambda: todoku.Settings(receivers=()), "receivers=()", '("gmail",)'),
    (lambda: todoku.Settings(volume="big"), "volume='big'", "bulk, small"),  # type: ignore[arg-type]
    (lambda: todoku.Settings(purpose="promo"), "purpose='promo'", "marketing, transactional"),  # type: ignore[arg-type]
    (lambda: todoku.Settings(now=NAIVE), "now=", "aware datetime"),
    (lambda: todoku.Settings(selectors="s1"), "selectors='s1'", '("s1",)'),  # type: ignore[arg-type]
    (lambda: todoku.Envelope(ip="999.1.1.1"), "999.1.1.1", "192.0.2.1"),
    (lambda: todoku.Envelope(ip=b"192.0.2.1"), "192.0.2.1", "a str"),  # type: ignore[arg-type]
    (lambda: todoku.check("From: a@example.com", resolver=ZONE), "From: a@example.com", "bytes"),  # type: ignore[arg-type]
    (lambda: todoku.check(RAW, resolver=ZONE, now=NAIVE), "now=", "aware datetime"),
    (lambda: todoku.check_domain("example.com", resolver=ZONE, now=NAIVE), "now=", "aware datetime"),
    (lambda: todoku.check_domain(b"example.com", resolver=ZONE), "example.com", "a str"),  # type: ignore[arg-type]
    (lambda: todoku.check_domain("example.com", selectors="s1", resolver=ZONE), "selectors='s1'", '("s1",)'),
    (lambda: todoku.authenticate("text", resolver=ZONE), "text", "bytes"),  # type: ignore[arg-type]
    (lambda: todoku.authenticate(RAW, resolver=ZONE, now=NAIVE), "now=", "aware datetime"),
    (lambda: todoku.verify_arc("text", resolver=ZONE), "text", "bytes"),  # type: ignore[arg-type]
    (lambda: todoku.verify_arc(RAW, resolver=ZONE, now=NAIVE), "now=", "aware datetime"),
    (lambda: todoku.parse_aggregate("text"), "text", "bytes"),  # type: ignore[arg-type]
    (lambda: todoku.Zone.from_text(b"x"), "x", "a str"),  # type: ignore[arg-type]
    (lambda: todoku.Zone.from_text("garbage"), "zone", "no type"),
    (lambda: todoku.Zone.from_text("garbage here"), "HERE", "no data"),
    (lambda: todoku.Zone.from_dict({"a.example": "v=spf1 -all"}), "v=spf1 -all", "TXT"),  # type: ignore[dict-item]
    (lambda: asyncio.run(todoku.aio.check("text", resolver=ZONE)), "text", "bytes"),  # type: ignore[arg-type]
    (lambda: asyncio.run(todoku.aio.verify_arc(RAW, resolver=ZONE, now=NAIVE)), "now=", "aware datetime"),
    (lambda: asyncio.run(todoku.aio.check_domain("example.com", resolver=ZONE, now=NAIVE)), "now=", "aware datetime"),
]


@pytest.mark.parametrize(("call", "named", "allowed"), WRONG)
def test_a_wrong_value_is_named_with_what_is_allowed(call: Callable[[], object], named: str, allowed: str) -> None:
    with pytest.raises(todoku.UsageError) as refused:
        call()
    assert isinstance(refused.value, todoku.TodokuError)
    assert named in str(refused.value)
    assert allowed in str(refused.value)
    assert named in refused.value.text.ja
    assert "\n" not in str(refused.value)


def test_what_is_allowed_is_taken() -> None:
    settings = todoku.Settings(
        receivers=("gmail", "docomo"),
        volume="small",
        purpose="marketing",
        now=datetime(2026, 11, 24, tzinfo=UTC),
        envelope=todoku.Envelope(ip="2001:db8::1", helo="", mail_from=""),
        selectors=["s1"],  # type: ignore[arg-type]
    )
    assert {one.receiver for one in todoku.check(RAW, resolver=ZONE, settings=settings).verdicts} <= {"gmail", "docomo"}
