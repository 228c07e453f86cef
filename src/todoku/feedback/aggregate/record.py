"""The values of records, from their elements or from what they say verbatim."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any

from lxml.etree import _Element as Element

from todoku.feedback import values
from todoku.feedback.aggregate.report import (
    ALIGNED,
    DISPOSITIONS,
    DKIM_WORDS,
    SCOPES,
    SPF_WORDS,
    DkimAuth,
    Extension,
    OverrideReason,
    SpfAuth,
)
from todoku.feedback.aggregate.shape import MAX_EXTENSIONS, Picked, Plan, plan_of
from todoku.feedback.aggregate.tree import Elements, Stretch, local_name, namespace_of
from todoku.feedback.aggregate.verbatim import KNOWN

Written = tuple[str | None, str | None, tuple[Any, ...]]
"""Address and count as they are written, and the values of the other fields of ``Record``."""


class Records:
    """Some records, as they are written."""

    def __init__(self, written: Sequence[Written] = ()) -> None:
        """Start with these."""
        self._written = [*written]

    def __len__(self) -> int:
        """How many there are."""
        return len(self._written)

    def take(self, stretch: Stretch) -> None:
        """Take these records as well. Raises ``Refusal``."""
        if not stretch.verbatim:
            self._written += map(_read, stretch.records)
            return
        known = KNOWN.get
        for record, (address, count, octets) in zip(stretch.records, stretch.verbatim, strict=True):
            others = known(octets)
            if others is None:
                _, _, others = _read(record)
                KNOWN.keep(octets, others)
            self._written.append((address.decode(), count.decode(), others))

    def columns(self) -> list[Sequence[Any]]:
        """The columns in the order of the fields of ``Record``; there is at least one record. Raises ``Refusal``."""
        addresses, counts, others = zip(*self._written, strict=True)
        return [list(map(values.address, addresses)), [_COUNT[one] for one in counts], *zip(*others, strict=True)]


def _read(record: Element) -> Written:
    elements = list(record.iter())
    plan = plan_of(elements)
    texts = [*map(_TEXT, elements), None]
    address, count, disposition, dkim, spf, header_from, envelope_from, envelope_to = plan.scalars(texts)
    others = (
        _DISPOSITION[disposition],
        _ALIGNED[dkim],
        _ALIGNED[spf],
        _DOMAIN[header_from],
        _DOMAIN[envelope_from],
        _DOMAIN[envelope_to],
        _SIGNATURES[plan.dkim(texts)],
        _SENDERS[plan.spf(texts)],
        _OVERRIDES[plan.reasons(texts)],
        _of_record(elements, plan) if plan.extensions else (),
    )
    return address, count, others


def _of_record(elements: Elements, plan: Plan) -> tuple[Extension, ...]:
    return tuple([found for place in plan.extensions for found in extensions(elements[place])][:MAX_EXTENSIONS])


def _by(size: int, written: Picked) -> Iterator[Picked]:
    """The fields of each element of a group."""
    return zip(*[iter(written)] * size, strict=True)


_DKIM, _SPF, _SCOPE = values.word(DKIM_WORDS), values.word(SPF_WORDS), values.word(SCOPES)


def _signatures(written: Picked) -> tuple[DkimAuth, ...]:
    result: Any = _DKIM
    return tuple(
        DkimAuth(values.domain(domain), values.label(selector), result(said), values.text(human))
        for domain, selector, said, human in _by(4, written)
    )


def _senders(written: Picked) -> tuple[SpfAuth, ...]:
    result: Any = _SPF
    scope: Any = _SCOPE
    return tuple(
        SpfAuth(values.domain(domain), scope(where), result(said), values.text(human))
        for domain, where, said, human in _by(4, written)
    )


def _overrides(written: Picked) -> tuple[OverrideReason, ...]:
    found = (OverrideReason(values.label(kind), values.text(comment)) for kind, comment in _by(2, written))
    return tuple(reason for reason in found if reason.type or reason.comment)


def extensions(element: Element) -> list[Extension]:
    """Those that an element is or holds: RFC 9990 section 5, and its drafts, which named them in attributes."""
    if element.get("name") is not None:
        return [Extension(values.text(element.get("name")), values.text(element.get("definition")))]
    if local_name(element) in EXTENSIONS:
        return [found for child in element[:MAX_EXTENSIONS] for found in extensions(child)]
    return [Extension(values.text(local_name(element)), values.text(namespace_of(element)))]


EXTENSIONS = ("extension", "extensions")
_TEXT = attrgetter("text")
_COUNT, _DOMAIN = values.Memo(values.count), values.Memo(values.domain)
_DISPOSITION, _ALIGNED = values.Memo(values.word(DISPOSITIONS)), values.Memo(values.word(ALIGNED))
_SIGNATURES, _SENDERS, _OVERRIDES = values.Memo(_signatures), values.Memo(_senders), values.Memo(_overrides)
