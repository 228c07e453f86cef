"""Where the values of a record stand among its elements. Records of one receiver look alike, so this is found out once.

A record's shape is its tree without the texts: the names of its elements in document order, and how many children each
has. For each shape the elements are walked once, and the plan says at which places the values are. Every further record of
that shape is read by its places alone, in another report too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter, itemgetter

import msgspec
from lxml.etree import _Element as Element

from todoku.feedback.aggregate.tree import local_name, namespace_of
from todoku.feedback.refusal import REPEATED, Refusal

MAX_SHAPES = 500  # that are remembered ...
MAX_EXTENSIONS = 20
MAX_ELEMENTS = 200  # ... of records that are no larger

# Columns of a record, in the order of ``Columns``: where RFC 9990 section 3.1.1.7 and the ones after it put them.
SCALARS = (
    "row/source_ip",
    "row/count",
    "row/policy_evaluated/disposition",
    "row/policy_evaluated/dkim",
    "row/policy_evaluated/spf",
    "identifiers/header_from",
    "identifiers/envelope_from",
    "identifiers/envelope_to",
)
_COUNTED = frozenset(SCALARS[:5])  # two counts, or two results: nobody could say which one is meant
GROUPS = {
    "auth_results/dkim": ("domain", "selector", "result", "human_result"),
    "auth_results/spf": ("domain", "scope", "result", "human_result"),
    "row/policy_evaluated/reason": ("type", "comment"),
}

Texts = Sequence[str | None]
Picked = tuple[str | None, ...]
Pick = Callable[[Texts], Picked]


class Plan(msgspec.Struct, frozen=True):
    """What to take of the texts of a record's elements, to which one more is added: the None that stands for what is absent.

    ``dkim``, ``spf`` and ``reasons`` take the texts of all elements of their group in a row, the fields of ``GROUPS`` of each.
    """

    scalars: Pick
    dkim: Pick
    spf: Pick
    reasons: Pick
    extensions: tuple[int, ...]  # places of what extensions added to the record


_TAG = attrgetter("tag")
_known: dict[tuple[object, ...], Plan] = {}


def plan_of(elements: Sequence[Element]) -> Plan:
    """Where a record's values stand. ``elements`` are the record and all below it. Raises ``Refusal``."""
    shape = (*map(_TAG, elements), *map(len, elements))
    plan = _known.get(shape)
    if plan is None:
        plan = _plan(elements)
        if len(_known) >= MAX_SHAPES:
            _known.clear()
        if len(elements) <= MAX_ELEMENTS:
            _known[shape] = plan
    return plan


def _plan(elements: Sequence[Element]) -> Plan:
    namespace = namespace_of(elements[0])
    paths: dict[Element, str] = {elements[0]: ""}
    scalars: dict[str, int] = {}
    groups: dict[str, list[Element]] = {name: [] for name in GROUPS}
    places: dict[tuple[Element, str], int] = {}
    extensions = []
    for place, element in enumerate(elements[1:], start=1):
        parent = element.getparent()
        above = paths.get(parent) if parent is not None else None
        name = local_name(element)
        is_foreign = namespace_of(element) != namespace
        if parent is None or above is None:
            continue
        if not above and (is_foreign or name in ("extension", "extensions")):
            extensions.append(place)  # RFC 9990 3.1.1.7: what an extension adds has a namespace of its own
            continue
        if is_foreign:
            continue
        path = f"{above}/{name}" if above else name
        paths[element] = path
        places.setdefault((parent, name), place)
        if path in groups:
            groups[path].append(element)
        elif path in _COUNTED and path in scalars:
            raise Refusal(REPEATED, element=name)
        else:
            scalars.setdefault(path, place)
    picks = {
        path: _pick([places.get((one, name), -1) for one in found for name in GROUPS[path]])
        for path, found in groups.items()
    }
    return Plan(
        scalars=itemgetter(*(scalars.get(path, -1) for path in SCALARS)),
        dkim=picks["auth_results/dkim"],
        spf=picks["auth_results/spf"],
        reasons=picks["row/policy_evaluated/reason"],
        extensions=tuple(extensions[:MAX_EXTENSIONS]),
    )


def _pick(places: Sequence[int]) -> Pick:
    return itemgetter(*places) if places else _nothing


def _nothing(_: Texts) -> Picked:
    return ()
