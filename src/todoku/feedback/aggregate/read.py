"""A DMARC aggregate report from its XML: as values of Python, or as a stream of columns for reports of any length.

A report is whole or refused: ``RFC 9990`` section 3.1 for the new ones, RFC 7489 appendix C for the old ones, both at
once, since receivers mix them. A stream says so last, so whoever takes its rows keeps none of them before it has ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

import msgspec

from todoku.feedback.aggregate.familiar import familiar
from todoku.feedback.aggregate.head import Head, below, of_elements
from todoku.feedback.aggregate.record import Records
from todoku.feedback.aggregate.report import (
    AggregateReport,
    DkimAuth,
    Extension,
    OverrideReason,
    PolicyPublished,
    Record,
    ReportMetadata,
    SpfAuth,
)
from todoku.feedback.aggregate.tree import Stretch, pulled, utf8, whole
from todoku.feedback.refusal import INCOMPLETE, RECORDS, Refusal, Refused

MAX_RECORDS = 1_000_000
BATCH = 4_096  # records that a stream gives at a time, and some more


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
    document = utf8(pieces)
    first, second = next(document), next(document, None)
    if second is not None:
        yield from _of_elements(pulled(chain((first, second), document)), now)
    elif report := familiar(first):
        yield report.heading.read(now)
        yield Columns(*Records(report.records).columns())
    else:
        yield from _of_elements(whole(first), now)


def _of_elements(stretches: Iterable[Stretch], now: datetime | None) -> Iterator[Head | Columns]:
    written = Records()
    head: Head | None = None
    number = 0
    for stretch in stretches:
        if head is None:
            head = of_elements(stretch.feedback, stretch.head).read(now)
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
    if head is not None and (extensions := below(stretch.feedback)):
        yield msgspec.structs.replace(head, extensions=(*head.extensions, *extensions))
