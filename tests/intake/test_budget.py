"""What a file or message may cost: a small one that holds very many rows is set aside, and delays no other."""

from __future__ import annotations

import gzip
import json
from itertools import chain, repeat

import pytest

from mint_reports import aggregate, mailed, zipped
from reports import TLS
from store_bench import Bench
from todoku.intake import budget
from todoku.intake.budget import MAX_SECONDS
from todoku.intake.parse import Parsed, Request, read

NOW = 1_795_500_000_000_000


def alike(number: int, records: int) -> bytes:
    """A report of the same record again and again."""
    report = aggregate(number, records=1)
    begin, end = report.index(b"<record>"), report.index(b"</feedback>")
    return report[:begin] + report[begin:end] * records + report[end:]


def tags(parsed: Parsed) -> list[str]:
    return [*("read" for _ in parsed.found), *(one.reason for one in parsed.troubles)]


def test_dense_reports_are_set_aside_and_delay_no_other(bench: Bench) -> None:
    """Mails of some 4 kB that hold 200,000 rows each."""
    dense = [mailed(gzip.compress(alike(number, 200_000), mtime=0), number) for number in range(5)]
    assert max(map(len, dense)) < 5_000
    done = bench.ingest(*dense, *(mailed(aggregate(number), number) for number in range(5, 10)))
    assert (done.reports, done.rows, done.quarantined) == (5, 10, 5)
    assert [(one.reason, one.items) for one in bench.status().aside] == [("report-rows", 5)]
    assert bench.totals().messages == 10


@pytest.mark.parametrize(("beyond", "why"), [(-1, "read"), (0, "read"), (1, "report-rows")])
def test_rows(monkeypatch: pytest.MonkeyPatch, beyond: int, why: str) -> None:
    """Each at n-1, n and n+1, of one report and of several together."""
    for raw, rows in ((mailed(alike(1, 5_000)), 5_000), (zipped(alike(1, 3_000), alike(2, 2_000)), 5_000)):
        monkeypatch.setattr(budget, "MIN_ROWS", rows - len(raw) - beyond)
        assert tags(read([Request(NOW, raw)]).parsed[0])[-1] == why


def test_rows_of_a_tls_report(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = {"policy": {"policy-type": "sts", "policy-domain": "example.com"}, "summary": {}}
    raw = gzip.compress(json.dumps({**TLS, "policies": [policy] * 5_000}).encode())
    for limit, why in ((5_000, "read"), (4_999, "report-rows")):
        monkeypatch.setattr(budget, "MIN_ROWS", limit - len(raw))
        assert tags(read([Request(NOW, raw)]).parsed[0]) == [why]


def test_time_of_the_processor() -> None:
    """It is counted for each file by itself; what was read of it before counts."""
    three = zipped(aggregate(1), aggregate(2), aggregate(3))
    times = chain((0, 1, 2, 3, MAX_SECONDS), repeat(MAX_SECONDS + 0.1))
    first, second = read([Request(NOW, three), Request(NOW, aggregate(4))], lambda: next(times)).parsed
    assert tags(first) == ["read", "read", "report-slow"]
    assert tags(second) == ["read"]
