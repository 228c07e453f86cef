"""What it costs to ask the store: each question of ``todoku reports`` over a year of 10,000,000 rows.

    python bench/rows.py [--rows 10000000] [--rounds 3] [--folder FOLDER]

The rows are made here, in the store's own files, one for each month, as compaction leaves them: twelve receivers report each day
on thirty domains, each report about ninety of three hundred kinds of mail. A folder that is named is kept and used again;
else one is made and thrown away. Each question is asked of a store that is opened anew, and the best round counts, as time
on the clock: DuckDB uses two threads.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pyarrow as pa

from todoku.cli.reports import command
from todoku.feedback.aggregate.report import (
    AggregateReport,
    DkimAuth,
    OverrideReason,
    PolicyPublished,
    Record,
    ReportMetadata,
    SpfAuth,
)
from todoku.feedback.rows import SCHEMA, rows
from todoku.store import state
from todoku.store.rows import AGGREGATE, Rows, in_order, written
from todoku.store.store import Places, Store

FIRST = date(2025, 12, 1)
DAYS = 365
RECEIVERS = 12
DOMAINS = 30
KINDS = 300  # of records, for each domain
COUNTS = [1] * 60 + [2, 3, 5, 8, 12, 20, 35, 60, 110, 200]  # messages of a record: most tell of one
QUESTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("overview, 30 days", "overview", ()),
    ("overview, the year", "overview", ("--since", "2000-01-01")),
    *((name, name, ("--since", "2000-01-01")) for name in ("sources", "passing", "unaligned", "reporters", "whatif")),
    ("sources of one domain", "sources", ("--domain", "d1.example")),
)


def kinds_of(domain: str, place: int) -> AggregateReport:
    """Every kind of record that there is of a domain: mostly aligned, some forwarded, some that nobody knows."""
    return AggregateReport(
        metadata=ReportMetadata(org_name="x"),
        policy=PolicyPublished(
            domain=domain, adkim="r", aspf="r", p=("none", "quarantine", "reject")[place % 3], sp="none"
        ),
        records=tuple(record(domain, place, number) for number in range(KINDS)),
    )


def record(domain: str, place: int, number: int) -> Record:
    """A kind of record."""
    if number < 200:
        ip, dkim, spf = f"192.0.{place}.{number}", (domain, "amazonses.com"), (f"bounce.{domain}", "pass")
        return _record(ip, domain, "pass", "pass", dkim, spf)
    if number < 230:
        ip = f"198.51.{place}.{number}"
        return _record(
            ip, f"news.{domain}", "fail", "pass", (f"service{number % 5}.example",), (f"news.{domain}", "pass")
        )
    if number < 250:
        ip, spf = f"203.0.{place}.{number}", (f"forwarder{number}.example", "pass")
        return _record(ip, domain, "fail", "fail", (domain,), spf, ("trusted_forwarder",))
    if number < 260:
        ip, spf = f"198.18.{place}.{number}", (f"crm{number % 3}.example", "pass")
        return _record(ip, domain, "fail", "fail", (f"crm{number % 3}.example",), spf)
    return _record(f"2001:db8:{place:x}:{number:x}::1", domain, "fail", "fail", (), (domain, "fail"))


def _record(
    ip: str,
    header_from: str,
    dkim: str,
    spf: str,
    signers: tuple[str, ...],
    sender: tuple[str, str],
    reasons: tuple[str, ...] = (),
) -> Record:
    return Record(
        source_ip=ip,
        count=0,
        disposition="none",
        dkim=dkim,
        spf=spf,
        header_from=header_from,
        envelope_from=sender[0],
        auth_dkim=tuple(DkimAuth(name, "s1", "fail" if reasons else "pass") for name in signers),
        auth_spf=(SpfAuth(sender[0], "mfrom", sender[1]),),
        reasons=tuple(OverrideReason(kind) for kind in reasons),
    )


def make(store: Store, total: int) -> None:
    """A year of rows, as they lie in a store whose files were compacted."""
    domains = [f"d{place}.example" for place in range(DOMAINS)]
    kinds = pa.Table.from_batches([rows(kinds_of(domain, place)) for place, domain in enumerate(domains)])
    each = max(1, total // (DAYS * RECEIVERS * DOMAINS))
    months: dict[str, list[date]] = {}
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        months.setdefault(f"{day:%Y-%m}", []).append(day)
    for place, (month, days) in enumerate(months.items()):
        table = pa.concat_tables([of_day(day, kinds, each) for day in days])
        made = written(store.files, f"{place}-1", [Rows(AGGREGATE, month, in_order(AGGREGATE, table))])
        with store.database.write() as transaction:
            state.enter(transaction, made, 0)


def of_day(day: date, kinds: pa.Table, each: int) -> pa.Table:
    """The rows of all reports of one day."""
    chance = random.Random(str(day))
    begin = int(datetime.combine(day, datetime.min.time(), UTC).timestamp())
    chosen = [
        place * KINDS + number
        for _ in range(RECEIVERS)
        for place in range(DOMAINS)
        for number in chance.choices(range(KINDS), k=each)
    ]
    table = kinds.take(pa.array(chosen, pa.int64()))
    names = [
        (f"receiver{receiver}.example", f"d{place}.example")
        for receiver in range(RECEIVERS)
        for place in range(DOMAINS)
    ]
    columns = {
        "report_key": [sha256(f"{day} {org} {domain}".encode()).hexdigest()[:32] for org, domain in names],
        "org_name": [org for org, _ in names],
        "email": [f"dmarc@{org}" for org, _ in names],
        "report_id": [f"{domain}-{begin}" for _, domain in names],
    }
    taken = pa.array([number for number in range(len(names)) for _ in range(each)], pa.int32())
    arrays = {name: pa.array(values, pa.string()).take(taken) for name, values in columns.items()}
    arrays["begin"] = pa.repeat(pa.scalar(begin, pa.int64()), len(chosen))
    arrays["end"] = pa.repeat(pa.scalar(begin + 86_399, pa.int64()), len(chosen))
    arrays["count"] = pa.array(chance.choices(COUNTS, k=len(chosen)), pa.int64())
    return pa.Table.from_arrays([arrays.get(name, table[name]) for name in SCHEMA.names], schema=SCHEMA)


def ask(folder: Path, question: str, more: tuple[str, ...]) -> tuple[float, float]:
    """Seconds on the clock and of the processors, from opening the store to the last octet of JSON."""
    words = [question, "--format", "json", "--store", str(folder), "-o", os.devnull, *more]
    wall, cpu = time.perf_counter(), time.process_time()
    assert command.main(words, "reports", standalone_mode=False) == 0
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        with Store(Places(folder=folder)) as store:
            store.prepare()
            if not any(store.files.names()):
                make(store, options.rows)
            size = sum(octets for _, octets in store.files.names())
        print(f"{size / 2**20:.0f} MiB of Parquet")
        best: dict[str, tuple[float, float]] = {}
        for _ in range(options.rounds):
            for name, question, more in QUESTIONS:
                best[name] = min(best.get(name, (1e9, 1e9)), ask(folder, question, more))
    for name, (wall, cpu) in best.items():
        print(f"| {name} | {wall:.2f} | {cpu:.2f} |")
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB of memory at most")


if __name__ == "__main__":
    main()
