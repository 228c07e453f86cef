"""DKIM beside dkimpy on damaged messages: either both verify a signature or neither, but for what is explained."""

from __future__ import annotations

import base64
import re
from collections import Counter
from pathlib import Path
from random import Random

import dkim as dkimpy
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from todoku.auth.dkim.sign import sign
from todoku.auth.dkim.verify import DkimResult, verify
from todoku.mail.address import parse_author
from todoku.mail.lint import lint
from todoku.mail.message import scan
from todoku.mail.mime import mime_tree
from todoku.net.dns.zone import Zone
from todoku.net.drivers import run

COUNT = 2_400
KEY = (Path(__file__).parent.parent / "keys" / "customer.pem").read_bytes()
PUBLIC = load_pem_private_key(KEY, None).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
RECORD = f"v=DKIM1; k=rsa; p={base64.b64encode(PUBLIC).decode()}"
ZONE = Zone.from_dict({"s._domainkey.example.com": [("TXT", RECORD)]})
HEADER = (
    b"From: News <news@example.com>\r\nTo: a@example.net,\r\n b@example.net\r\nSubject: Two  blanks\tand a tab \r\n"
    b"Date: Tue, 24 Nov 2026 01:00:00 +0000\r\nMessage-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=UTF-8\r\n"
)
BODY = b"Hello,\r\n\r\ntwo  blanks, a tab\t and one at the end \r\n.\r\n-- \r\nBye\r\n\r\n"
FORMS = [(header, body) for header in ("simple", "relaxed") for body in ("simple", "relaxed")]


def signed(header: str, body: str) -> bytes:
    message = HEADER + b"\r\n" + BODY
    field = sign(
        scan(message),
        domain="example.com",
        selector="s",
        private_key=KEY,
        canonicalization=f"{header}/{body}",
        timestamp=None,
    )
    return field + message


def damaged(random: Random, raw: bytes) -> bytes:
    """The message with one to three small changes anywhere in it."""
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(raw))
        raw = random.choice(
            [
                lambda: raw[:at] + bytes([random.randrange(32, 127)]) + raw[at + 1 :],
                lambda: raw[:at] + raw[at + 1 :],
                lambda: raw[:at] + b" " + raw[at:],
                lambda: raw[:at] + b"\r\n " + raw[at:],
                lambda: raw.replace(b"  ", b" ", 1),
                lambda: raw.replace(b": ", b":", 1),
                lambda: raw + b"\r\n",
                lambda: raw.replace(b"Subject:", b"SUBJECT:"),
                lambda: b"Subject: another\r\n" + raw,
                lambda: raw.replace(b"\r\n\r\n", b"\r\nSubject: below\r\n\r\n", 1),
            ]
        )()
    return raw


def theirs(raw: bytes) -> bool | None:
    """Whether dkimpy verifies the first signature; None where it raises instead of answering."""
    try:
        return bool(dkimpy.verify(raw, dnsfunc=lambda *_, **__: RECORD.encode()))
    except dkimpy.DKIMException:
        return False
    except (IndexError, KeyError, ValueError, UnicodeError, AttributeError, TypeError):
        return None


def ours(raw: bytes) -> DkimResult | None:
    results = run(verify(scan(raw), now=None), ZONE)
    return results[0] if results else None


BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)")


def explanation(raw: bytes, mine: DkimResult | None, other: bool | None) -> str:
    """Why the two may differ, or "": the table in docs/differences.md."""
    message = scan(raw)
    if other is None:
        return "dkimpy raises"
    if mine is None:
        return "" if other else "no field of that name is left"
    if other:
        return "dkimpy repairs line ends first" if BARE.search(raw) else ""
    if message.strays:
        return "a line that is no field"
    if any(field.written_name != field.written_name.strip() for field in message.fields):
        return "a blank before the colon"
    if any(" " in field.written_name for field in message.fields):
        return "a blank within a name"
    return "padding of b=" if len(mine.b) % 4 else ""


def test_differences_are_explained() -> None:
    random = Random(6376)
    seen: Counter[str] = Counter()
    messages = [signed(*form) for form in FORMS]
    for _ in range(COUNT):
        raw = damaged(random, random.choice(messages))
        mine, other = ours(raw), theirs(raw)
        if mine is not None and (mine.result == "pass") == other:
            seen["agree"] += 1
            continue
        why = explanation(raw, mine, other)
        assert why, (mine, other, re.sub(rb"b=[A-Za-z0-9+/= \r\n\t]{200,}", b"b=...", raw))
        seen[why] += 1
    assert seen["agree"] > COUNT * 0.95


def test_a_blank_within_the_name_of_another_field_does_not_end_the_verification() -> None:
    raw = b"Sub ject: another\r\n" + signed("relaxed", "relaxed")
    mine, other = ours(raw), theirs(raw)
    assert mine is not None
    assert (mine.result, other) == ("pass", False)
    assert explanation(raw, mine, other) == "a blank within a name"
    message = scan(raw)
    assert "field-syntax" in [one.tag for one in lint(message, mime_tree(message), parse_author(message), now=None)]
