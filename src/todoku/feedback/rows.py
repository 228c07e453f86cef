"""Aggregate reports as rows of Arrow, one for each record: what is stored, and what many reports together are asked.

The only module of the core that imports pyarrow. Columns bear the names of RFC 9990's elements; ``dkim`` and ``spf`` are
those of ``policy_evaluated``, ``auth_dkim`` and ``auth_spf`` those of ``auth_results``.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import chain, repeat

import pyarrow as pa

from todoku.feedback.aggregate.read import Columns, Head
from todoku.feedback.aggregate.report import AggregateReport, report_key

_DKIM = pa.struct({"domain": pa.string(), "selector": pa.string(), "result": pa.string()})
_SPF = pa.struct({"domain": pa.string(), "scope": pa.string(), "result": pa.string()})
_REASON = pa.struct({"type": pa.string(), "comment": pa.string()})
_OF_REPORT = {
    "report_key": pa.string(),
    "org_name": pa.string(),
    "email": pa.string(),
    "report_id": pa.string(),
    "begin": pa.int64(),  # seconds of UTC
    "end": pa.int64(),
    "policy_domain": pa.string(),
    "adkim": pa.string(),
    "aspf": pa.string(),
    "p": pa.string(),
    "sp": pa.string(),
    "np": pa.string(),
    "t": pa.string(),
}
_PLAIN = ("source_ip", "disposition", "dkim", "spf", "header_from", "envelope_from", "envelope_to")
_LISTS = {"auth_dkim": _DKIM, "auth_spf": _SPF, "reasons": _REASON}
_OF_RECORD = (*_PLAIN, "count", *_LISTS)

SCHEMA = pa.schema(
    [
        *_OF_REPORT.items(),
        ("source_ip", pa.string()),
        ("count", pa.int64()),
        *((name, pa.string()) for name in _PLAIN[1:]),
        *((name, pa.list_(kind)) for name, kind in _LISTS.items()),
    ]
)
"""The columns of a row. Columns are added at the end, never renamed or dropped."""


Part = tuple[Head, Columns, str]
"""A part of a report with the key of the report; "" for ``report_key``."""


def rows(*reports: AggregateReport, key: str = "") -> pa.RecordBatch:
    """The records of reports, none of one that was refused. ``key`` is one report's own; without it, ``report_key`` is."""
    return batch([(Head(report.metadata, report.policy), _columns(report), key) for report in reports])


def _columns(report: AggregateReport) -> Columns:
    return Columns(*([getattr(one, name) for one in report.records] for name in Columns.__struct_fields__))


def batch(parts: Sequence[Part]) -> pa.RecordBatch:
    """The rows of parts of streams: one large part, or what many small reports hold, which pays to be made together.

    None of a stream's rows may be kept before it has ended without ``Refused``.
    """
    numbers = [len(columns.count) for _, columns, _ in parts]
    heads = [_of_report(head, key) for head, _, key in parts]
    taken = pa.array(list(chain.from_iterable(map(repeat, range(len(parts)), numbers))), pa.int32())
    arrays = {name: pa.array([head[name] for head in heads], kind).take(taken) for name, kind in _OF_REPORT.items()}
    joined = {name: list(chain.from_iterable(getattr(columns, name) for _, columns, _ in parts)) for name in _OF_RECORD}
    arrays |= {name: pa.array(joined[name], pa.string()) for name in _PLAIN}
    arrays["count"] = pa.array(joined["count"], pa.int64())
    arrays |= {name: _lists(joined[name], kind) for name, kind in _LISTS.items()}
    return pa.RecordBatch.from_arrays([arrays[name] for name in SCHEMA.names], schema=SCHEMA)


def _of_report(head: Head, key: str) -> dict[str, str | int]:
    metadata, policy = head.metadata, head.policy
    return {
        "report_key": key or report_key(metadata, policy),
        "org_name": metadata.org_name,
        "email": metadata.email,
        "report_id": metadata.report_id,
        "begin": metadata.begin,
        "end": metadata.end,
        "policy_domain": policy.domain,
        "adkim": policy.adkim,
        "aspf": policy.aspf,
        "p": policy.p,
        "sp": policy.sp,
        "np": policy.np,
        "t": policy.testing,
    }


def _lists(column: Sequence[tuple[Hashable, ...]], kind: pa.StructType) -> pa.ListArray:
    """A column of lists. Records repeat the same few lists: each distinct one is made once and then taken by its place."""
    places: dict[tuple[Hashable, ...], int] = {}
    taken = [places.setdefault(one, len(places)) for one in column]
    offsets = [0]
    flat: list[Hashable] = []
    for one in places:
        flat += one
        offsets.append(len(flat))
    fields = [pa.array([getattr(one, field.name) for one in flat], field.type) for field in kind]
    distinct = pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()), pa.StructArray.from_arrays(fields, fields=list(kind)), type=pa.list_(kind)
    )
    return distinct.take(pa.array(taken, pa.int64()))
