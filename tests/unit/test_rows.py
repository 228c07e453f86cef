"""Reports as rows of Arrow."""

from __future__ import annotations

import pyarrow as pa
import pytest

from reports import RECORD, xml
from todoku.feedback.aggregate import Columns, parse, report_key, stream
from todoku.feedback.claims import is_claimed
from todoku.feedback.refusal import BOMB, Refused
from todoku.feedback.rows import SCHEMA, batch, rows

NAMES = [
    "report_key",
    "org_name",
    "email",
    "report_id",
    "begin",
    "end",
    "policy_domain",
    "adkim",
    "aspf",
    "p",
    "sp",
    "np",
    "t",
    "source_ip",
    "count",
    "disposition",
    "dkim",
    "spf",
    "header_from",
    "envelope_from",
    "envelope_to",
    "auth_dkim",
    "auth_spf",
    "reasons",
]


def test_every_column():
    report = parse(
        [xml(("</policy_evaluated>", "<reason><type>other</type><comment>c</comment></reason></policy_evaluated>"))]
    )
    (row,) = rows(report).to_pylist()
    assert row == {
        "report_key": report_key(report.metadata, report.policy),
        "org_name": "receiver.example",
        "email": "dmarc@receiver.example",
        "report_id": "r1@receiver.example",
        "begin": 1764000000,
        "end": 1764086399,
        "policy_domain": "example.com",
        "adkim": "r",
        "aspf": "s",
        "p": "quarantine",
        "sp": "none",
        "np": "reject",
        "t": "n",
        "source_ip": "192.0.2.1",
        "count": 3,
        "disposition": "none",
        "dkim": "pass",
        "spf": "fail",
        "header_from": "example.com",
        "envelope_from": "",
        "envelope_to": "",
        "auth_dkim": [{"domain": "example.com", "selector": "s1", "result": "pass"}],
        "auth_spf": [{"domain": "bounce.example.com", "scope": "mfrom", "result": "softfail"}],
        "reasons": [{"type": "other", "comment": "c"}],
    }


def test_columns_keep_their_names_and_order():
    assert SCHEMA.names[: len(NAMES)] == NAMES


def test_a_key_of_ones_own():
    assert rows(parse([xml()]), key="mine").column("report_key").to_pylist() == ["mine"]


@pytest.mark.parametrize("octets", [b"unused", xml(("</feedback>", "")), xml(("<count>3", "<count>-1"))])
def test_a_refused_report_has_no_rows(octets):
    batched = rows(parse([octets]))
    assert (batched.num_rows, batched.schema) == (0, SCHEMA)


def test_a_stream_gives_the_rows_of_the_report():
    more = RECORD.replace("192.0.2.1", "2001:db8::7").replace("<dkim><domain>", "<dkim><domain>other.")
    octets = xml((RECORD, f"{RECORD}{more}{RECORD}" * 3_000))
    head, *columns = stream([octets])
    table = pa.Table.from_batches([batch([(head, one, "")]) for one in columns if isinstance(one, Columns)])
    assert table.equals(pa.Table.from_batches([rows(parse([octets]))]))
    assert table.num_rows == 9_000


def test_many_reports_together_are_each_by_itself():
    one, other = parse([xml()]), parse([xml((RECORD, RECORD * 3), ("<p>quarantine", "<p>reject"))])
    refused = parse([xml(("<count>3", "<count>-1"))])
    together = rows(one, refused, other)
    assert together.to_pylist() == [*rows(one).to_pylist(), *rows(other).to_pylist()]
    assert rows().schema == SCHEMA


@pytest.mark.parametrize(
    ("domain", "claimed"),
    [("example.com", True), ("mail.example.com", True), ("xexample.com", False), ("com", False), ("", False)],
)
def test_domains_that_are_not_the_users_are_unclaimed(domain, claimed):
    assert is_claimed(domain, {"example.com", "other.example"}) == claimed


def test_a_refusal_tells_its_reason_in_both_languages():
    refused = Refused(BOMB, {"limit": 7}, "a.gz")
    assert (refused.tag, refused.text.en) == ("report-bomb", "It unpacks to more than 7 bytes: a compression bomb.")
    assert "7バイト" in refused.text.ja
