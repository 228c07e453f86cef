"""A DMARC aggregate report from its XML: as values of Python, or as a stream of columns for reports of any length.

A report is whole or refused: ``RFC 9990`` section 3.1 for the new ones, RFC 7489 appendix C for the old ones, both at
once, since receivers mix them. A stream says so last, so whoever takes its rows keeps none of them before it has ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from lxml import etree
from lxml.etree import _Element as Element

from todoku.feedback.aggregate import values
from todoku.feedback.aggregate.report import (
    ALIGNED,
    DISPOSITIONS,
    DKIM_WORDS,
    MODES,
    POLICIES,
    SCOPES,
    SPF_WORDS,
    AggregateReport,
    DkimAuth,
    Extension,
    OverrideReason,
    PolicyPublished,
    Record,
    ReportMetadata,
    SpfAuth,
)
from todoku.feedback.aggregate.shape import Picked, plan_of
from todoku.feedback.aggregate.tree import records
from todoku.feedback.refusal import DOMAIN, INCOMPLETE, RECORDS, REPEATED, Refusal, Refused
from todoku.mail.domain_name import is_domain_name

MAX_RECORDS = 1_000_000
BATCH = 4_096  # records that a stream gives at a time, and some more

Elements = list[Element]


class Head(msgspec.Struct, frozen=True):
    """What stands above the records. It comes first."""

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
        columns: Any = (getattr(self, name) for name in self.__struct_fields__)
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
    reader = _Reader()
    head = False
    number = 0
    for root, found in records(pieces):
        if not head:
            head = True
            yield _head(root, now)
        elif root.find("{*}report_metadata") is not None or root.find("{*}policy_published") is not None:
            raise Refusal(REPEATED, element="report_metadata")
        number += len(found)
        if number > MAX_RECORDS:
            raise Refusal(RECORDS, limit=MAX_RECORDS)
        reader.take(found)
        if len(reader.scalars) >= BATCH:
            yield reader.columns()
    if not number:
        raise Refusal(INCOMPLETE, element="record")  # RFC 9990 3.1.1.2: at least one
    if reader.scalars:
        yield reader.columns()


def _head(root: Element, now: datetime | None) -> Head:
    """What stands above the records. Raises ``Refusal``."""
    metadata, policy = _only(root, "report_metadata"), _only(root, "policy_published")
    dates = _fields(_only(metadata, "date_range"))
    begin, end = values.period(dates.get("begin"), dates.get("end"), now)
    version = root.find("{*}version")
    extension = root.find("{*}extension")
    return Head(
        metadata=_metadata(metadata, begin, end),
        policy=_policy(_fields(policy)),
        version="" if version is None else values.label(version.text),
        extensions=() if extension is None else tuple(_extension(one) for one in (extension, *extension) if one.attrib),
    )


def _only(parent: Element, name: str) -> Element:
    found = parent.findall(f"{{*}}{name}")
    if len(found) != 1:
        raise Refusal(REPEATED if found else INCOMPLETE, element=name)
    return found[0]


def _fields(parent: Element) -> dict[str, str | None]:
    """The text of each child by its local name, the first of each."""
    found: dict[str, str | None] = {}
    for child in parent:
        found.setdefault(etree.QName(child).localname, child.text)
    return found


def _metadata(element: Element, begin: int, end: int) -> ReportMetadata:
    fields = {name: values.text(written) for name, written in _fields(element).items()}
    return ReportMetadata(
        org_name=fields.get("org_name", ""),
        email=fields.get("email", ""),
        extra_contact_info=fields.get("extra_contact_info", ""),
        report_id=fields.get("report_id", ""),
        begin=begin,
        end=end,
        errors=tuple(values.text(error.text) for error in element.findall("{*}error") if values.text(error.text))[:20],
        generator=fields.get("generator", ""),
    )


_MODE, _POLICY = values.word(MODES), values.word(POLICIES)
_TESTING, _METHOD = values.word(("y", "n")), values.word(("psl", "treewalk"))


def _policy(fields: dict[str, str | None]) -> PolicyPublished:
    """RFC 9990 section 3.1.1.5. Raises ``Refusal`` where it is not said which domain the report is about."""
    domain, percent = values.domain(fields.get("domain")), values.label(fields.get("pct"))
    if not domain:
        raise Refusal(INCOMPLETE, element="policy_published/domain")
    if not is_domain_name(domain):
        raise Refusal(DOMAIN, domain=values.shown(domain))
    known: Any = {
        "adkim": _MODE(fields.get("adkim")),
        "aspf": _MODE(fields.get("aspf")),
        **{name: _POLICY(fields.get(name)) for name in ("p", "sp", "np")},
        "testing": _TESTING(fields.get("testing") or fields.get("t")),
        "discovery_method": _METHOD(fields.get("discovery_method")),
    }
    whole = percent.isascii() and percent.isdigit() and len(percent) <= 3
    return PolicyPublished(
        domain=domain, fo=values.label(fields.get("fo")), pct=int(percent) if whole else None, **known
    )


def _extension(element: Element) -> Extension:
    return Extension(values.text(element.get("name")), values.text(element.get("definition")))


class _Reader:
    """What was taken from the records since the last columns: what is written, not yet looked at."""

    def __init__(self) -> None:
        self.empty()

    def empty(self) -> None:
        self.scalars: list[Picked] = []
        self.dkim: list[tuple[Picked, ...]] = []
        self.spf: list[tuple[Picked, ...]] = []
        self.reasons: list[tuple[Picked, ...]] = []
        self.extensions: list[tuple[Extension, ...]] = []

    def take(self, found: Elements) -> None:
        """Take what is written in these records. Raises ``Refusal``."""
        for record in found:
            elements = list(record.iter())
            planned = plan_of(elements)
            texts = [element.text for element in elements]
            texts.append(None)
            self.scalars.append(planned.scalars(texts))
            self.dkim.append(tuple([pick(texts) for pick in planned.dkim]))
            self.spf.append(tuple([pick(texts) for pick in planned.spf]))
            self.reasons.append(tuple([pick(texts) for pick in planned.reasons]))
            self.extensions.append(tuple([_extension(elements[place]) for place in planned.extensions]))

    def columns(self) -> Columns:
        """What was taken, each distinct value read once. Raises ``Refusal``."""
        source_ip, count, disposition, dkim, spf, header_from, envelope_from, envelope_to = zip(
            *self.scalars, strict=True
        )
        address, number = values.Read(values.address), values.Read(values.count)
        domain, aligned = values.Read(values.domain), values.Read(values.word(ALIGNED))
        disposed = values.Read(values.word(DISPOSITIONS))
        signatures, senders, overrides = values.Read(_signatures), values.Read(_senders), values.Read(_overrides)
        columns = Columns(
            source_ip=[address[one] for one in source_ip],
            count=[number[one] for one in count],
            disposition=[disposed[one] for one in disposition],
            dkim=[aligned[one] for one in dkim],
            spf=[aligned[one] for one in spf],
            header_from=[domain[one] for one in header_from],
            envelope_from=[domain[one] for one in envelope_from],
            envelope_to=[domain[one] for one in envelope_to],
            auth_dkim=[signatures[one] for one in self.dkim],
            auth_spf=[senders[one] for one in self.spf],
            reasons=[overrides[one] for one in self.reasons],
            extensions=self.extensions,
        )
        self.empty()
        return columns


_DKIM, _SPF, _SCOPE = values.word(DKIM_WORDS), values.word(SPF_WORDS), values.word(SCOPES)


def _signatures(written: tuple[Picked, ...]) -> tuple[DkimAuth, ...]:
    result: Any = _DKIM
    return tuple(
        DkimAuth(values.domain(domain), values.label(selector), result(said), values.text(human))
        for domain, selector, said, human in written
    )


def _senders(written: tuple[Picked, ...]) -> tuple[SpfAuth, ...]:
    result: Any = _SPF
    scope: Any = _SCOPE
    return tuple(
        SpfAuth(values.domain(domain), scope(where), result(said), values.text(human))
        for domain, where, said, human in written
    )


def _overrides(written: tuple[Picked, ...]) -> tuple[OverrideReason, ...]:
    found = (OverrideReason(values.label(kind), values.text(comment)) for kind, comment in written)
    return tuple(reason for reason in found if reason.type or reason.comment)
