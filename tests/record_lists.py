"""Records as Hypothesis makes them, whose domains and words often have to do with each other."""

from __future__ import annotations

from hypothesis import strategies as st

from todoku.feedback.aggregate import (
    AggregateReport,
    DkimAuth,
    OverrideReason,
    PolicyPublished,
    Record,
    ReportMetadata,
    SpfAuth,
)
from todoku.feedback.aggregate.report import DKIM_WORDS, SPF_WORDS
from todoku.feedback.streams import EXEMPT

DOMAINS = st.sampled_from(
    ["", "example.com", "news.example.com", "a.news.example.com", "xexample.com", "com", "s.example"]
)
REASONS = st.sampled_from([*EXEMPT, "sampled_out", "policy_test_mode", "other", ""])
ADDRESSES = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str),
    st.sampled_from(
        ["2001:db8::1", "2001:db8:0:1::1", "2001:0:0:1::1", "::1", "::", "1:2:3:4:5:6:7:8", "::ffff:c000:201"]
    ),
)
ALIGNED = st.sampled_from(["pass", "fail", ""])


def words(known: frozenset[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(["pass", "fail", *sorted(known)])


RECORDS = st.builds(
    Record,
    source_ip=ADDRESSES,
    count=st.integers(0, 9),
    disposition=st.sampled_from(["none", "pass", "quarantine", "reject", ""]),
    dkim=ALIGNED,
    spf=ALIGNED,
    header_from=DOMAINS,
    auth_dkim=st.lists(st.builds(DkimAuth, DOMAINS, st.just("s1"), words(DKIM_WORDS)), max_size=4).map(tuple),
    auth_spf=st.lists(st.builds(SpfAuth, DOMAINS, st.just("mfrom"), words(SPF_WORDS)), max_size=2).map(tuple),
    reasons=st.lists(st.builds(OverrideReason, REASONS, st.sampled_from(["", "c"])), max_size=3).map(tuple),
)
REPORTS = st.lists(RECORDS, max_size=12).map(
    lambda records: AggregateReport(
        metadata=ReportMetadata(org_name="receiver.example", begin=1764000000),
        policy=PolicyPublished(domain="example.com"),
        records=tuple(records),
    )
)
"""Reports with such records, all of them about one domain."""
