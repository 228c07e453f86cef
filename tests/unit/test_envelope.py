"""The domain of MAIL FROM, however its address is written."""

from __future__ import annotations

import pytest

from todoku.mail.envelope import Envelope


@pytest.mark.parametrize(
    ("mail_from", "domain"),
    [
        (None, ""),
        ("", ""),
        ("bounce@Example.COM", "example.com"),
        ("<bounce@example.com>", "example.com"),
        ('"a@b"@example.com', "example.com"),
        ("@example.com", "example.com"),
        ("postmaster", ""),
    ],
)
def test_mail_from_domain(mail_from, domain):
    assert Envelope(mail_from=mail_from).mail_from_domain == domain
