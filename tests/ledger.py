"""Ninety days of reports about three domains, made from a few streams of mail, with a ledger of exactly what they tell.

Everything depends on the seed alone. Each receiver writes in its own shape, as receivers do: RFC 7489 or RFC 9990, bare,
packed, or mailed. What is planted, by the number of the day:

- ``NEW_SOURCE``: from then on ``crm`` sends as example.com and passes nothing that is aligned.
- ``DKIM_BROKEN``: on these days example.net's signatures do not verify, and nothing else of it is aligned.
- ``SILENT``: from then on ``receiver-c.example`` reports nothing.
- ``REJECT``: from then on example.org publishes p=reject; example.net publishes p=quarantine with sp=none all along,
  example.com p=none.

Days are those, in UTC, on which a report's period begins: the periods of ``RECEIVER-D`` begin at 15:00.
"""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import NamedTuple

from mint_reports import mailed, zipped
from todoku.feedback.aggregate.report import (
    AggregateReport,
    DkimAuth,
    OverrideReason,
    PolicyPublished,
    Record,
    ReportMetadata,
    SpfAuth,
)
from todoku.feedback.aggregate.write import NAMESPACE, format_report

FIRST = date(2026, 8, 26)
DAYS = 90
NEW_SOURCE = 40
DKIM_BROKEN = range(60, 64)
SILENT = 75
REJECT = 30
DOMAINS = ("example.com", "example.net", "example.org")
DAY_SECONDS = 86_400


class Receiver(NamedTuple):
    """Who reports: how its reports are written and packed, when its day begins, and which share of the mail it gets."""

    org: str
    modern: bool  # RFC 9990
    hour: int
    share: float
    wrap: Callable[[bytes], bytes]


RECEIVERS = (
    Receiver("receiver-a.example", False, 0, 0.5, zipped),
    Receiver("Receiver B, Inc.", True, 0, 0.25, mailed),
    Receiver("receiver-c.example", False, 0, 0.15, lambda octets: gzip.compress(octets, mtime=0)),
    Receiver("RECEIVER-D", True, 15, 0.1, lambda octets: octets),
)
SILENT_RECEIVER = RECEIVERS[2].org


class Stream(NamedTuple):
    """Mail that comes from one place. ``dkim`` and ``spf`` are domains; ``aligned`` says which of both, if any, are."""

    name: str
    domain: str
    header_from: str
    sources: tuple[str, ...]
    daily: int
    aligned: frozenset[str] = frozenset()
    dkim: tuple[str, ...] = ()
    spf: str = ""
    spf_result: str = "pass"
    override: str = ""
    weekdays: frozenset[int] = frozenset(range(7))
    since: int = 0


BOTH, SPF_ALONE, DKIM_ALONE = frozenset({"dkim", "spf"}), frozenset({"spf"}), frozenset({"dkim"})
SIGNED_BY_SES = "amazonses.com"

STREAMS = (
    Stream(
        "ses-com",
        "example.com",
        "example.com",
        ("192.0.2.10", "192.0.2.11"),
        900,
        BOTH,
        ("example.com", SIGNED_BY_SES),
        "bounce.example.com",
    ),
    Stream(
        "newsletter",
        "example.com",
        "news.example.com",
        ("198.51.100.5",),
        2500,
        SPF_ALONE,
        ("service.example",),
        "news.example.com",
        weekdays=frozenset({1, 3}),
    ),
    Stream("forgotten", "example.com", "example.com", ("198.51.100.77",), 45, spf="example.com", spf_result="softfail"),
    Stream(
        "crm",
        "example.com",
        "example.com",
        ("198.51.100.140", "198.51.100.141"),
        120,
        dkim=("crm.example",),
        spf="crm.example",
        since=NEW_SOURCE,
    ),
    Stream(
        "forwarder-com",
        "example.com",
        "example.com",
        ("203.0.113.9",),
        30,
        dkim=("example.com",),
        spf="forwarder.example",
        override="trusted_forwarder",
    ),
    Stream(
        "ses-net",
        "example.net",
        "example.net",
        ("192.0.2.20", "2001:db8:5::20"),
        600,
        DKIM_ALONE,
        (SIGNED_BY_SES, "example.net"),
        SIGNED_BY_SES,
    ),
    Stream(
        "shop",
        "example.net",
        "shop.example.net",
        ("198.51.100.200",),
        60,
        spf="shop-host.example",
        weekdays=frozenset({0, 2, 4}),
    ),
    Stream(
        "ses-org",
        "example.org",
        "example.org",
        ("192.0.2.30",),
        300,
        BOTH,
        (SIGNED_BY_SES, "example.org"),
        "mail.example.org",
    ),
    Stream(
        "list-org",
        "example.org",
        "example.org",
        ("203.0.113.25",),
        20,
        dkim=("example.org", "list.example"),
        spf="list.example",
        override="mailing_list",
    ),
    Stream(
        "spoof-org",
        "example.org",
        "example.org",
        tuple(f"2001:db8:bad:{number:x}::1" for number in range(1, 13)),
        80,
        spf="example.org",
        spf_result="fail",
    ),
    Stream(
        "spoof-net",
        "example.net",
        "example.net",
        tuple(f"203.0.113.{number}" for number in range(130, 150)),
        25,
        spf="example.net",
        spf_result="fail",
    ),
)


