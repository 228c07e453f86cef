"""Reports of parsedmarc, dmarc-report, cry-inc and stalwart, and hostile ones: each is read, or refused with its reason."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from todoku.feedback import failure, tlsrpt
from todoku.feedback.aggregate import AggregateReport, Record, parse
from todoku.feedback.wrapping import Document, unwrap

# Why each that is refused is; all others are read.
REFUSED = {
    "reports/dmarc-report/dmarc-invalid-1.xml": "report-malformed",
    "reports/dmarc-report/dmarc-invalid-2.xml": "report-incomplete",
    "reports/dmarc-report/dmarc-invalid-3.xml": "report-dates",
    "reports/dmarc-report/dmarc-invalid-4.xml": "report-not-xml",
    "reports/parsedmarc/aggregate/invalid_xml.xml": "report-malformed",
    "reports/parsedmarc/aggregate/ikea.com!example.de!1538690400!1538776800.xml": "report-truncated",  # in a schema that never ends
    "reports/parsedmarc/empty.xml": "report-empty",
    "bombs/billion-laughs.xml": "report-dtd",
    "bombs/count-negative.xml": "report-negative-count",
    "bombs/date-inverted.xml": "report-dates",
    "bombs/deep-100k.xml": "report-malformed",
    "bombs/ip-hostname.xml": "report-address",
    "bombs/tlsrpt-bigint.json": "report-huge-count",
    "bombs/truncated.xml": "report-truncated",
    "bombs/xxe-file.xml": "report-dtd",
    "inputs/rep-bad-ip.xml": "report-address",
    "inputs/rep-begin-after-end.xml": "report-dates",
    "inputs/rep-billion-laughs.xml": "report-dtd",
    "inputs/rep-empty.xml": "report-empty",
    "inputs/rep-float-count.xml": "report-count",
    "inputs/rep-future.xml": "report-dates",
    "inputs/rep-huge-count.xml": "report-huge-count",
    "inputs/rep-ip-injection.xml": "report-address",
    "inputs/rep-negative-count.xml": "report-negative-count",
    "inputs/rep-no-records.xml": "report-incomplete",
    "inputs/rep-overflow-date.xml": "report-dates",
    "inputs/rep-param-entity.xml": "report-dtd",
    "inputs/rep-quadratic-blowup.xml": "report-dtd",
    "inputs/rep-span-10y.xml": "report-dates",
    "inputs/rep-truncated.xml": "report-truncated",
    "inputs/rep-xxe-file.xml": "report-dtd",
    "inputs/rep-xxe-http.xml": "report-dtd",
    "inputs/rep-yahoo-unused.xml": "report-not-xml",
    "inputs/gz-truncated.bin": "report-truncated",
    "inputs/zip-empty.bin": "report-none",
    "inputs/zip-encrypted-flag.bin": "report-encrypted",
    "inputs/zip-nested-10.bin": "report-nested",
    "inputs/zip-symlink.bin": "report-not-xml",
}
REFUSED |= {f"{name}{pack}": why for name, why in REFUSED.items() if "invalid-" in name for pack in (".gz", ".zip")}
SEVERAL = {
    "reports/dmarc-report/multiple-invalid.zip": ["report-malformed", "report-incomplete", "report-dates"],
    "reports/dmarc-report/multiple-invalid-directory-with-valid.zip": ["", "", ""],
    "reports/dmarc-report/multiple_reports.zip": ["", "", ""],
    "inputs/zip-two-members.bin": ["", ""],
}


def outcomes(octets: bytes) -> list[str]:
    """The tag of each document that is refused, "" for each that is read."""
    told = []
    for document in unwrap(octets):
        if isinstance(document, Document):
            read: Any = {
                "xml": lambda one: parse(one.pieces()),
                "json": lambda one: tlsrpt.parse(one.pieces()),
                "mail": lambda one: failure.parse(one.octets),
            }[document.kind](document)
            told.append(read.refused.tag if read.refused else "")
        else:
            told.append(document.tag)
    return told


def test_every_file_is_read_or_refused_with_its_reason(suites, hostile_inputs, tally):
    files = [path for folder in ("reports", "tlsrpt", "arf", "bombs") for path in (suites / folder).rglob("*")]
    files += [*hostile_inputs.glob("rep-*"), *hostile_inputs.glob("zip-*.bin"), *hostile_inputs.glob("gz-*.bin")]
    files = [path for path in files if path.is_file() and path.suffix != ".py" and not is_expectation(path)]
    assert len(files) >= 160
    wrong = {}
    for path in files:
        name = str(path.relative_to(hostile_inputs.parent if path.is_relative_to(hostile_inputs) else suites))
        told = outcomes(path.read_bytes())
        expected = SEVERAL.get(name) or [REFUSED.get(name, "")]
        if told != expected:
            wrong[name] = told
    assert wrong == {}
    tally("reports, read or refused", len(files), len(files))


def is_expectation(path: Path) -> bool:
    """Whether a JSON file says what is to come of the file beside it."""
    return (path.suffix == ".json" and any(path.with_suffix(other).exists() for other in (".xml", ".eml"))) or (
        path.suffix == ".json" and path.parent.name == "arf"
    )


def word(written: str | None) -> str:
    """One of our words for one of stalwart's."""
    given = {"Unspecified": "", "MailFrom": "mfrom", "TempError": "temperror", "PermError": "permerror"}
    special = {"TrustedForwarder": "trusted_forwarder", "LocalPolicy": "local_policy", "MailingList": "mailing_list"}
    return {**given, **special}.get(written or "", (written or "").lower())


