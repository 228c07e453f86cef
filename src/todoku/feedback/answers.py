"""What stored reports tell when they are asked: the answers as values, in messages, by days of UTC.

A report counts on the day on which its period begins, whole: one whose period reaches into the next day cannot be divided. A message
*passes* where DKIM or SPF passed and is aligned, as the receiver found it (RFC 9990 section 3.1.1.9).
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

Period = Literal["day", "week", "month"]
Grouping = Literal["day", "week", "month", "configuration-set", "tag"]
Fate = Literal["refused", "already", "exempt"]
VerificationResult = Literal["verified", "unverified", "unknown"]
"""Whether a report's mail was signed by the reporter that it names; ``unknown``: it came by no mail, or its key could not be had."""


class Scope(msgspec.Struct, frozen=True):
    """Which rows are asked: those about ``domain`` or a name below it ("": all), from ``since`` to ``until``, both included."""

    domain: str = ""
    since: date | None = None
    until: date | None = None


class Extent(msgspec.Struct, frozen=True, kw_only=True):
    """What there is of rows in a scope: the days of the first and the last, and how many messages they tell of.

    ``verified`` of these rest on reports that are, ``unverified`` on such as are not. ``conflicts``: reports that came again with
    other contents, of which one version counts.
    """

    first: date
    last: date
    messages: int
    verified: int = 0
    unverified: int = 0
    conflicts: int = 0

    @property
    def days(self) -> int:
        """How many days lie between, both included; days without a report count."""
        return (self.last - self.first).days + 1


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """Mail that comes from one place, as far as reports show it.

    It is named by the domains that SPF and DKIM looked at; where neither passed they prove nothing, and its ``network``
    (/24 of IPv4, /48 of IPv6) tells it from others that claim the same. Of several signatures the author domain's own counts.
    ``overridden``: the receiver gave a reason for not doing what the policy asks. ``unverified``: messages that only unverified
    reports tell of. ``authors`` are domains of From, at most ten.
    """

    spf_domain: str
    dkim_domain: str
    network: str
    addresses: int
    messages: int
    passing: int
    dkim: int
    spf: int
    quarantined: int
    rejected: int
    overridden: int
    first: date
    last: date
    authors: tuple[str, ...]
    unverified: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it."""
        return self.spf_domain, self.dkim_domain, self.network


class Passing(msgspec.Struct, frozen=True, kw_only=True):
    """How mail of a domain did in a day, a week that begins on ``start``, a Monday, or a month. ``domain`` is the policy's."""

    start: date
    domain: str
    messages: int
    passing: int
    dkim: int
    spf: int
    quarantined: int
    rejected: int


class DomainNow(msgspec.Struct, frozen=True, kw_only=True):
    """A domain with the policy that its newest report found ("": it does not say).

    ``verified`` of its messages are told of by verified reports, on ``verified_days`` days, by ``verified_reporters``, the domains
    that sign them.
    """

    domain: str
    policy: str
    subdomain_policy: str
    messages: int
    passing: int
    verified: int = 0
    verified_days: int = 0
    verified_reporters: tuple[str, ...] = ()


class Reporter(msgspec.Struct, frozen=True, kw_only=True):
    """Who reports: a name, and the domain that signs for it. ``vouched_by`` is "" unless ``verification`` is verified; reports of which it is
    unknown count to the verified one of that name and contact address. ``longest_gap``: days without a report between two of its own; ``silent``: since
    its last, up to the last day of anybody's.
    """

    org_name: str
    reports: int
    messages: int
    days: int
    first: date
    last: date
    longest_gap: int
    silent: int
    verification: VerificationResult = "unknown"
    vouched_by: str = ""


class Affected(msgspec.Struct, frozen=True, kw_only=True):
    """A stream under a policy that is thought of. ``exempt``: receivers let it through for ``reason`` and may do so again."""

    fate: Fate
    reason: str
    spf_domain: str
    dkim_domain: str
    network: str
    messages: int
    first: date
    last: date
    authors: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """What names its stream, of which several parts may fare differently."""
        return self.spf_domain, self.dkim_domain, self.network


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy would have done to the mail of a scope.

    ``refused``: what was delivered, or only put aside, and would not have been; ``already``: what met at least this
    policy in fact; ``exempt``: what receivers excepted. The rest of ``messages`` passes, or is under a policy of none.
    """

    policy: str
    subdomain_policy: str
    messages: int
    days: int
    refused: int
    already: int
    exempt: int
    streams: tuple[Affected, ...]

    @property
    def refused_a_day(self) -> int:
        """Refused messages a day on average, rounded up: a single one in a month is not none."""
        return -(-self.refused // self.days) if self.days else 0


class TlsSessions(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions of servers that delivered mail to a domain: those that failed alike, or all that succeeded, where
    ``result_type`` is "".
    """

    domain: str
    policy_type: str
    result_type: str
    mx: str
    sessions: int
    first: date
    last: date


class Complaints(msgspec.Struct, frozen=True, kw_only=True):
    """Complaints about mail of one kind: ``feedback_id`` is the Feedback-ID that the mail bore, "" where it bore none."""

    domain: str
    feedback_id: str
    feedback_type: str
    incidents: int
    first: date
    last: date


class Failures(msgspec.Struct, frozen=True, kw_only=True):
    """Messages of one kind that failed, as far as failure reports tell: from where, as which domain, what failed, and what became
    of them. ``auth_failure`` and ``delivery_result`` are words of RFC 6591, "" where the report does not say.
    """

    domain: str
    source_ip: str
    auth_failure: str
    delivery_result: str
    dkim_domain: str
    dkim_selector: str
    incidents: int
    first: date
    last: date


class Bounces(msgspec.Struct, frozen=True, kw_only=True):
    """Recipients of whom SES told the same: ``kind`` is the event's, ``diagnosis`` the tag of what the receiver's reply means ("" without
    one), ``receiver`` a name of ``feedback/recipients.py``, "" for all other domains.

    ``part``: the day, week, month, configuration set or message tag that was asked for, a tag as ``name=value``. ``permanent``: bounces
    that SES calls so, after which it sends no more to the address. ``cause``: the tag of the likeliest reason. ``reply``: the newest one.
    """

    part: str
    kind: str
    receiver: str
    diagnosis: str
    requirements: tuple[str, ...]
    handling: str
    cause: str
    recipients: int
    permanent: int
    domains: int
    first: date
    last: date
    reply: str


class Outcomes(msgspec.Struct, frozen=True, kw_only=True):
    """What became of mail to a receiver, in recipients; complaints in messages. Deliveries are known only where SES publishes them."""

    receiver: str
    delivered: int
    bounced: int
    complaints: int
    delayed: int
    first: date
    last: date


class ReceiverDay(msgspec.Struct, frozen=True, kw_only=True):
    """Recipients at a receiver on one day, of mail that was sent as a domain."""

    day: date
    domain: str
    receiver: str
    delivered: int
    bounced: int


class Diagnosed(msgspec.Struct, frozen=True, kw_only=True):
    """Recipients of a domain's mail that bounced at a receiver with one meaning."""

    domain: str
    receiver: str
    diagnosis: str
    recipients: int
    first: date
    last: date
