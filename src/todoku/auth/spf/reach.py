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
MAX_RECORDS = 100  # that are evaluated: eleven come to one address, and a record may lead others elsewhere
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

    ``unseen``: DNS gave no answer about a record, or they branch too often; what stands there and after it is not counted.
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
    for _, one, place in walk.evaluate(domain, (), {0: _AddressSet(_routed())}).passing:
        found.setdefault(place, []).append(one)
    openings = (Opening(term, name, via, tuple(ranges)) for (name, term, via), ranges in found.items())
    return SpfReach(domain, tuple(sorted(openings, key=lambda one: -one.share)), walk.unseen)


def covers(own: SpfReach, wanted: SpfReach) -> bool:
    """Whether every address that passes by ``wanted`` passes by ``own`` too; no record covers one by which nobody passes."""
    others = _AddressSet(_routed())
    for opening in own.openings:
        for one in opening.ranges:
            others.take(one)
    asked = [one for opening in wanted.openings for one in opening.ranges]
    return bool(asked) and not any(others.take(one) for one in asked)


class _Outcome(msgspec.Struct, frozen=True):
    """What a record says of the addresses that came to it, each with the look-ups that it took; of the others it is an error."""

    passing: list[tuple[int, Range, Place]]
    others: list[tuple[int, Range]]


class _Walk:
    """One evaluation for all addresses at once, kept apart by the look-ups that they took.

    The eleventh is an error for those alone that come so far, and so is a record that cannot be evaluated.
    """

    def __init__(self, answers: Mapping[Question, Answer]) -> None:
        self.answers = answers
        self.records = 0
        self.unseen = False

    def evaluate(self, domain: str, via: tuple[str, ...], coming: dict[int, _AddressSet]) -> _Outcome:
        """What the record of ``domain`` says of the addresses that come to it, by their look-ups so far."""
        outcome = _Outcome([], [])
        compiled = self._record(domain) if coming else None
        if compiled is None:
            return outcome
        for directive in compiled.directives:
            matching, coming = self._match(directive, domain, via, coming)
            if directive.result == "pass":
                outcome.passing.extend(matching)
            else:
                outcome.others.extend((spent, one) for spent, one, _ in matching)
        if compiled.redirect is not None:  # RFC 7208 6.1
            coming = _one_more(coming)
            if name := asked_name(compiled.redirect, domain):
                below = self.evaluate(name, (*via, compiled.redirect_text), coming)
                return _Outcome(outcome.passing + below.passing, outcome.others + below.others)
        outcome.others.extend((spent, one) for spent, left in coming.items() for one in left)
        return outcome

    def _record(self, domain: str) -> Record | None:
        """The record of a domain; None where there is none that can be evaluated."""
        self.records += 1
        if self.records > MAX_RECORDS:
            self.unseen = True
            return None
        answer = self.answers.get(Question(domain, "TXT"))
        texts = [text for text in answer.records if record.is_spf(text)] if answer is not None else []
        compiled = record.parse(texts[0]) if len(texts) == 1 else None
        self.unseen = self.unseen or (answer is not None and answer.failed and answer.status != "not-recorded")
        return compiled if isinstance(compiled, Record) else None  # RFC 7208 4.5, 4.6

    def _match(
        self, directive: Directive, domain: str, via: tuple[str, ...], coming: dict[int, _AddressSet]
    ) -> tuple[list[tuple[int, Range, Place]], dict[int, _AddressSet]]:
        """What a directive matches, whatever its result, and what comes to the next one."""
        place = (domain, directive.text, via)
        if directive.version:  # RFC 7208 5.6
            size = LAST[directive.version] - directive.mask + 1
            matched: Iterable[Range] = ((directive.version, directive.network, directive.network + size - 1),)
        elif directive.mechanism == "all":
            matched = _everything()
        else:
            coming = _one_more(coming)
            name = asked_name(directive.target, domain)
            if directive.mechanism == "include" and name:  # RFC 7208 5.2
                below = self.evaluate(name, (*via, directive.text), coming)
                return below.passing, _by_lookups(below.others)
            matched = self._hosts(directive, name) if coming else ()
        found = [
            (spent, part, place)
            for one in matched
            for spent, addresses in coming.items()
            for part in addresses.take(one)
        ]
        return found, coming

    def _hosts(self, directive: Directive, name: str) -> Iterable[Range]:
        """The addresses of ``a``, ``mx`` and ``exists``; of a name that depends on the sender none."""
        answer = self.answers.get(Question(name, "MX" if directive.mechanism == "mx" else "A"))
        if answer is None or directive.mechanism in ("ptr", "include"):
            return ()
        self.unseen = self.unseen or (answer.failed and answer.status != "not-recorded")
        return _addresses(directive, answer)


def _one_more(coming: dict[int, _AddressSet]) -> dict[int, _AddressSet]:
    """The same after one more look-up, if any come to it, without those for whom it is one too many."""
    return {spent + 1: left for spent, left in coming.items() if left and spent < MAX_LOOKUPS}  # RFC 7208 4.6.4


def _by_lookups(ranges: Iterable[tuple[int, Range]]) -> dict[int, _AddressSet]:
    found: dict[int, list[Range]] = {}
    for spent, one in ranges:
        found.setdefault(spent, []).append(one)
    return {spent: _AddressSet(parts) for spent, parts in found.items()}


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


def _routed() -> Iterator[Range]:
    """The addresses that somebody can send from."""
    at = 0
    for network in UNROUTED_IPV4:
        if at < int(network.network_address):
            yield 4, at, int(network.network_address) - 1
        at = int(network.broadcast_address) + 1
    yield 6, int(ROUTED_IPV6.network_address), int(ROUTED_IPV6.broadcast_address)


class _AddressSet:
    """A set of addresses, as ranges in order that neither overlap nor touch."""

    def __init__(self, ranges: Iterable[Range]) -> None:
        """Of ranges that do not overlap."""
        self.spaces: dict[int, tuple[list[int], list[int]]] = {4: ([], []), 6: ([], [])}
        for version, first, last in sorted(ranges):
            starts, ends = self.spaces[version]
            if ends and ends[-1] == first - 1:
                ends[-1] = last
            else:
                starts.append(first)
                ends.append(last)

    def __bool__(self) -> bool:
        return any(starts for starts, _ in self.spaces.values())

    def __iter__(self) -> Iterator[Range]:
        for version, (starts, ends) in self.spaces.items():
            yield from ((version, first, last) for first, last in zip(starts, ends, strict=True))

    def take(self, wanted: Range) -> list[Range]:
        """The parts of a range that are in the set; they are taken out of it."""
        version, first, last = wanted
        starts, ends = self.spaces[version]
        low, high = bisect_left(ends, first), bisect_right(starts, last)
        if low >= high:
            return []
        pairs = [*zip(starts[low:high], ends[low:high], strict=True)]
        before, after = pairs[0][0], pairs[-1][1]
        left = [(before, first - 1)] if before < first else []
        left += [(last + 1, after)] if last < after else []
        starts[low:high], ends[low:high] = [one for one, _ in left], [one for _, one in left]
        return [(version, max(start, first), min(end, last)) for start, end in pairs]
