"""What is behind a reply when the mail was sent through SES: the reasons to think of, the likeliest first.

A reply names a requirement; why it is not met only a look at the message tells. These are the tags of the reasons that
senders through SES meet most, for a program to explain; ``causes`` and ``requirements`` hold them.

Each of them must be able to give the reply by itself. SES signs every message as amazonses.com, so that where a receiver says
that no DKIM signature passes, whoever it be of, the message did not go through SES or was altered on its way.
"""

from __future__ import annotations

from collections.abc import Mapping

BY_REQUIREMENT: Mapping[str, tuple[str, ...]] = {
    "spf-or-dkim": ("not-through-ses", "altered-after-ses"),
    "spf": ("mail-from-without-spf", "spf-fail", "spf-several-records", "spf-too-many-lookups"),
    "dkim": ("not-through-ses", "dkim-body-changed", "dkim-header-changed"),
    "spf-and-dkim": ("ses-default", "mail-from-without-spf", "dkim-key-missing", "dkim-body-changed"),
    "dmarc-alignment": ("ses-default", "dkim-key-missing", "strict-spf", "from-other-domain"),
    "dmarc-policy": ("ses-default", "from-consumer-domain", "strict-dkim", "dkim-body-changed"),
    "dmarc-record": ("dmarc-missing", "dmarc-several-records", "dmarc-wrong-version", "dmarc-cname"),
    "reverse-dns": ("ptr-missing", "ptr-mismatch"),
    "tls": ("tls-not-used",),
    "message-format": ("duplicate-field", "header-8bit", "bare-lf", "line-too-long", "from-several-addresses"),
    "sender-domain": ("sender-domain-missing", "sender-domain-null-mx"),
    "spam-rate": ("spam-rate-elsewhere",),
    "bounce-handling": ("bounce-handling-elsewhere",),
}
BY_REPLY: Mapping[str, tuple[str, ...]] = {
    "gmail-spf-hardfail": ("mail-from-hard-fail", "spf-fail", "spf-broken-by-forwarding"),
    "ses-duplicate-header": ("duplicate-field", "content-type-duplicate"),
    "ses-mail-from": ("mail-from-rejects",),
    "outlook-bare-linefeed": ("bare-lf", "bare-cr"),
    "outlook-message-format": ("from-syntax", "missing-from", "from-several-addresses"),
    "gmail-spf-suspicious": ("spf-open", "spf-syntax"),
    "gmail-message-id-repeated": (),
    "gmail-4.7.28": ("spam-rate-elsewhere",),
    "gmail-attachments": (),
    "gmail-header-size": ("header-too-large", "field-too-long"),
    "5.3.4": ("message-too-large", "header-too-large", "field-too-long"),
    "line-too-long": ("line-too-long",),
    "ses-address-dots": ("address-dots",),
    "mail-from-no-dns": ("sender-domain-missing",),
}
"""Replies that say more than which requirement is not met."""


def likely_causes(tag: str, requirements: tuple[str, ...]) -> tuple[str, ...]:
    """The tags of the reasons to think of when a reply of this tag names these requirements, each once."""
    if tag in BY_REPLY:
        return BY_REPLY[tag]
    return tuple(dict.fromkeys(cause for name in requirements for cause in BY_REQUIREMENT.get(name, ())))
