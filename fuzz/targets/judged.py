"""From what strangers wrote to what a person reads: a message, a domain's zone, a bundle, each to the end in every form.

These cost a thousand times what a parser does, so that they have fewer executions; what they look for is a report that
cannot be made, and a verdict that is neither proof nor an honest "could not look".
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import msgspec

from targets.messages import LINES, MIME
from targets.registry import inflated, lowered, target
from targets.zones import zone_of
from todoku.api import check, check_domain
from todoku.cli.recording import keep, keep_accounts, look_again, open_record
from todoku.judging.account_report import AccountReport
from todoku.judging.judge import Report
from todoku.net import bundle as bundles
from todoku.net.bundle import CALLS, LIMITS, read_bundle, write_bundle
from todoku.plan import document
from todoku.plan.document import read_document, written
from todoku.plan.sound import wrong
from todoku.plan.step import Plan
from todoku.report import show
from todoku.report.words import CONTROL
from todoku.words.errors import NotAMessage, UsageError

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_FORMS: tuple[show.Format, ...] = ("text", "json", "html", "markdown")


def _shown(report: Report, number: int) -> None:
    """Every verdict speaks both languages; the report can be shown, in the one of eight ways that ``number`` picks."""
    for verdict in report.verdicts:
        assert verdict.result in ("pass", "warn", "fail", "unknown", "notapplicable")
        assert (verdict.missing is not None) == (verdict.result == "unknown")
    form = _FORMS[number % 4]
    shown = show.render([report], form, "en" if number & 4 else "ja")
    assert form == "json" or not CONTROL.search(shown.replace("\n", ""))
    if form == "json":
        json.loads(shown)


@target("evidence.message", "judging.judge", "requirements", "causes", "report", words=MIME, phrases=(b"\r\n", b"\r\n\r\n", b"\0"), cut=LINES,
        seeds="message")  # fmt: skip
def judged(data: bytes) -> None:
    """A message from its bytes to its report; behind a NUL stand lines of DNS."""
    raw, _, lines = inflated(data).partition(b"\0")
    try:
        report = check(raw, resolver=zone_of(lines), now=NOW)
    except NotAMessage:
        return
    _shown(report, sum(data[-16:]))


@target("evidence.domain", "auth.setup", "auth.mail_from", "judging.judge", "causes",
        words=b"TXT A AAAA MX CNAME SOA NS TIMEOUT SERVFAIL example.com _dmarc.example.com s._domainkey.example.com _mta-sts.example.com "
        b"_smtp._tls.example.com default._bimi.example.com bounce.example.com 10 v=spf1 -all include:amazonses.com v=DMARC1; p=reject "
        b"feedback-smtp.us-west-2.amazonses.com p= v=DKIM1; dkim.amazonses.com 192.0.2.1",
        phrases=(b"\n", b" ", b"example.com TXT v=spf1 include:amazonses.com -all\n", b"_dmarc.example.com TXT v=DMARC1; p=none\n"),
        cut=rb"[\n ;]", seeds="lines")  # fmt: skip
def domain(data: bytes) -> None:
    """A domain, of which the input is the zone, to its report."""
    lines = inflated(data)
    _shown(check_domain("example.com", selectors=("s",), resolver=zone_of(lines, alone=True), now=NOW), sum(data[-16:]))


@target(
    "plan.document", "plan.sound",
    words=b'{"todoku": "plan":1, "version": "digest": "steps":[ "conflicts":[ "type":"wait" "type":"ses" "type":"record-set" "type":"instruction" '
    b'"action":{ "undo":[ "expects":[ "value": "before":{ "add":[ "outputs":[ "parameters":{ "options":{ null true 1e9 [ ] } { , : ""',
    phrases=(b"{{99999*[}}", b'{{99999*{"a":}}', b'{"todoku":{"plan":1}}', b'{"todoku":{"plan":2}}'), cut=rb"[\[\]{},:]", seeds="plans", longest=3_000,
)  # fmt: skip
def plan(data: bytes) -> None:
    """A plan's document: refused, or the plan that was written. The input is the document, or the plan that stands in one."""
    data = inflated(data, 200_000)
    with suppress(UsageError), lowered(document, MAX_DOCUMENT=2_000):
        read_document(data)
    wholes = [data]
    with suppress(ValueError, RecursionError):
        inner = msgspec.json.decode(data, type=Plan)
        whole = written(inner, "0.1.0")
        if not wrong(inner):
            assert read_document(whole) == inner
        wholes.append(whole)
    for whole in wholes:
        try:
            found = read_document(whole)
        except UsageError as refused:
            assert refused.text.ja
        else:
            assert read_document(written(found, "0.1.0")) == found
            assert found.ready == (not found.conflicts and not found.unread)


