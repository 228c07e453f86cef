"""SMTP TLS reports: RFC 8460."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import TLS, tls
from todoku.feedback import values
from todoku.feedback.tlsrpt import MAX_JSON, TlsFailure, TlsPolicy, TlsReport, parse


def policy(**changes: object) -> bytes:
    """The report with members of its policy, summary or failure changed; None takes one away."""
    entry = json.loads(json.dumps(TLS["policies"][0]))
    for name, value in changes.items():
        key = name.replace("_", "-")
        for part in (entry["policy"], entry["summary"], entry["failure-details"][0]):
            if key in part:
                part[key] = value
                break
        else:
            entry[key] = value
    return tls(policies=[entry])


def tag(octets: bytes, now: datetime | None = None) -> str:
    report = parse([octets], now=now)
    assert report.refused is None or report == TlsReport(refused=report.refused)
    return report.refused.tag if report.refused else ""


def test_every_field():
    assert parse([tls()], name="a.json") == TlsReport(
        organization_name="Receiver",
        contact_info="tls@receiver.example",
        report_id="t1",
        begin=1795392000,
        end=1795478399,
        policies=(
            TlsPolicy(
                type="sts",
                domain="example.com",
                strings=("version: STSv1", "mode: enforce"),
                mx_hosts=("*.mail.example.com",),
                successful=12,
                failed=3,
                failures=(TlsFailure(result_type="certificate-expired", count=3, sending_mta_ip="192.0.2.9"),),
            ),
        ),
        name="a.json",
    )


@pytest.mark.parametrize(
    ("octets", "read"),
    [
        (policy(mx_host="mail.example.com"), lambda one: one.mx_hosts == ("mail.example.com",)),
        (policy(policy_string=None, mx_host=None), lambda one: (one.strings, one.mx_hosts) == ((), ())),
        (policy(policy_type="invented"), lambda one: one.type == ""),
        (policy(policy_domain="日本語.example"), lambda one: one.domain == "xn--wgv71a119e.example"),
        (policy(failure_details=None), lambda one: one.failures == ()),
        (policy(failed_session_count="3"), lambda one: one.failures[0].count == 3),
        (policy(total_successful_session_count="12"), lambda one: one.successful == 12),
        (policy(sending_mta_ip="unknown"), lambda one: one.failures[0].sending_mta_ip == ""),
        (b"\xef\xbb\xbf" + tls(), lambda one: one.domain == "example.com"),
    ],
)
def test_what_receivers_write_otherwise(octets, read):
    assert read(parse([octets]).policies[0])


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (policy(total_failure_session_count=-1), "report-negative-count"),
        (policy(failed_session_count=-(10**50)), "report-negative-count"),
        (policy(total_successful_session_count=10**30), "report-huge-count"),
        (policy(failed_session_count="three"), "report-count"),
        (policy(failed_session_count="-3"), "report-negative-count"),
        (policy(failed_session_count=""), "report-incomplete"),
        (policy(failed_session_count=1.5), "report-not-tls"),
        (tls(date_range={"start-datetime": "2026-11-23", "end-datetime": "2026-11-22"}), "report-dates"),
        (tls(date_range={"start-datetime": "yesterday", "end-datetime": "today"}), "report-dates"),
        (tls(date_range={"start-datetime": "0001-01-01T00:00:00+23:59", "end-datetime": "2026-11-22"}), "report-dates"),
        (tls(date_range={"start-datetime": "2026-11-23"}), "report-not-tls"),
        (tls(policies={}), "report-not-tls"),
        (b"{}", "report-not-tls"),
        (b"[]", "report-not-tls"),
        (b"", "report-malformed"),
        (tls()[:-1], "report-malformed"),
        (tls().replace(b": 12,", b": " + b"9" * 5_000 + b","), "report-not-tls"),
        (tls() + b"x", "report-malformed"),
        (b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "report-malformed"),
        (b'{"policies":' + b'{"policy":' * 100_000, "report-malformed"),
    ],
)
def test_refused_with_its_reason(octets, why):
    told = tag(octets)
    assert told == why or (why == "report-malformed" and told == "report-not-tls" and octets.startswith(b'{"policies'))


def test_cut_at_every_octet():
    assert {tag(tls()[:at]) for at in range(len(tls()))} == {"report-malformed"}


def test_days_to_come():
    end = datetime.fromtimestamp(1795478399, UTC)
    assert tag(tls(), now=end - values.AHEAD) == ""
    assert tag(tls(), now=end - values.AHEAD - values.timedelta(seconds=1)) == "report-future"


@pytest.mark.parametrize(("beyond", "why"), [(-1, ""), (0, ""), (1, "report-too-large")])
def test_longest(beyond, why):
    octets = tls()
    assert tag(octets + b" " * (MAX_JSON - len(octets) + beyond)) == why


@pytest.mark.parametrize(("beyond", "why"), [(-1, ""), (0, ""), (1, "report-huge-count")])
def test_count(beyond, why):
    assert tag(policy(total_successful_session_count=values.MAX_COUNT + beyond)) == why


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_any_change(data):
    octets = tls()
    at = data.draw(st.integers(0, len(octets)))
    tag(octets[:at] + data.draw(st.binary(max_size=8)) + octets[at + data.draw(st.integers(0, 20)) :])
