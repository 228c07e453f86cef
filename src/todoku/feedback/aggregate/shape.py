"""Where the values of a record stand among its elements. Records of one receiver look alike, so this is found out once.

A record's shape is its tree without the texts: the names of its elements in document order, and how many children each
has. For each shape the elements are walked once, and the plan says at which places the values are; every further record of
that shape, in this report or another, is read by its places alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter

import msgspec
from lxml import etree
from lxml.etree import _Element as Element

from todoku.feedback.refusal import REPEATED, Refusal

MAX_SHAPES = 1_000  # that are remembered ...
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
_GROUPS = {
    "auth_results/dkim": ("domain", "selector", "result", "human_result"),
    "auth_results/spf": ("domain", "scope", "result", "human_result"),
    "row/policy_evaluated/reason": ("type", "comment"),
}

Texts = Sequence[str | None]
Picked = tuple[str | None, ...]
Pick = Callable[[Texts], Picked]


class Plan(msgspec.Struct, frozen=True):
    """What to take of the texts of a record's elements, to which one more is added: the None that stands for what is absent."""

    scalars: Pick
    dkim: tuple[Pick, ...]
    spf: tuple[Pick, ...]
    reasons: tuple[Pick, ...]
    extensions: tuple[int, ...]  # places of elements called ``extension``: they have attributes


_plans: dict[tuple[object, ...], Plan] = {}


def plan_of(elements: Sequence[Element]) -> Plan:
    """Where a record's values stand. ``elements`` are the record and all below it. Raises ``Refusal``."""
    shape = (*[element.tag for element in elements], *map(len, elements))
    found = _plans.get(shape)
    if found is None:
        if len(_plans) == MAX_SHAPES:
            _plans.clear()
        found = _plan(elements)
        if len(elements) <= MAX_ELEMENTS:
            _plans[shape] = found
    return found


def _plan(elements: Sequence[Element]) -> Plan:
    namespace = etree.QName(elements[0]).namespace
    paths: dict[Element, str] = {elements[0]: ""}
    scalars: dict[str, int] = {}
    groups: dict[str, list[Element]] = {name: [] for name in _GROUPS}
    places: dict[tuple[Element, str], int] = {}
    extensions = []
    for place, element in enumerate(elements[1:], start=1):
        parent = element.getparent()
        above = paths.get(parent) if parent is not None else None
        name = etree.QName(element)
        if parent is None or above is None or name.namespace != namespace:
            continue  # RFC 9990 3.1.1.7: what an extension adds has a namespace of its own
        path = f"{above}/{name.localname}" if above else name.localname
        paths[element] = path
        places.setdefault((parent, name.localname), place)
        if path in groups:
            groups[path].append(element)
        elif path == "extension":
            extensions.append(place)
        elif path in _COUNTED and path in scalars:
            raise Refusal(REPEATED, element=name.localname)
        else:
            scalars.setdefault(path, place)
    picks = {
        path: tuple(itemgetter(*(places.get((one, name), -1) for name in _GROUPS[path])) for one in found)
        for path, found in groups.items()
    }
    return Plan(
        scalars=itemgetter(*(scalars.get(path, -1) for path in SCALARS)),
        dkim=picks["auth_results/dkim"],
        spf=picks["auth_results/spf"],
        reasons=picks["row/policy_evaluated/reason"],
        extensions=tuple(extensions),
    )