class Entry(NamedTuple):
    """``count`` messages that a record tells of, with what is true of them."""

    day: int
    org: str
    domain: str
    header_from: str
    stream: str
    source_ip: str
    count: int
    dkim: bool  # passed and aligned
    spf: bool
    disposition: str  # none, quarantine or reject, whatever the shape of the report calls it
    override: str

    @property
    def passes(self) -> bool:
        """Whether DMARC passes."""
        return self.dkim or self.spf


class TlsEntry(NamedTuple):
    """What a TLS report tells of one day."""

    day: int
    successful: int
    failed: int
    result_type: str
    mx: str


class ComplaintEntry(NamedTuple):
    """One complaint."""

    day: int
    domain: str
    feedback_id: str


class Made(NamedTuple):
    """A report as it arrives. ``kind`` is as the store has it: aggregate, tls, feedback."""

    kind: str
    day: int
    org: str
    domain: str
    octets: bytes


class Ledger(NamedTuple):
    """The reports, in the order of their days, and the truth about them."""

    made: tuple[Made, ...]
    entries: tuple[Entry, ...]
    tls: tuple[TlsEntry, ...]
    complaints: tuple[ComplaintEntry, ...]

    @property
    def octets(self) -> list[bytes]:
        """Each report as it arrives."""
        return [one.octets for one in self.made]

    def messages(self, keep: Callable[[Entry], bool] = lambda _: True) -> int:
        """How many messages there are of those that are to be kept."""
        return sum(one.count for one in self.entries if keep(one))

    def by(self, key: Callable[[Entry], object], keep: Callable[[Entry], bool] = lambda _: True) -> Counter[object]:
        """Messages by anything that an entry tells."""
        counted: Counter[object] = Counter()
        for one in self.entries:
            if keep(one):
                counted[key(one)] += one.count
        return counted


def day(number: int) -> date:
    """The date of a day of the ledger."""
    return FIRST + timedelta(days=number)


def begin(number: int, hour: int = 0) -> int:
    """Seconds of UTC."""
    return int(datetime(*day(number).timetuple()[:3], hour, tzinfo=UTC).timestamp())


@cache
def ledger(days: int = DAYS, seed: str = "todoku") -> Ledger:
    """The reports of the first so many days."""
    made: list[Made] = []
    entries: list[Entry] = []
    tls: list[TlsEntry] = []
    complaints: list[ComplaintEntry] = []
    for number in range(days):
        chance = random.Random(f"{seed} {number}")
        today = list(_entries(number, chance))
        entries += today
        made += _aggregates(number, today)
        tls.append(_tls_entry(number, chance))
        made.append(Made("tls", number, RECEIVERS[0].org, "example.com", _tls(tls[-1])))
        for one in _complaints(number, chance):
            made.append(Made("feedback", number, "complaints.example", one.domain, _complaint(one, len(complaints))))
            complaints.append(one)
    return Ledger(tuple(made), tuple(entries), tuple(tls), tuple(complaints))


def _entries(number: int, chance: random.Random) -> Iterator[Entry]:
    for stream in STREAMS:
        if number < stream.since or day(number).weekday() not in stream.weekdays:
            continue
        for receiver in RECEIVERS:
            sent = round(stream.daily * receiver.share * chance.uniform(0.8, 1.2))
            if receiver.org == SILENT_RECEIVER and number >= SILENT:
                continue
            for source, count in _spread(sent, stream.sources, chance):
                yield _entry(number, receiver, stream, source, count)


def _spread(sent: int, sources: tuple[str, ...], chance: random.Random) -> Iterator[tuple[str, int]]:
    """So many messages from these addresses, of which not all need have sent one."""
    yield from sorted(Counter(chance.choices(sources, k=sent)).items())


def _entry(number: int, receiver: Receiver, stream: Stream, source: str, count: int) -> Entry:
    broken = stream.name == "ses-net" and number in DKIM_BROKEN
    dkim, spf = "dkim" in stream.aligned and not broken, "spf" in stream.aligned
    policy = _applied(stream, number)
    disposition = "none" if dkim or spf or stream.override else policy
    override = stream.override if not (dkim or spf) else ""
    about = (stream.domain, stream.header_from, stream.name)
    return Entry(number, receiver.org, *about, source, count, dkim, spf, disposition, override)


def published(domain: str, number: int) -> tuple[str, str]:
    """p and sp of a domain on a day."""
    match domain:
        case "example.net":
            return "quarantine", "none"
        case "example.org" if number >= REJECT:
            return "reject", "reject"
    return "none", "none"


def _applied(stream: Stream, number: int) -> str:
    own, below = published(stream.domain, number)
    return own if stream.header_from == stream.domain else below


