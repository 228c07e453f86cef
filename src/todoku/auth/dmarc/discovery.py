"""Which DMARC record applies, and where an organization ends: the DNS tree walk of RFC 9989 section 4.10.

A walk is computed from answers that are already there; asking is ``evaluate.py``'s. A name that could not be looked at
leaves several organizational domains *possible*: what follows from all of them is known, the rest is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import product

import msgspec

from todoku.auth.ask import Answer
from todoku.auth.dmarc.record import MAX_RECORD, DmarcRecord, is_too_long, read_record

MAX_DARK = 3  # names that stayed dark whose possible records are gone through; ours: four worlds each
MAX_LABELS = 7  # of every name after the first: RFC 9989 4.10 step 4, so that a walk takes at most 8 queries


class Node(msgspec.Struct, frozen=True):
    """What stands at one ``_dmarc`` name. ``record`` is the only DMARC record there; of several none counts."""

    domain: str
    record: DmarcRecord | None = None
    several: bool = False
    failed: bool = False


class Walk(msgspec.Struct, frozen=True):
    """A tree walk from ``domain``: the names visited, longest first, and every organizational domain that is possible."""

    domain: str
    visited: tuple[Node, ...]
    possible: tuple[str, ...]  # exactly one unless a name on the way could not be looked at

    @property
    def organizational_domain(self) -> str:
        """The organizational domain, or "" where it could not be found out."""
        return self.possible[0] if len(self.possible) == 1 else ""


@lru_cache(maxsize=4096)
def walk_names(domain: str) -> tuple[str, ...]:
    """The domains whose ``_dmarc`` names a tree walk asks for, at most 8, in their order."""
    labels = domain.split(".")
    counts = range(min(len(labels) - 1, MAX_LABELS), 0, -1)  # RFC 9989 4.10 steps 3, 4 and 7
    return (domain, *(".".join(labels[-count:]) for count in counts))


def bounded(answer: Answer) -> Answer:
    """The answer; or, where a DMARC record in it is longer than we read, that this is why we could not look."""
    longest = max((len(text) for text in answer.records if is_too_long(text)), default=0)
    if not longest:
        return answer
    return Answer(
        answer.question,
        status="limit",
        detail=f"a DMARC record of {longest:,} characters: at most {MAX_RECORD:,} are read",
    )


def read_node(domain: str, answer: Answer) -> Node:
    """The DMARC record in an answer, if there is exactly one."""
    if answer.failed:
        return Node(domain, failed=True)
    # RFC 9989 4.10 steps 2 and 6: what does not start with the version is discarded, and of several records all are
    records = [record for text in answer.records if (record := read_record(text, domain))]
    return Node(domain, records[0] if len(records) == 1 else None, several=len(records) > 1)


def walk(domain: str, nodes: Mapping[str, Node]) -> Walk:
    """The tree walk from ``domain`` over names that were looked at."""
    visited = []
    for name in walk_names(domain):
        node = nodes[name]
        visited.append(node)
        if node.record is not None and node.record.psd != "u":  # RFC 9989 4.10 steps 2 and 6
            break
    selected = _select(domain, visited)
    failed = [node.domain for node in visited if node.failed]
    possible = (selected, *failed, *(_one_below(domain, name) for name in failed))
    return Walk(domain, tuple(visited), tuple(dict.fromkeys(possible)))


def _select(domain: str, visited: list[Node]) -> str:
    """The organizational domain by the records that a walk found: RFC 9989 section 4.10.2."""
    found = [node.record for node in visited if node.record is not None]
    for record in found:
        if record.psd == "n":  # 4.10.2 step 1
            return record.domain
        if record.psd == "y" and record.domain != domain:  # 4.10.2 step 2
            return _one_below(domain, record.domain)
    return found[-1].domain if found else domain  # 4.10.2 step 3, else the initial target


def _one_below(domain: str, ancestor: str) -> str:
    """The name one label below ``ancestor`` on the way to ``domain``."""
    return ".".join(domain.split(".")[-ancestor.count(".") - 2 :])


def related(one: Walk, other: Walk, nodes: Mapping[str, Node]) -> bool | None:
    """Whether two names have the same organizational domain; None where that rests on what stands at a name that stayed dark.

    Both walks may lead over that name: whatever stands there, it is the same for both.
    """
    dark = dict.fromkeys(node.domain for walked in (one, other) for node in walked.visited if node.failed)
    if not dark:
        return one.possible == other.possible
    if len(dark) > MAX_DARK:
        return None if set(one.possible) & set(other.possible) else False
    same = {walk(one.domain, world).possible == walk(other.domain, world).possible for world in _worlds(nodes, [*dark])}
    return same.pop() if len(same) == 1 else None


def _worlds(nodes: Mapping[str, Node], dark: list[str]) -> Iterator[Mapping[str, Node]]:
    """What was seen, with everything that the dark names may hold: no record, or one with each value of psd."""
    for held in product((None, "u", "y", "n"), repeat=len(dark)):
        records = (
            read_record(f"v=DMARC1; p=none; psd={psd}", name) for name, psd in zip(dark, held, strict=True) if psd
        )
        found = {record.domain: record for record in records if record}
        yield {**nodes, **{name: Node(name, found.get(name)) for name in dark}}


def applicable(walked: Walk) -> DmarcRecord | None:
    """The record to apply to mail of the domain that was walked from: RFC 9989 section 4.10.1."""
    author = walked.visited[0].record
    if author is not None:
        return author
    found = {node.domain: node.record for node in walked.visited if node.record is not None}
    if (own := found.get(walked.organizational_domain)) is not None:
        return own
    return next((record for record in found.values() if record.psd == "y"), None)  # the public suffix domain's