@cache
def _folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="todoku-fuzz-")


_NAMES = list(LIMITS)
_HEAD = b'{"bundle":1,"rules":"2026-07-02","options":{"version":"0.1.0","name":"x","settings":{"now":"2026-11-24T12:00:00Z"}}}'


@target(
    "net.bundle", "cli.recording",
    words=b'{"bundle":1, "bundle":2 "rules":"2026-07-02", "options":{ "version":"0.1.0", "name":"x" "settings":{} "kind":"domain" }} [] [{ '
    b'"question":["example.com","TXT"] "records":["v=spf1 -all"] "status":"ok" "nxdomain" "timeout" "ttl":1 "chain":[] null true 1e9 '
    b'"as_of":"2026-11-24" "now":"2026-11-24T12:00:00Z" "envelope":{"ip":"192.0.2.1"} "receivers":["gmail"] "verdicts":[]',
    phrases=(b"\0", b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\7", _HEAD, b"{{99999*[}}", b'\0{"a":{{99999*[}}',b"{{1000*x}}", b"From: a@example.com\r\n\r\nx"),
    cut=rb"[\[\]{}:,\0]", seeds="bundles", longest=8_000,
)  # fmt: skip
def bundle(data: bytes) -> None:
    """A bundle: as octets where the input begins like a zip, else one whose members are what stands between NULs."""
    path = Path(_folder().name) / "x.zip"
    path.write_bytes(inflated(data, few=9_000) if data[:2] == b"PK" else _zipped(inflated(data)))
    try:
        with lowered(bundles, MAX_FILE=8_500, MAX_JSON=7_000):
            found = read_bundle(path)
        again = look_again(path)
    except (UsageError, NotAMessage) as refused:
        assert refused.text.ja
        return
    assert all(one.before != one.after for one in again.differences)
    with suppress(UsageError), lowered(bundles, MAX_JSON=100):
        write_bundle(path, found)  # too large now, and so not written
    write_bundle(path, found)
    assert read_bundle(path) == found
    _kept_again(path, again.reports)
    for report in again.reports:
        if isinstance(report, Report):
            _shown(report, len(data))
        else:
            show.render([report], _FORMS[len(data) % 4], "en")


def _kept_again(path: Path, reports: tuple[Report | AccountReport, ...]) -> None:
    """What was judged again is recorded and judged a third time: the same."""
    if not reports:  # of an account in no region at all
        return
    opened = open_record(path)
    of_accounts = [one for one in reports if isinstance(one, AccountReport)]
    try:
        if of_accounts:
            keep_accounts(path, of_accounts, opened.record.settings)
        else:
            for report in reports:
                assert isinstance(report, Report)
                keep(path, report, opened.record.settings, opened.message)
    except UsageError as refused:
        assert "cannot write" in refused.text.en
        return
    assert not look_again(path).differences


def _zipped(data: bytes) -> bytes:
    """The members are those of a bundle, in order; a sixth is one too many. A ``z`` before the first packs them."""
    whole = BytesIO()
    with ZipFile(whole, "w", ZIP_DEFLATED if data[:1] == b"z" else ZIP_STORED) as file:
        for name, octets in zip((*_NAMES, CALLS, "more"), data.removeprefix(b"z").split(b"\0"), strict=False):
            file.writestr(name, octets)
    return whole.getvalue()
