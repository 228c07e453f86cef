"""The domains of the benchmark: of each todoku says what is true of it, over a real name server, however many processes look."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from domain_zone import KINDS, Truth, domain
from domains import by_todoku, knot, mistaken, names

COUNT = 2 * KINDS


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A name server that has the domains."""
    if not (shutil.which("knotd") or Path("/usr/sbin/knotd").exists()):
        pytest.skip("Knot is not installed (tests/debian.txt)")
    with knot(tmp_path_factory.mktemp("knot"), COUNT) as running:
        yield running


@pytest.mark.parametrize("workers", [1, 2])
def test_of_each_domain_what_is_true(port, workers):
    found, note = by_todoku(names(COUNT), port, workers)
    assert mistaken(found, names(COUNT)) == []
    assert "0 unanswered" in note


def test_a_mistake_is_seen():
    truths = [domain(number).truth for number in range(KINDS)]
    assert mistaken(truths, names(KINDS)) == []
    for index in range(KINDS):
        spf, lookups, policy, hosts = truths[index]
        for wrong in (
            Truth(not spf, lookups, policy, hosts),
            Truth(spf, lookups + 1, policy, hosts),
            Truth(spf, lookups, f"{policy}x", hosts),
            Truth(spf, lookups, policy, (*hosts, "mx.example")),
        ):
            assert len(mistaken([*truths[:index], wrong, *truths[index + 1 :]], names(KINDS))) == 1


def test_every_kind_differs_from_one_in_order():
    ordinary = {number for number in range(KINDS) if domain(number).truth[:3] == (True, 1, "reject")}
    assert 0 < len(ordinary) < KINDS / 2 + 1
