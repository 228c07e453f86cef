"""Who passes by an SPF record: so many addresses that anyone can find one among them to send from?

RFC 7208 section 4.6.2 goes through a record with one address. Here the same is done with all of them at once, as ranges: a
directive decides those that none before it has decided, an include those that pass by its own record (section 5.2). Nothing is
asked: the answers are those of ``tree.py``, which follows every term that can be followed without a sender. What depends on
the sender (``ptr``, ``exists`` with macros, the addresses of MX hosts) is left out, so that a record is never called open for it.

**When it is open.** Where more IPv4 addresses pass than a /8 has, or more of IPv6 than a /19. A /8 (16.7 million) is a 220th of
all that can be routed: whoever rents servers gets an address of it sooner or later. The largest senders are far below: all of
Microsoft 365, Google Workspace and Amazon SES together let less than two million pass, a tenth of a /8; only a few owners of a
whole /8 could list it with reason, and none of them sends from all of it. A /19 is the largest block of IPv6 that a registry has
given to one network. Addresses that nobody can send from over the Internet (10.0.0.0/8, which many records name by mistake)
do not count.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Network

import msgspec

from todoku.auth.ask import Answer, Question, exchanges
from todoku.auth.spf import record
from todoku.auth.spf.check import MAX_LOOKUPS
from todoku.auth.spf.record import Directive, Record
from todoku.auth.spf.tree import SpfTree, asked_name
from todoku.mail.host_address import host_address

OPEN_IPV4 = 1 << (32 - 8)
OPEN_IPV6 = 1 << (128 - 19)
UNROUTED_IPV4 = tuple(
    map(
        IPv4Network,
        ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3"),
    )
)  # fmt: skip
"""IANA's special-purpose registry (RFC 6890) and what is not unicast: nobody sends from these over the Internet."""
ROUTED_IPV6 = IPv6Network("2000::/3")  # RFC 4291 2.4, as IANA hands it out
LAST = {4: (1 << 32) - 1, 6: (1 << 128) - 1}

Range = tuple[int, int, int]
"""IP version, first and last address."""
Place = tuple[str, str, tuple[str, ...]]
"""A domain, a term of its record, and the terms that lead there."""


class Opening(msgspec.Struct, frozen=True):
    """A term and the addresses that pass by it. ``via`` are the terms that lead to its record, from the first one down."""

    term: str
    domain: str  # whose record holds it
    via: tuple[str, ...]
    ranges: tuple[Range, ...]  # no two of a reach overlap

    @property
    def ipv4(self) -> int:
        """How many of IPv4."""
        return sum(last - first + 1 for version, first, last in self.ranges if version == 4)

    @property
    def ipv6(self) -> int:
        """How many of IPv6."""
        return sum(last - first + 1 for version, first, last in self.ranges if version == 6)

    @property
    def share(self) -> float:
        """How much of what makes a record open this alone is."""
        return max(self.ipv4 / OPEN_IPV4, self.ipv6 / OPEN_IPV6)


class SpfReach(msgspec.Struct, frozen=True):
    """How many addresses pass by the record of a domain, and by which terms, the widest first.

    ``unseen``: DNS gave no answer about a record; what stands there and after it is not counted.
    """

    domain: str
    openings: tuple[Opening, ...] = ()
    unseen: bool = False

    @property
    def ipv4(self) -> int:
        """IPv4 addresses that pass."""
        return sum(one.ipv4 for one in self.openings)

    @property
    def ipv6(self) -> int:
        """IPv6 addresses that pass."""
        return sum(one.ipv6 for one in self.openings)

    @property
    def is_open(self) -> bool:
        """Whether anyone finds an address that passes."""
        return self.ipv4 >= OPEN_IPV4 or self.ipv6 >= OPEN_IPV6


def spf_reach(tree: SpfTree) -> SpfReach:
    """Who passes by the record of the tree's domain."""
    return reach(tree.domain, tree.answers)


def reach(domain: str, answers: Iterable[Answer]) -> SpfReach:
    """Who passes by the record of ``domain``, read from these answers. What they do not hold matches nothing."""
    walk = _Walk({one.question: one for one in answers})
    found: dict[Place, list[Range]] = {}
    for one, place in walk.passing(domain, ()):
        found.setdefault(place, []).append(one)
    openings = (Opening(term, name, via, tuple(ranges)) for (name, term, via), ranges in found.items())
    return SpfReach(domain, tuple(sorted(openings, key=lambda one: -one.share)), walk.unseen)


def covers(own: SpfReach, wanted: SpfReach) -> bool:
    """Whether every address that passes by ``wanted`` passes by ``own`` too; no record covers one by which nobody passes."""
    decided = _Decided()
    for opening in own.openings:
        for one in opening.ranges:
            decided.claim(one)
    asked = [one for opening in wanted.openings for one in opening.ranges]
    return bool(asked) and not any(decided.claim(one) for one in asked)