def expected_record(row: dict[str, Any]) -> dict[str, Any]:
    evaluated, names, results = row["row"]["policy_evaluated"], row["identifiers"], row["auth_results"]
    return {
        "source_ip": row["row"]["source_ip"],
        "count": row["row"]["count"],
        "disposition": word(evaluated["disposition"]),
        "dkim": word(evaluated["dkim"]),
        "spf": word(evaluated["spf"]),
        "reasons": [(word(one["type_"]), one["comment"] or "") for one in evaluated["reason"]],
        "header_from": names["header_from"],
        "envelope_from": names["envelope_from"] or "",
        "envelope_to": names["envelope_to"] or "",
        "auth_dkim": [
            (one["domain"], one["selector"], word(one["result"]), one["human_result"] or "") for one in results["dkim"]
        ],
        "auth_spf": [
            (one["domain"], word(one["scope"]), word(one["result"]), one["human_result"] or "")
            for one in results["spf"]
        ],
        "extensions": [(one["name"], one["definition"]) for one in row["extensions"]],
    }


# RFC 9990 3.1.6; the golden parses take any other for "other", where we keep the word.
KNOWN = {name: name for name in ("local_policy", "mailing_list", "policy_test_mode", "trusted_forwarder")}


def read_record(record: Record) -> dict[str, Any]:
    lists = {
        "reasons": [(KNOWN.get(one.type, "other"), one.comment) for one in record.reasons],
        "auth_dkim": [(one.domain, one.selector, one.result, one.human_result) for one in record.auth_dkim],
        "auth_spf": [(one.domain, one.scope, one.result, one.human_result) for one in record.auth_spf],
        "extensions": [(one.name, one.definition) for one in record.extensions],
    }
    return {name: lists.get(name, getattr(record, name)) for name in Record.__struct_fields__}


def read_whole(report: AggregateReport) -> dict[str, Any]:
    metadata, policy = report.metadata, report.policy
    return {
        "version": float(report.version or 0),
        "org_name": metadata.org_name,
        "email": metadata.email,
        "extra_contact_info": metadata.extra_contact_info,
        "report_id": metadata.report_id,
        "begin": metadata.begin,
        "end": metadata.end,
        "error": list(metadata.errors),
        "domain": policy.domain,
        "words": [policy.adkim, policy.aspf, policy.p, policy.sp],
        "testing": policy.testing == "y",
        "fo": policy.fo,
        "records": [read_record(record) for record in report.records],
        "extensions": [(one.name, one.definition) for one in report.extensions],
    }


def expected_whole(golden: dict[str, Any]) -> dict[str, Any]:
    metadata, policy = golden["report_metadata"], golden["policy_published"]
    words = {"r": "r", "s": "s", "Relaxed": "r", "Strict": "s"}
    return {
        "version": pytest.approx(golden["version"]),
        "org_name": metadata["org_name"],
        "email": metadata["email"],
        "extra_contact_info": metadata["extra_contact_info"] or "",
        "report_id": metadata["report_id"],
        "begin": metadata["date_range"]["begin"],
        "end": metadata["date_range"]["end"],
        "error": metadata["error"],
        "domain": policy["domain"],
        "words": [words.get(policy[name]) or word(policy[name]) for name in ("adkim", "aspf", "p", "sp")],
        "testing": policy["testing"],
        "fo": policy["fo"] or "",
        "records": [expected_record(row) for row in golden["record"]],
        "extensions": [(one["name"], one["definition"]) for one in golden["extensions"]],
    }


