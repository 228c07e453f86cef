"""Where a name is in use, ``check`` and ``plan`` choose the same other one for a custom MAIL FROM domain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import todoku
from planning import complete, identity, planned
from todoku.auth.mail_from_name import MAIL_FROM_LABELS
from todoku.words.change import DnsRecord, Instruction, SesCall

Records = dict[str, Any]

CASES = Path(__file__).parent.parent / "cases"
FEEDBACK = ("MX", (10, "feedback-smtp.ap-northeast-1.amazonses.com"))


def named_by_check(records: Records) -> set[str]:
    """The names at which check proposes records of a MAIL FROM domain, for a message that SES sent with its own."""
    base = todoku.Zone.from_text((CASES / "base.zone").read_text())
    absent = todoku.Zone.from_text("; !absent mail.example.com MX\n; !absent mail.example.com TXT\n")
    zone = todoku.Layers((base, absent, todoku.Zone.from_dict(records)))
    message = CASES / "dmarc-alignment" / "ses-default-at-gmail" / "message.eml"
    report = todoku.check(message.read_bytes(), resolver=zone)
    changes = next(one.changes for one in report.fixes if one.fix.id == "custom-mail-from")
    calls = {one.parameters["MailFromDomain"] for one in changes if isinstance(one, SesCall)}
    return calls | {one.name for one in changes if isinstance(one, DnsRecord)}


def named_by_plan(records: Records) -> set[str]:
    at_names = {name: found for name, found in complete().items() if not name.startswith("mail.")}
    steps = planned({**at_names, **records}, {"GetEmailIdentity": identity(MailFromAttributes={})}).steps
    return {one.action.parameters["MailFromDomain"] for one in steps if one.id == "mail-from"}


@pytest.mark.parametrize(
    ("records", "name"),
    [
        ({}, "mail.example.com"),
        ({"mail.example.com": [("MX", (10, "mx.example.net"))]}, "bounce.example.com"),
        ({"mail.example.com": [("TXT", "v=spf1 ip4:192.0.2.1 -all")]}, "bounce.example.com"),
        ({"mail.example.com": [("A", "192.0.2.1")], "bounce.example.com": [("TXT", "x")]}, "ses.example.com"),
        ({"mail.example.com": [FEEDBACK]}, "mail.example.com"),
    ],
)
def test_check_and_plan_choose_the_same_free_name(records: Records, name: str) -> None:
    assert named_by_check(records) == named_by_plan(records) == {name}


def test_where_no_usual_name_is_free_none_is_proposed() -> None:
    taken: Records = {f"{label}.example.com": [("A", "192.0.2.1")] for label in MAIL_FROM_LABELS}
    zone = todoku.Zone.from_dict(
        {"amazonses.com": [("TXT", "v=spf1 -all")], "example.com": [("A", "192.0.2.1")], **taken}
    )
    report = todoku.check_domain("example.com", resolver=zone)
    changes = [one for ready in report.fixes if ready.fix.id == "custom-mail-from" for one in ready.changes]
    assert all(isinstance(one, Instruction) for one in changes)
