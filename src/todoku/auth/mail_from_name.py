"""A name for a new custom MAIL FROM domain: the first of the usual ones at which nothing stands.

A second MX record there would keep SES from using it, a second SPF record would void both (RFC 7208 4.5), and what is received
at the name would go to SES. So a name is free where there is no record at it, or where SES's own MX record does already.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import msgspec

from todoku.auth.ask import Answer, Ask, ask, exchanges, together

MAIL_FROM_LABELS = ("mail", "bounce", "ses", "mailfrom")
"""What it may be called below the domain, in the order in which they are tried."""
OTHER_TYPES = ("TXT", "A", "AAAA")  # with MX all that a name of mail may have


class MailFromName(msgspec.Struct, frozen=True):
    """A usual name with what stands there; ``others`` were asked only where DNS does not deny the name itself."""

    name: str
    mx: Answer
    others: tuple[Answer, ...] = ()

    def is_free(self, region: str) -> bool:
        """Whether SES in ``region`` can use it; "" is any. What DNS did not answer takes no name away."""
        if self.mx.records:
            hosts = {host.lower() for _, host in exchanges(self.mx)}
            return len(self.mx.records) == 1 and all(
                host.startswith(f"feedback-smtp.{region}") and host.endswith(".amazonses.com") for host in hosts
            )
        return not self.mx.chain and not any(one.records or one.chain for one in self.others)


def mail_from_names(domain: str) -> Ask[tuple[MailFromName, ...]]:
    """The usual names below a domain."""
    names = [f"{label}.{domain}" for label in MAIL_FROM_LABELS]
    return (yield from together(*map(_looked_at, names)))


def _looked_at(name: str) -> Ask[MailFromName]:
    mx = yield from ask(name, "MX")
    if mx.status != "nodata":
        return MailFromName(name, mx)
    return MailFromName(name, mx, (yield from together(*(ask(name, rdtype) for rdtype in OTHER_TYPES))))


def first_free(domain: str, is_free: Callable[[str], bool], used: Collection[str] = ()) -> str:
    """The first usual name below a domain that is free and not in use for From or replies, or ""."""
    names = (f"{label}.{domain}" for label in MAIL_FROM_LABELS)
    return next((name for name in names if name not in used and is_free(name)), "")
