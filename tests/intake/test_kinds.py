"""The other kinds of reports: SMTP TLS reports, complaints, failure reports; and what is none of them."""

from __future__ import annotations

import gzip

from store_bench import Bench
from todoku.intake.parse import KIND, SCHEMAS
from todoku.intake.sample import COMPLAINT
from todoku.intake.sample import TLS as SAMPLE
from todoku.store.read import Reader
from todoku.store.upkeep import check

TLS = SAMPLE.replace(b"1970-01-01", b"2026-11-23")


def test_tls_report_counts_once_in_any_wrapping(bench: Bench) -> None:
    done = bench.ingest(TLS, gzip.compress(TLS))
    assert (done.reports, done.known, done.rows) == (1, 1, 1)
    with Reader(bench.store, SCHEMAS) as reader:
        found = reader.connection.execute(
            "SELECT policy_domain, policy_type, successful, failed, failures[1].result_type FROM tls"
        ).fetchall()
    assert found == [("example.com", "sts", 1, 1, "certificate-expired")]
    assert list(check(bench.store)) == []


def test_tls_report_with_other_contents_is_a_conflict(bench: Bench) -> None:
    other = TLS.replace(b'"total-successful-session-count":1', b'"total-successful-session-count":9')
    bench.ingest(TLS)
    bench.ingest(other)
    with Reader(bench.store, SCHEMAS) as reader:
        assert reader.connection.execute("SELECT sum(successful) FROM tls").fetchone() == (9,)
    assert bench.status().conflicts == 1


def test_complaint_is_a_row_without_an_address(bench: Bench) -> None:
    done = bench.ingest(COMPLAINT, COMPLAINT)
    assert (done.reports, done.rows, done.quarantined) == (1, 1, 0)
    with Reader(bench.store, SCHEMAS) as reader:
        (row,) = reader.connection.execute("SELECT * FROM feedback").fetchall()
        names = [column[0] for column in reader.connection.description]
    told = dict(zip(names, row, strict=True))
    assert (told["feedback_type"], told["from_domain"], told["source_ip"]) == ("abuse", "example.com", "192.0.2.1")
    assert "someone" not in str(row)


def test_cut_tls_report_and_cut_complaint_do_not_count(bench: Bench) -> None:
    """L12."""
    cuts = {TLS[: len(TLS) * part // 100] for part in range(100)}
    cuts |= {COMPLAINT[: COMPLAINT.index(b"Feedback-Type") * part // 100] for part in range(1, 100)}
    done = bench.ingest(*cuts)
    assert (done.reports, done.quarantined) == (0, len(cuts))


def test_event_that_nobody_signed_is_set_aside(bench: Bench) -> None:
    """C2: what comes as a file or by mail proves nothing about where it is from, and may not count as a bounce of SES."""
    event = b'{"notificationType":"Bounce","mail":{"messageId":"1"},"bounce":{"bounceType":"Permanent"}}'
    bench.ingest(event)
    assert [aside.reason for aside in bench.status().aside] == [KIND]
    assert bench.status().reports == {}