class _Walk:
    """One evaluation for all addresses at once; an error ends it for all that are not decided yet."""

    def __init__(self, answers: Mapping[Question, Answer]) -> None:
        self.answers = answers
        self.lookups = 0
        self.ended = False
        self.unseen = False

    def passing(self, domain: str, via: tuple[str, ...]) -> list[tuple[Range, Place]]:
        """The ranges that pass by the record of ``domain``, each with the term that lets it."""
        compiled = self._record(domain)
        if compiled is None:
            return []
        decided, found = _Decided(), list[tuple[Range, Place]]()
        for directive in compiled.directives:
            for one, place in self._matching(directive, domain, via):
                new = decided.claim(one)
                if directive.result == "pass":
                    found += [(part, place) for part in new]
            if self.ended:
                return found
        if compiled.redirect is not None:  # RFC 7208 6.1
            self._spend()
            text = compiled.redirect_text
            for one, place in self._below(asked_name(compiled.redirect, domain), (*via, text)):
                found += [(part, place) for part in decided.claim(one)]
        return found

    def _record(self, domain: str) -> Record | None:
        """The record of a domain; None where there is none that can be evaluated, which ends everything."""
        answer = self.answers.get(Question(domain, "TXT"))
        texts = [text for text in answer.records if record.is_spf(text)] if answer is not None else []
        compiled = record.parse(texts[0]) if len(texts) == 1 else None
        self.unseen = self.unseen or (answer is not None and answer.failed and answer.status != "not-recorded")
        if not isinstance(compiled, Record):  # RFC 7208 4.5, 4.6
            self.ended = True
            return None
        return compiled

    def _matching(self, directive: Directive, domain: str, via: tuple[str, ...]) -> Iterator[tuple[Range, Place]]:
        """What a directive matches, whatever its result."""
        place = (domain, directive.text, via)
        if directive.version:  # RFC 7208 5.6
            size = LAST[directive.version] - directive.mask + 1
            yield (directive.version, directive.network, directive.network + size - 1), place
            return
        if directive.mechanism == "all":
            yield from ((one, place) for one in _everything())
            return
        self._spend()
        if self.ended:
            return
        name = asked_name(directive.target, domain)
        if directive.mechanism == "include":  # RFC 7208 5.2
            yield from self._below(name, (*via, directive.text))
            return
        rdtype = "MX" if directive.mechanism == "mx" else "A"
        answer = self.answers.get(Question(name, rdtype))
        if answer is None or directive.mechanism == "ptr":
            return
        self.unseen = self.unseen or (answer.failed and answer.status != "not-recorded")
        yield from ((one, place) for one in _addresses(directive, answer))

    def _below(self, name: str, via: tuple[str, ...]) -> list[tuple[Range, Place]]:
        return [] if self.ended or not name else self.passing(name, via)

    def _spend(self) -> None:
        self.lookups += 1
        self.ended = self.ended or self.lookups > MAX_LOOKUPS  # RFC 7208 4.6.4


def _addresses(directive: Directive, answer: Answer) -> Iterator[Range]:
    """What ``a``, ``mx`` and ``exists`` match in IPv4; the hosts of an MX were not looked up, so that only ``mx/0`` is known."""
    if directive.mechanism == "exists":
        yield from _everything() if answer.records else ()
    elif directive.mechanism == "mx":
        if directive.prefix4 == 0 and exchanges(answer):
            yield 4, 0, LAST[4]
    else:
        mask = record.network_mask(directive.prefix4, 32)
        for text in answer.records:
            address = host_address(text)
            if isinstance(address, IPv4Address):
                first = int(address) & mask
                yield 4, first, first + LAST[4] - mask


def _everything() -> tuple[Range, ...]:
    return ((4, 0, LAST[4]), (6, 0, LAST[6]))


class _Decided:
    """The addresses about which a record has decided, as ranges in order; those that nobody can send from are from the start."""

    def __init__(self) -> None:
        self.spaces: dict[int, tuple[list[int], list[int]]] = {4: ([], []), 6: ([], [])}
        for network in UNROUTED_IPV4:
            self.claim((4, int(network.network_address), int(network.broadcast_address)))
        self.claim((6, 0, int(ROUTED_IPV6.network_address) - 1))
        self.claim((6, int(ROUTED_IPV6.broadcast_address) + 1, LAST[6]))

    def claim(self, wanted: Range) -> list[Range]:
        """The parts of a range that were free; it is decided from now on."""
        version, first, last = wanted
        starts, ends = self.spaces[version]
        low, high = bisect_left(ends, first), bisect_right(starts, last)
        free, at = [], first
        for start, end in zip(starts[low:high], ends[low:high], strict=True):
            if at < start:
                free.append((version, at, start - 1))
            at = end + 1
        if at <= last:
            free.append((version, at, last))
        if low < high:
            first, last = min(first, starts[low]), max(last, ends[high - 1])
        starts[low:high], ends[low:high] = [first], [last]
        return free