def _aggregates(number: int, entries: Iterable[Entry]) -> Iterator[Made]:
    streams = {stream.name: stream for stream in STREAMS}
    grouped: dict[tuple[str, str], list[Entry]] = {}
    for one in entries:
        grouped.setdefault((one.org, one.domain), []).append(one)
    for receiver in RECEIVERS:
        for domain in DOMAINS:
            if told := grouped.get((receiver.org, domain)):
                records = tuple(_record(one, streams[one.stream], receiver) for one in told)
                report = AggregateReport(
                    metadata=_metadata(number, receiver, domain),
                    policy=_policy(number, receiver, domain),
                    records=records,
                    version="1.0",
                )
                yield Made("aggregate", number, receiver.org, domain, receiver.wrap(_written(report, receiver)))


def _metadata(number: int, receiver: Receiver, domain: str) -> ReportMetadata:
    first = begin(number, receiver.hour)
    return ReportMetadata(
        org_name=receiver.org,
        email="dmarc-reports@receiver.example",
        report_id=f"{domain}-{number}",
        begin=first,
        end=first + DAY_SECONDS - 1,
    )


def _policy(number: int, receiver: Receiver, domain: str) -> PolicyPublished:
    own, below = published(domain, number)
    if receiver.modern:
        return PolicyPublished(domain=domain, adkim="r", aspf="r", p=own, sp=below, testing="n")
    return PolicyPublished(domain=domain, adkim="r", aspf="r", p=own, sp=below, pct=100)


def _record(one: Entry, stream: Stream, receiver: Receiver) -> Record:
    broken = "dkim" in stream.aligned and not one.dkim
    passed = "pass" if receiver.modern else "none"  # RFC 9990 3.1.1.9
    return Record(
        source_ip=one.source_ip,
        count=one.count,
        disposition=passed if one.passes else one.disposition,
        dkim="pass" if one.dkim else "fail",
        spf="pass" if one.spf else "fail",
        header_from=one.header_from,
        envelope_from=stream.spf,
        auth_dkim=tuple(DkimAuth(name, "s1", _verified(name, stream, broken=broken)) for name in stream.dkim),
        auth_spf=(SpfAuth(stream.spf, "mfrom", stream.spf_result),) if stream.spf else (),
        reasons=(OverrideReason(one.override),) if one.override else (),
    )


def _verified(signer: str, stream: Stream, *, broken: bool) -> str:
    """A forwarder that changes the body breaks the author's signature, and so does a wrong key."""
    own = signer == stream.header_from
    return "fail" if own and (broken or stream.override) else "pass"


def _written(report: AggregateReport, receiver: Receiver) -> bytes:
    octets = format_report(report)
    return octets if receiver.modern else octets.replace(f' xmlns="{NAMESPACE}"'.encode(), b"")


def _tls_entry(number: int, chance: random.Random) -> TlsEntry:
    failed = chance.randrange(1, 9) if number % 10 == 4 else 0
    kind = chance.choice(("certificate-expired", "starttls-not-supported"))
    return TlsEntry(
        number, chance.randrange(100, 200), failed, kind if failed else "", f"mx{number % 2 + 1}.example.com"
    )


def _tls(one: TlsEntry) -> bytes:
    details = {
        "result-type": one.result_type,
        "sending-mta-ip": "192.0.2.200",
        "receiving-mx-hostname": one.mx,
        "failed-session-count": one.failed,
    }
    policy = {
        "policy": {"policy-type": "sts", "policy-domain": "example.com", "mx-host": ["*.example.com"]},
        "summary": {"total-successful-session-count": one.successful, "total-failure-session-count": one.failed},
        "failure-details": [details] if one.failed else [],
    }
    first = day(one.day)
    document = {
        "organization-name": RECEIVERS[0].org,
        "date-range": {"start-datetime": f"{first}T00:00:00Z", "end-datetime": f"{first}T23:59:59Z"},
        "contact-info": "tls@receiver.example",
        "report-id": f"tls-{one.day}",
        "policies": [policy],
    }
    return gzip.compress(json.dumps(document).encode(), mtime=0)


def _complaints(number: int, chance: random.Random) -> Iterator[ComplaintEntry]:
    for _ in range(chance.randrange(0, 3)):
        campaign = chance.choice(("spring", "autumn"))
        yield ComplaintEntry(number, "example.com", f"{campaign}:1.eu-west-1.x:AmazonSES")


def _complaint(one: ComplaintEntry, number: int) -> bytes:
    arrived = datetime.fromtimestamp(begin(one.day, 12), UTC)
    return (
        (
            "From: feedback@complaints.example\nTo: fbl@example.com\nSubject: complaint\nMIME-Version: 1.0\n"
            'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n--b\n\nA complaint.\n'
            "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: complaints/1\nVersion: 1\n"
            f"Arrival-Date: {arrived:%a, %d %b %Y %H:%M:%S} +0000\nReported-Domain: {one.domain}\nSource-IP: 192.0.2.10\n\n"
            f"--b\nContent-Type: message/rfc822\n\nFrom: shop@{one.domain}\nMessage-ID: <{number}@{one.domain}>\n"
            f"Feedback-ID: {one.feedback_id}\nSubject: news\n\nnews\n--b--\n"
        )
        .replace("\n", "\r\n")
        .encode()
    )
