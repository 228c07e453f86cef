"""SPF beside pyspf, another implementation of RFC 7208, on generated records and zones: every difference is explained."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from todoku.auth.spf import SpfResult, check_host
from todoku.net.dns.zone import Zone
from todoku.net.drivers import run

spf = pytest.importorskip("spf", reason="pyspf is not installed: nothing to compare SPF with")

COUNT = 3_000
NAMES = [f"n{number}.example" for number in range(8)]
ADDRESSES = ["192.0.2.1", "192.0.2.77", "198.51.100.9", "203.0.113.200"]
QUALIFIERS = ["", "", "+", "-", "~", "?"]
Rows = dict[str, list[tuple[str, object]]]


def term(random: Random) -> str:
    name = random.choice(NAMES)
    mechanism = random.choice(
        [
            "all", "a", "mx", f"a:{name}", f"mx:{name}", f"a:{name}/24", f"include:{name}", f"include:{name}", f"exists:{name}",
            f"exists:%{{ir}}.{name}", f"exists:%{{l}}.{name}", "ip4:192.0.2.0/25", "ip4:198.51.100.9", "ip4:203.0.113.0/24",
            "ip4:300.1.1.1", "ip4:192.0.2.0/33", "ip6:2001:db8::/32", "ptr", f"ptr:{name}", "foo:bar", "a:", "include:",
            f"a:{name}//64", "mx/16",
        ]
    )  # fmt: skip
    return random.choice(QUALIFIERS) + mechanism


def record(random: Random) -> str:
    terms = [term(random) for _ in range(random.randint(0, 5))]
    if random.random() < 0.3:
        terms.append(f"redirect={random.choice(NAMES)}")
    if random.random() < 0.1:
        terms.append("x-unknown=%{d}")
    if random.random() < 0.6:
        terms.append(random.choice(["-all", "~all", "?all", "all"]))
    if random.random() < 0.2:
        random.shuffle(terms)
    return " ".join([random.choice(["v=spf1"] * 20 + ["V=SPF1", "v=spf10"]), *terms])


def zone(random: Random) -> Rows:
    rows: Rows = {}
    for name in NAMES:
        rows[name] = []  # no record twice: RFC 2181 5
        for _ in range(random.choice([1, 1, 1, 1, 0, 2])):
            rows[name].append(("TXT", record(random)))
        for _ in range(random.choice([0, 1, 2])):
            rows[name].append(("A", random.choice(ADDRESSES)))
        for preference in range(random.choice([0, 0, 1, 2])):
            rows[name].append(("MX", (preference, random.choice(NAMES))))
    rows["1.2.0.192.in-addr.arpa"] = [("PTR", random.choice(NAMES))]
    return {name: list(dict.fromkeys(found)) for name, found in rows.items()}


def ours(rows: Rows, ip: str) -> SpfResult:
    return run(check_host(ip, NAMES[0], f"user@{NAMES[0]}", helo="helo.example"), Zone.from_dict(rows))


def theirs(rows: Rows, ip: str, monkeypatch: pytest.MonkeyPatch) -> str:
    def look(name: str, rdtype: str, *_: object, **__: object) -> list[object]:
        found = rows.get(name.rstrip(".").lower(), [])
        return [
            ((name, rdtype), (value.encode(),) if rdtype == "TXT" else value) for kind, value in found if kind == rdtype
        ]

    monkeypatch.setattr(spf, "DNSLookup", look)
    return spf.query(i=ip, s=f"user@{NAMES[0]}", h="helo.example").check()[0]


def explanation(mine: SpfResult, other: str, rows: Rows) -> str:
    """Why the two may differ, or "": the table in docs/differences.md."""
    read = {node.domain: node.record for node in mine.nodes}
    if other == "permerror" and any(
        f"include:{domain}" in (term.lstrip("+-~?") for term in text.split()) for domain, text in read.items()
    ):
        return "includes itself"
    asked_ptr = [term for text in read.values() for term in text.split() if term.lstrip("+-~?").startswith("ptr")]
    voids = sum(answer.status in ("nxdomain", "nodata") for answer in mine.answers)
    if other == "permerror" and asked_ptr and mine.voids <= 2 < voids + len(asked_ptr):
        return "PTR look-ups count as void"
    if other == "permerror" and mine.term.lstrip("+-~?").startswith("mx") and mine.voids <= 2 < voids:
        return "an exchange behind the match"
    return ""


def test_differences_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(7208)
    seen: Counter[str] = Counter()
    for _ in range(COUNT):
        rows, ip = zone(random), random.choice(ADDRESSES)
        mine, other = ours(rows, ip), theirs(rows, ip, monkeypatch)
        if mine.result == other:
            seen["agree"] += 1
            continue
        why = explanation(mine, other, rows)
        assert why, (mine.result, other, mine.cause, mine.term, mine.voids, rows[NAMES[0]], ip)
        seen[why] += 1
    assert seen["agree"] > COUNT * 0.98
    assert seen["includes itself"]
    assert seen["PTR look-ups count as void"]


def test_an_exchange_behind_the_one_that_matches_is_no_void_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    record = "v=spf1 exists:x.example exists:y.example mx -all"
    rows: Rows = {
        NAMES[0]: [("TXT", record), ("MX", (10, "a.example")), ("MX", (20, "b.example"))],
        "a.example": [("A", "192.0.2.1")],
    }
    mine, other = ours(rows, "192.0.2.1"), theirs(rows, "192.0.2.1", monkeypatch)
    assert (mine.result, other) == ("pass", "permerror")
    assert explanation(mine, other, rows) == "an exchange behind the match"
