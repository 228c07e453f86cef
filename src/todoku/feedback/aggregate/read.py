"""A DMARC aggregate report from its XML: as values of Python, or as a stream of columns for reports of any length.

A report is whole or refused: ``RFC 9990`` section 3.1 for the new ones, RFC 7489 appendix C for the old ones, both at
once, since receivers mix them. A stream says so last, so whoever takes its rows keeps none of them before it has ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from lxml.etree import _Element as Element

from todoku.feedback import values
from todoku.feedback.aggregate.record import EXTENSIONS, Records, extensions
from todoku.feedback.aggregate.report import (
    MODES,
    POLICIES,
    AggregateReport,
    DkimAuth,
    Extension,
    OverrideReason,
    PolicyPublished,
    Record,
    ReportMetadata,
    SpfAuth,
)
from todoku.feedback.aggregate.shape import MAX_EXTENSIONS, Picked
from todoku.feedback.aggregate.tree import local_name, stretches
from todoku.feedback.refusal import DOMAIN, INCOMPLETE, RECORDS, REPEATED, Refusal, Refused
from todoku.mail.domain_name import is_domain_name

MAX_RECORDS = 1_000_000
MAX_ERRORS = 20
BATCH = 4_096  # records that a stream gives at a time, and some more


class Head(msgspec.Struct, frozen=True):
    """What stands above the records. It comes first, and again at the end where some extensions stand below them."""

    metadata: ReportMetadata
    policy: PolicyPublished
    version: str = ""
    extensions: tuple[Extension, ...] = ()


class Columns(msgspec.Struct, frozen=True):
    """Some records, a sequence for each field of ``Record``, all of one length."""

    source_ip: Sequence[str]
    count: Sequence[int]
    disposition: Sequence[str]
    dkim: Sequence[str]
    spf: Sequence[str]
    header_from: Sequence[str]
    envelope_from: Sequence[str]
    envelope_to: Sequence[str]
    auth_dkim: Sequence[tuple[DkimAuth, ...]]
    auth_spf: Sequence[tuple[SpfAuth, ...]]
    reasons: Sequence[tuple[OverrideReason, ...]]
    extensions: Sequence[tuple[Extension, ...]]

    def records(self) -> Iterator[Record]:
        """The same as a Record each."""
        columns: Any = msgspec.structs.astuple(self)
        return map(Record, *columns)


def parse(pieces: Iterable[bytes], *, now: datetime | None = None, name: str = "") -> AggregateReport:
    """The report in a document's octets, which may come in pieces. Never raises: ``refused`` says why there is none.

    ``now`` (aware): a period that ends after it is refused; None judges no times. ``name`` is kept for display.
    """
    head = Head(ReportMetadata(), PolicyPublished())
    found: list[Record] = []
    refused: Refused | None = None
    for part in stream(pieces, now=now):
        if isinstance(part, Head):
            head = part
        elif isinstance(part, Columns):
            found.extend(part.records())
        else:
            refused = msgspec.structs.replace(part, name=name)
    return AggregateReport(
        metadata=head.metadata,
        policy=head.policy,
        records=() if refused else tuple(found),
        refused=refused,
        version=head.version,
        extensions=head.extensions,
        name=name,
    )


def stream(pieces: Iterable[bytes], *, now: datetime | None = None) -> Iterator[Head | Columns | Refused]:
    """The report in a document's octets as it is read: its head, then its records by the thousand. Never raises.

    Only when it ends without ``Refused`` was the report whole. No more than about 1 MiB of the XML is in memory.
    """
    try:
        yield from _parts(pieces, now)
    except Refusal as refusal:
        yield refusal.refused


def _parts(pieces: Iterable[bytes], now: datetime | None) -> Iterator[Head | Columns]:
    written = Records()
    head: Head | None = None
    number = 0
    for stretch in stretches(pieces):
        if head is None:
            head = _head(stretch.feedback, now)
            yield head
        number += len(stretch.records)
        if number > MAX_RECORDS:
            raise Refusal(RECORDS, limit=MAX_RECORDS)
        written.take(stretch)
        if len(written) >= BATCH:
            yield Columns(*written.columns())
            written = Records()
    if not number:
        raise Refusal(INCOMPLETE, element="record")  # RFC 9990 3.1.1.2: at least one
    if len(written):
        yield Columns(*written.columns())
    if head is not None and (below := _below(stretch.feedback)):
        yield msgspec.structs.replace(head, extensions=(*head.extensions, *below))


def _head(feedback: Element, now: datetime | None) -> Head:
    """What stands above the records: RFC 9990 section 3.1.1.2. Raises ``Refusal``."""
    above: dict[str, Element] = {}
    for child in feedback:
        name = local_name(child)
        if name == "record":
            break
        if name in above and name in ("report_metadata", "policy_published"):
            raise Refusal(REPEATED, element=name)
        above.setdefault(name, child)
    metadata, policy = _named(above, "report_metadata"), _texts(_named(above, "policy_published"))
    dates = _texts(_named({local_name(child): child for child in metadata.iterchildren(reversed=True)}, "date_range"))
    begin, end = values.period(dates.get("begin"), dates.get("end"), now)
    return Head(
        metadata=_metadata(metadata, begin, end),
        policy=_POLICY[tuple(map(policy.get, _OF_POLICY))],
        version=values.label(above["version"].text if "version" in above else None),
        extensions=tuple(
            [found for name in EXTENSIONS if name in above for found in extensions(above[name])][:MAX_EXTENSIONS]
        ),
    )


def _below(feedback: Element) -> list[Extension]:
    """The extensions behind the last record, where drafts of RFC 9990 had them."""
    found: list[Extension] = []
    for child in feedback.iterchildren(reversed=True):
        if local_name(child) == "record":
            break
        if local_name(child) in EXTENSIONS:
            found[:0] = extensions(child)
    return found[:MAX_EXTENSIONS]


def _named(elements: dict[str, Element], name: str) -> Element:
    if name not in elements:
        raise Refusal(INCOMPLETE, element=name)
    return elements[name]


def _texts(element: Element) -> dict[str, str | None]:
    """What the children say, by their local names, of several with one name the first."""
    return {local_name(child): child.text for child in element.iterchildren(reversed=True)}


def _metadata(element: Element, begin: int, end: int) -> ReportMetadata:
    """RFC 9990 section 3.1.1.3."""
    said = _texts(element)
    told = [values.text(error.text) for error in element.findall("{*}error")] if "error" in said else []
    return ReportMetadata(
        org_name=values.text(said.get("org_name")),
        email=values.text(said.get("email")),
        extra_contact_info=values.text(said.get("extra_contact_info")),
        report_id=values.text(said.get("report_id")),
        begin=begin,
        end=end,
        errors=tuple([one for one in told if one])[:MAX_ERRORS],
        generator=values.text(said.get("generator")),
    )


def _policy(written: Picked) -> PolicyPublished:
    """RFC 9990 section 3.1.1.5. Raises ``Refusal`` where it is not said which domain the report is about."""
    named, pct, fo, *words = written
    domain, percent = values.domain(named), values.label(pct)
    if not domain:
        raise Refusal(INCOMPLETE, element="policy_published/domain")
    if not is_domain_name(domain):
        raise Refusal(DOMAIN, domain=values.shown(domain))
    read: Any = {name: word(said) for (name, word), said in zip(_WORDS.items(), words, strict=True)}
    whole = percent.isascii() and percent.isdigit() and len(percent) <= 3
    return PolicyPublished(domain=domain, fo=values.label(fo), pct=int(percent) if whole else None, **read)


_WORDS = {
    **dict.fromkeys(("adkim", "aspf"), values.word(MODES)),
    **dict.fromkeys(("p", "sp", "np"), values.word(POLICIES)),
    "testing": values.word(("y", "n")),
    "discovery_method": values.word(("psl", "treewalk")),
}
_OF_POLICY = ("domain", "pct", "fo", *_WORDS)
_POLICY = values.Memo(_policy)  # a receiver finds the same one day after day