def test_golden_aggregate_reports(suites, tally):
    goldens = sorted((suites / "reports" / "stalwart").glob("*.json"))
    assert len(goldens) == 10
    for path in goldens:
        source = next(path.with_suffix(other) for other in (".xml", ".eml") if path.with_suffix(other).exists())
        (document,) = unwrap(source.read_bytes())
        assert read_whole(parse(document.pieces())) == expected_whole(json.loads(path.read_bytes())), path.name
    tally("aggregate reports, golden", len(goldens), len(goldens))


def test_golden_feedback_reports(suites, tally):
    goldens = sorted((suites / "arf").glob("*.json"))
    assert len(goldens) == 5
    types = {"AuthFailure": "auth-failure", "Abuse": "abuse"}
    for path in goldens:
        golden = json.loads(path.read_bytes())
        report = failure.parse(path.with_suffix(".eml").read_bytes(), addresses=True)
        ours = [report.feedback_type, report.user_agent, report.version, report.arrival_date, report.incidents]
        assert ours == [
            types[golden["feedback_type"]],
            golden["user_agent"],
            str(golden["version"]),
            golden["arrival_date"],
            golden["incidents"],
        ]
        assert report.source_ip == (golden["source_ip"] or "")
        assert report.reporting_mta == (golden["reporting_mta"] or "")
        assert report.original_envelope_id == (golden["original_envelope_id"] or "")
        assert report.original_mail_from == (golden["original_mail_from"] or "").strip("<>")
        assert ",".join(report.original_rcpt_to) == (golden["original_rcpt_to"] or "").strip("<>")
        assert list(report.reported_domain) == golden["reported_domain"]
        assert len(report.authentication_results) == len(golden["authentication_results"])
        assert report.auth_failure == word(golden["auth_failure"])
        assert report.dkim_domain == (golden["dkim_domain"] or "")
        assert report.dkim_identity == (golden["dkim_identity"] or "")
        assert report.dkim_selector == (golden["dkim_selector"] or "")
    tally("complaints and failures, golden", len(goldens), len(goldens))


def test_tls_reports_hold_what_their_json_says(suites, tally):
    files = list((suites / "tlsrpt").rglob("*.json"))
    for path in files:
        written = json.loads(path.read_bytes())
        report = tlsrpt.parse([path.read_bytes()])
        assert report.refused is None, path.name
        assert report.organization_name == written.get("organization-name", "")
        assert report.report_id == written["report-id"]
        assert len(report.policies) == len(written["policies"])
        for policy, entry in zip(report.policies, written["policies"], strict=True):
            assert policy.domain == entry["policy"].get("policy-domain", "")
            assert policy.successful == entry["summary"].get("total-successful-session-count", 0)
            assert policy.failed == entry["summary"].get("total-failure-session-count", 0)
            assert [one.count for one in policy.failures] == [
                one["failed-session-count"] for one in entry.get("failure-details") or []
            ]
    tally("TLS reports", len(files), len(files))


MEASURED = """
import gzip, resource, sys
from reports import RECORD, REPORT
from todoku.feedback.aggregate import Columns, stream
from todoku.feedback.wrapping import unwrap
raw = gzip.compress(REPORT.replace(RECORD, RECORD * 60_000).encode(), 1)
(document,) = unwrap(gzip.compress(REPORT.encode()))
assert sum(len(part.count) for part in stream(document.pieces()) if isinstance(part, Columns)) == 1
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
(document,) = unwrap(raw)
del raw
assert sum(len(part.count) for part in stream(document.pieces()) if isinstance(part, Columns)) == 60_000
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_long_report_is_read_within_a_few_megabytes():
    """libxml2's memory is not Python's to count, so a process of its own does it: 60,000 records, 29 MB of XML."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
        env={"PYTHONPATH": str(Path(__file__).parent.parent)},
    )
    assert int(done.stdout) < 40 * 1024  # KiB
