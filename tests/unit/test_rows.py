"""Reports as rows of Arrow."""

from __future__ import annotations

from ipaddress import ip_network

import pyarrow as pa
import pytest
from hypothesis import given

from record_lists import REPORTS
from reports import RECORD, xml
from todoku.feedback.aggregate import Columns, parse, report_key, stream
from todoku.feedback.claims import is_claimed
from todoku.feedback.refusal import BOMB, Refused
from todoku.feedback.rows import SCHEMA, batch, rows
from todoku.feedback.streams import network

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
    "stream_spf",
    "stream_dkim",
    "network",
    "overridden",
    "excepted",
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
        "stream_spf": "bounce.example.com",
        "stream_dkim": "example.com",
        "network": "",
        "overridden": True,
        "excepted": "",
        "vouched_by": None,
    }


def test_columns_keep_their_names_and_order():
    assert SCHEMA.names[: len(NAMES)] == NAMES


def test_every_reason_for_which_a_receiver_may_let_mail_through_again():
    """RFC 9990 section 3.1.1.6, RFC 7489 appendix C; the others end with the policy."""
    words = {
        *("local_policy", "mailing_list", "trusted_forwarder", "forwarded"),
        *("other", "sampled_out", "policy_test_mode", "x"),
    }
    given = [f"<reason><type>{word}</type></reason></policy_evaluated>" for word in sorted(words)]
    found = rows(*(parse([xml(("</policy_evaluated>", one))]) for one in given)).column("excepted").to_pylist()
    assert found == ["forwarded", "local_policy", "mailing_list", "", "", "", "trusted_forwarder", ""]


@given(REPORTS)
def test_the_columns_of_a_stream_say_what_the_lists_say(report):
    for row in rows(report).to_pylist():
        signatures, author = row["auth_dkim"], row["header_from"]
        nested = [(one["domain"], author) for one in signatures]
        related = [a == b or a.endswith("." + b) or b.endswith("." + a) for a, b in nested]
        signature = signatures[related.index(True) if True in related else 0] if signatures else None
        sender = row["auth_spf"][0] if row["auth_spf"] else None
        assert row["stream_spf"] == (sender["domain"] if sender else "")
        assert row["stream_dkim"] == (signature["domain"] if signature else "")
        results = [row["dkim"], *(one["result"] for one in (signature, sender) if one)]
        assert row["network"] == ("" if "pass" in results else around(row["source_ip"]))
        assert row["overridden"] == (row["reasons"] != [])
        assert row["excepted"] in ("", *(one["type"] for one in row["reasons"]))


def around(address: str) -> str:
    if address.startswith("::"):
        return "::/48"
    return str(ip_network(f"{address}/{48 if ':' in address else 24}", strict=False))


def test_networks():
    known = {
        "192.0.2.77": "192.0.2.0/24",
        "2001:db8:1:2::3": "2001:db8:1::/48",
        "2001:db8::3": "2001:db8::/48",
        "2001:db8:0:1::3": "2001:db8::/48",
        "2001:0:0:1::3": "2001::/48",
        "0:1::": "0:1::/48",
        "::1": "::/48",
    }
    assert {address: network(address) for address in known} == known


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
