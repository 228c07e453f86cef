"""An identity of SES and how its states move: frozen values, and functions from one to the next.

A state moves when somebody looks, by what the DNS says at that moment and by the clock. SES itself looks by the clock,
so a test that wants a state in between looks in between.

    DKIM       PENDING -> SUCCESS          the records are there
               PENDING -> FAILED           72 hours without them; SES looks no more
               SUCCESS -> TEMPORARY_FAILURE -> SUCCESS or, after 72 hours, FAILED
    MAIL FROM  PENDING -> SUCCESS          the MX is there; nobody looks at the SPF record
               PENDING -> FAILED           72 hours without it; SES looks no more
               SUCCESS -> TEMPORARY_FAILURE -> SUCCESS or, after 72 hours, FAILED
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from todoku.auth.ask import Answer, Question
from todoku.demo.ses_names import feedback_host
from todoku.mail.tags import parse_tags
from todoku.net.drivers import Source

SEARCH = timedelta(hours=72)  # ses/latest/dg/mail-from.html (setup states), APIReference-V2/API_DkimAttributes.html


class Dkim(msgspec.Struct, frozen=True, kw_only=True):
    """How an identity is signed. ``since`` is when its status began; ``tokens`` holds the selector of a customer's own key."""

    origin: str = "AWS_SES"
    tokens: tuple[str, ...] = ()
    zone: str = ""
    status: str = "NOT_STARTED"
    since: datetime
    enabled: bool = True
    active: int = 0  # the token whose key signs
    current_length: str = ""
    next_length: str = ""
    generated_at: datetime | None = None
    length_set_at: datetime | None = None
    public_key: str = ""  # p= of a customer's own key
    error: str = ""
    checked_at: datetime | None = None
    succeeded_at: datetime | None = None
    soa: tuple[str, str, int] | None = None

    @property
    def easy(self) -> bool:
        """Whether the keys are SES's, not the customer's."""
        return self.origin != "EXTERNAL"


class MailFrom(msgspec.Struct, frozen=True, kw_only=True):
    """The custom MAIL FROM domain of an identity."""

    domain: str
    behavior: str = "USE_DEFAULT_VALUE"
    status: str = "PENDING"
    since: datetime
    checked_at: datetime | None = None


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """A domain or an address from which mail may be sent. ``verification`` is whether it may."""

    name: str
    verification: str = "PENDING"
    dkim: Dkim
    mail_from: MailFrom | None = None
    feedback_forwarding: bool = True
    configuration_set: str = ""
    tags: Mapping[str, str] = {}
    policies: Mapping[str, str] = {}

    @property
    def is_address(self) -> bool:
        """Whether it is an address, which a person verifies by following a link."""
        return "@" in self.name

    @property
    def domain(self) -> str:
        """The domain itself, or that of the address."""
        return self.name.rpartition("@")[2]


def looked_at(identity: Identity, region: str, now: datetime, source: Source, verify_after: timedelta) -> Identity:
    """The identity after SES has looked at its DNS, if it is time to look."""
    mail_from = identity.mail_from
    if mail_from is not None and now - (mail_from.checked_at or mail_from.since) >= verify_after:
        mail_from = look_for_mx(mail_from, region, now, source)
    dkim = identity.dkim
    if identity.is_address or now - (dkim.checked_at or dkim.since) < verify_after:
        return replace(identity, mail_from=mail_from)
    dkim = look_for_keys(dkim, identity.domain, now, source)
    return replace(identity, mail_from=mail_from, dkim=dkim, verification=_verification(identity, dkim))


def _verification(identity: Identity, dkim: Dkim) -> str:
    """A domain is verified by its DKIM records: ses/latest/dg/creating-identities.html."""
    if dkim.status == "PENDING" and identity.verification == "SUCCESS":
        # no page says: a verified domain that changes its kind of DKIM goes on sending, unsigned
        return "SUCCESS"
    return identity.verification if dkim.status == "NOT_STARTED" else dkim.status


def look_for_keys(dkim: Dkim, domain: str, now: datetime, source: Source) -> Dkim:
    """The DKIM state after a look at the three CNAMEs, or at the TXT record of a customer's own key."""
    if dkim.status in ("NOT_STARTED", "FAILED"):
        return dkim
    if dkim.status != "SUCCESS" and now - dkim.since >= SEARCH:
        return replace(dkim, status="FAILED", since=now, checked_at=now, error=dkim.error or "HOST_NOT_FOUND")
    error, soa = _key_error(dkim, domain, source)
    if error:
        status = "PENDING" if dkim.status == "PENDING" else "TEMPORARY_FAILURE"
        return _moved(replace(dkim, error=error, checked_at=now, soa=soa), status, now)
    return _moved(replace(dkim, error="", checked_at=now, succeeded_at=now, soa=soa), "SUCCESS", now)


def _moved(dkim: Dkim, status: str, now: datetime) -> Dkim:
    return dkim if dkim.status == status else replace(dkim, status=status, since=now)


def _key_error(dkim: Dkim, domain: str, source: Source) -> tuple[str, tuple[str, str, int] | None]:
    """Why the records are not as they should be (APIReference-V2/API_VerificationInfo.html), "" if they are; the SOA."""
    if not dkim.tokens:  # a replica whose parent cannot be followed
        return dkim.error, None
    rdtype = "CNAME" if dkim.easy else "TXT"
    names = [Question(f"{token}._domainkey.{domain}", rdtype) for token in dkim.tokens]
    soa, *answers = source.answers([Question(domain, "SOA"), *names])
    errors = [_record_error(dkim, token, answer) for token, answer in zip(dkim.tokens, answers, strict=True)]
    return next(filter(None, errors), ""), _soa(soa)


def _record_error(dkim: Dkim, token: str, answer: Answer) -> str:
    if answer.failed:
        return "DNS_SERVER_ERROR"
    if answer.status == "nxdomain":
        return "HOST_NOT_FOUND"
    if answer.status == "nodata":
        return "TYPE_NOT_FOUND"
    if dkim.easy:
        right = [f"{token}.{dkim.zone}"] == [record.lower() for record in answer.records]
    else:
        right = any("".join(parse_tags(record).get("p").split()) == dkim.public_key for record in answer.records)
    return "" if right else "INVALID_VALUE"


def _soa(answer: Answer) -> tuple[str, str, int] | None:
    words = answer.records[0].split() if answer.records else []
    return (words[0].rstrip("."), words[1].rstrip("."), int(words[2])) if len(words) >= 3 else None


def look_for_mx(mail_from: MailFrom, region: str, now: datetime, source: Source) -> MailFrom:
    """The MAIL FROM state after a look at the MX alone: ses/latest/dg/mail-from.html (setup states)."""
    if mail_from.status == "FAILED":
        return mail_from
    if mail_from.status != "SUCCESS" and now - mail_from.since >= SEARCH:
        return replace(mail_from, status="FAILED", since=now, checked_at=now)
    (answer,) = source.answers([Question(mail_from.domain, "MX")])
    # ses/latest/dg/mail-from.html: exactly one MX record, or the setup fails
    if [record.lower() for record in answer.records] == [f"10 {feedback_host(region)}"]:
        status = "SUCCESS"
    else:
        status = "PENDING" if mail_from.status == "PENDING" else "TEMPORARY_FAILURE"
    since = mail_from.since if status == mail_from.status else now
    return replace(mail_from, status=status, since=since, checked_at=now)
