"""Aggregate reports as rows of Arrow, one for each record: what is stored, and what many reports together are asked.

The only module of the core that imports pyarrow. Columns bear the names of RFC 9990's elements; ``dkim`` and ``spf`` are
those of ``policy_evaluated``, ``auth_dkim`` and ``auth_spf`` those of ``auth_results``. The last columns stand in no report:
they say what the lists come to, so that no question has to read these, and who vouches for the report.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import chain, repeat
from typing import Any, TypeVar

import pyarrow as pa

from todoku.feedback.aggregate import Columns, Head
from todoku.feedback.aggregate.report import AggregateReport, report_key
from todoku.feedback.streams import excepted, naming_signature, network

H = TypeVar("H", bound=Hashable)
Places = tuple[list[int], list[H]]

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

OF_STREAM = {
    "stream_spf": pa.string(),  # the domain that SPF looked at
    "stream_dkim": pa.string(),  # that of the signature that names the stream
    "network": pa.string(),  # "" where either passed
    "overridden": pa.bool_(),  # the receiver gave a reason for not doing what the policy asks
    "excepted": pa.string(),  # a reason of ``EXEMPT``
}
"""What names a row's stream, as ``Stream`` says, and whether its receiver excepted it: no report says it, its lists do."""

SCHEMA = pa.schema(
    [
        *_OF_REPORT.items(),
        ("source_ip", pa.string()),
        ("count", pa.int64()),
        *((name, pa.string()) for name in _PLAIN[1:]),
        *((name, pa.list_(kind)) for name, kind in _LISTS.items()),
        *OF_STREAM.items(),
        (
            "vouched_by",
            pa.string(),
        ),  # the domain that signed the report's mail; "": nobody who is its reporter; null: not known
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
    lists = {name: _places(joined[name]) for name in _LISTS}
    arrays |= {name: _lists(lists[name], kind) for name, kind in _LISTS.items()}
    arrays |= _of_stream(joined, lists)
    arrays["vouched_by"] = pa.nulls(len(taken), pa.string())  # who reads a report cannot know it
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


def _places(column: Iterable[H]) -> Places[H]:
    """Of each value its place among the distinct ones, and these. Records repeat the same few lists."""
    places: dict[H, int] = {}
    return [places.setdefault(one, len(places)) for one in column], list(places)


def _taken(distinct: Sequence[object], places: Sequence[int], kind: pa.DataType) -> pa.Array:
    return pa.array(distinct, kind).take(pa.array(places, pa.int64()))


def _lists(known: Places[Any], kind: pa.StructType) -> pa.ListArray:
    """A column of lists: each distinct one is made once and then taken by its place."""
    places, distinct = known
    offsets = [0]
    flat: list[Hashable] = []
    for one in distinct:
        flat += one
        offsets.append(len(flat))
    fields = [pa.array([getattr(one, field.name) for one in flat], field.type) for field in kind]
    made = pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()), pa.StructArray.from_arrays(fields, fields=list(kind)), type=pa.list_(kind)
    )
    return made.take(pa.array(places, pa.int64()))


def _of_stream(joined: Mapping[str, Sequence[Any]], lists: Mapping[str, Places[Any]]) -> dict[str, pa.Array]:
    """The columns of ``OF_STREAM``: what each distinct list comes to is worked out once."""
    senders, of_spf = lists["auth_spf"]
    reasons, of_reasons = lists["reasons"]
    signed, of_dkim = lists["auth_dkim"]
    signers, pairs = _places(zip(signed, joined["header_from"], strict=True))
    spf = [next(iter(one), None) for one in of_spf]
    dkim = [naming_signature(of_dkim[place], author_domain) for place, author_domain in pairs]
    spf_passed, dkim_passed = ([one is not None and one.result == "pass" for one in some] for some in (spf, dkim))
    networks = [
        "" if aligned == "pass" or spf_passed[sender] or dkim_passed[signer] else network(address)
        for aligned, sender, signer, address in zip(joined["dkim"], senders, signers, joined["source_ip"], strict=True)
    ]
    spf_domains, dkim_domains = (["" if one is None else one.domain for one in some] for some in (spf, dkim))
    return {
        "stream_spf": _taken(spf_domains, senders, pa.string()),
        "stream_dkim": _taken(dkim_domains, signers, pa.string()),
        "network": pa.array(networks, pa.string()),
        "overridden": _taken([bool(one) for one in of_reasons], reasons, pa.bool_()),
        "excepted": _taken([excepted(one) for one in of_reasons], reasons, pa.string()),
    }
