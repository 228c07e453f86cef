"""Every case folder: the evidence in it gives the verdicts it says. See ``tests/cases/README.md``."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

import todoku
from todoku.account.read import Wanted
from todoku.api import account_with_traffic, checking_stored_domain
from todoku.auth.ask import Call, Reply
from todoku.causes.circumstances import is_amazon, is_within
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS
from todoku.causes.witnesses import over_time
from todoku.evidence.account import compared_by_region, gather_account
from todoku.feedback.bounce_causes import BY_REQUIREMENT
from todoku.judging.account_report import AccountReport, report_account
from todoku.judging.judge import catalogue, reasons
from todoku.net.drivers import Source, run_look
from todoku.net.suffix_list import bundled_suffixes
from todoku.receivers import ASKED_BY_DEFAULT, FACTS, GROUPS
from todoku.words.change import DnsRecord, Instruction, SesCall
from todoku.words.verdict import Missing, Reason, Terms, Verdict

CASES = Path(__file__).parent / "cases"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FOLDERS = sorted(path.parent for path in CASES.glob("*/*/expect.toml"))
BASE_CALLS: list[dict[str, Any]] = json.loads((CASES / "base.calls.json").read_text())
ACCOUNTS = [folder for folder in FOLDERS if folder.name.startswith("account-")]


@cache
def base_zone() -> todoku.Zone:
    return todoku.Zone.from_text((CASES / "base.zone").read_text())


class Calls:
    """A source of replies that answers from ``base.calls.json`` and a case's ``calls.json``, which comes first.

    What neither holds is ``absent``, a listing empty; ``ListEmailIdentities`` is, unless given, all whose
    ``GetEmailIdentity`` is there for the region.
    """

    def __init__(self, entries: Sequence[dict[str, Any]]) -> None:
        self.entries = entries

    def replies(self, calls: Sequence[Call]) -> list[Reply]:
        return [self.reply(call) for call in calls]

    def reply(self, call: Call) -> Reply:
        parameters = dict(call.parameters)
        fitting = (
            one for one in self.of(call.operation, call.region) if one.get("parameters", parameters) == parameters
        )
        found = next(fitting, None)
        if found is not None:
            value = {name: value for name, value in found.get("value", {}).items() if name in call.fields}
            return Reply(call, value, found.get("status", "ok"), found.get("detail", ""))
        if call.operation == "ListEmailIdentities":
            known = [one["parameters"]["EmailIdentity"] for one in self.of("GetEmailIdentity", call.region)]
            return Reply(call, {"EmailIdentities": [{"IdentityName": name} for name in dict.fromkeys(known)]})
        return Reply(call) if call.paged else Reply(call, status="absent")

    def of(self, operation: str, region: str) -> list[dict[str, Any]]:
        named = (one for one in self.entries if one["operation"] == operation)
        return [one for one in named if one.get("region", region) == region]


def is_stored(api: Calls) -> bool:
    """Whether the case says what a store holds."""
    return any(one["operation"] in ("Days", "Most", "Standings") for one in api.entries)


def calls_of(folder: Path) -> list[dict[str, Any]]:
    own = folder / "calls.json"
    return [*(json.loads(own.read_text()) if own.exists() else ()), *BASE_CALLS]


def source_of(folder: Path, expect: dict[str, Any]) -> Source:
    zone = folder / "zone"
    if not zone.exists():
        return base_zone()
    own = todoku.Zone.from_text(zone.read_text(), file=expect.get("file", ""))
    return own if expect.get("alone") else todoku.Layers((base_zone(), own))


def look_at_account(expect: dict[str, Any], source: Source, api: Calls) -> AccountReport:
    """The report on the account in the case's region; further ``regions`` are read beside it."""
    seen = []
    for region in (expect["region"], *expect.get("regions", ())):
        engine = gather_account(Wanted(profile="", region=region), now=NOW, suffixes=bundled_suffixes())
        found = run_look(engine, source, api)
        seen.append(run_look(account_with_traffic(found), source, api) if is_stored(api) else found)
    compared = compared_by_region(seen) if "regions" in expect else seen
    terms = Terms(as_of=NOW.date(), receivers=ASKED_BY_DEFAULT, volume=expect.get("options", {}).get("volume", "bulk"))
    return report_account(compared[0], terms, name=f"ses:{expect['region']}", at=NOW)


def identity_of(account: AccountReport, name: str) -> todoku.Report | None:
    """The report on an identity; None where the account was not read so far."""
    return next((one for one in account.identities if one.evidence.subject.name == name), None)


def look(folder: Path, expect: dict[str, Any], source: Any, api: Calls) -> todoku.Report | None:
    """The report on the case's message, domain or identity, with the DNS and the APIs that answer."""
    if "identity" in expect:
        return identity_of(look_at_account(expect, source, api), expect["identity"])
    options = dict(expect.get("options", {}))
    envelope = None
    if options.keys() & {"ip", "helo", "mail_from"}:
        envelope = todoku.Envelope(ip=options.get("ip"), helo=options.get("helo"), mail_from=options.get("mail_from"))
    settings = todoku.Settings(
        envelope=envelope,
        now=expect.get("now", NOW),
        trust=options.get("trust"),
        receivers=GROUPS.get(options["receivers"], (options["receivers"],)) if "receivers" in options else None,
        as_of=date.fromisoformat(options["as_of"]) if "as_of" in options else None,
        volume=options.get("volume", "bulk"),
        purpose=options.get("mail"),
        selectors=tuple(expect.get("selectors", ())),
    )
    if "domain" in expect and (folder / "calls.json").exists():
        return run_look(checking_stored_domain(expect["domain"], settings), source, api)
    if "domain" in expect:
        return todoku.check_domain(expect["domain"], resolver=source, settings=settings)
    return todoku.check(next(folder.glob("message.*")).read_bytes(), resolver=source, settings=settings)


def expect_of(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "expect.toml").read_text())


@cache
def account_of(folder: Path) -> AccountReport:
    expect = expect_of(folder)
    return look_at_account(expect, source_of(folder, expect), Calls(calls_of(folder)))


@cache
def report_of(folder: Path) -> todoku.Report:
    expect = expect_of(folder)
    if "identity" in expect:
        found = identity_of(account_of(folder), expect["identity"])
    else:
        found = look(folder, expect, source_of(folder, expect), Calls(calls_of(folder)))
    assert found is not None
    return found


def tags(verdict: Verdict) -> set[str]:
    return {verdict.reason.tag, *(note.reason.tag for note in verdict.notes)}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_case(folder: Path) -> None:
    case = expect_of(folder)
    expect, report = case["expect"], report_of(folder)
    verdicts = [verdict for verdict in report.verdicts if verdict.requirement == folder.parent.name]
    if report.evidence.subject.kind == "account":
        assert {verdict.about for verdict in verdicts} == {
            (report.evidence.subject.name, account_of(folder).reading.wanted.region)
        }
        assert [note.reason.tag for note in account_of(folder).standing] == case.get("standing", [])
    spoke = {verdict.receiver for verdict in verdicts}
    assert spoke, f"no receiver gave a verdict on {folder.parent.name}"
    assert not spoke & set(expect.get("silent", ())), "a receiver spoke that must be silent"
    assert {name for name in expect if name in FACTS} <= spoke
    for verdict in verdicts:
        wanted = {**expect, **expect.get(verdict.receiver, {})}
        found = f"{verdict.receiver}: {verdict.result} ({verdict.reason.tag}) {verdict.values}"
        assert (verdict.result, verdict.reason.tag) == (wanted["result"], wanted["reason"]), found
        assert verdict.missing == (wanted["missing"] if wanted["result"] == "unknown" else None), found
        assert verdict.reported_by == wanted.get("reported_by", ""), found
        assert set(wanted.get("notes", ())) <= tags(verdict), f"{found}; notes {tags(verdict)}"
        assert not set(wanted.get("absent", ())) & tags(verdict), f"{found}; notes {tags(verdict)}"
        fixes = {fix.fix.id for fix in report.fixes if {*fix.mends} & tags(verdict)}
        assert set(wanted.get("fixes", ())) <= fixes, f"{found}; fixes {fixes}"
        assert not set(wanted.get("unfixed", ())) & fixes, f"{found}; fixes {fixes}"
        offered = [msgspec.json.encode(fix.changes).decode() for fix in report.fixes if {*fix.mends} & tags(verdict)]
        for text in wanted.get("does", ()):
            assert text in "\n".join(offered), f"{found}; fixes {offered}"
        for text in wanted.get("does_not", ()):
            assert text not in "\n".join(offered), f"{found}; fixes {offered}"
        assert wanted.get("values", {}).items() <= dict(verdict.values).items(), found
        shown = "\n".join(f"{exhibit.source} {exhibit.value}" for exhibit in verdict.exhibits)
        for text in wanted.get("shows", ()):
            assert text in shown, f"{found}; exhibits:\n{shown}"


def test_every_requirement_has_a_pass_a_fail_and_an_unknown_case() -> None:
    results: dict[str, set[str]] = {requirement.id: set() for requirement in catalogue()}
    for folder in FOLDERS:
        results[folder.parent.name] |= {
            v.result for v in report_of(folder).verdicts if v.requirement == folder.parent.name
        }
    missing = {
        (name, result)
        for name, found in results.items()
        for result in ("pass", "fail", "unknown")
        if result not in found and result not in CANNOT.get(name, ())
    }
    assert not missing


CANNOT: dict[str, tuple[str, ...]] = {
    "bounce-handling": ("pass", "fail"),  # only the sending account and its lists show it
    "consent": ("pass", "fail"),  # nothing outside the sender's records shows it
    "display-name": ("fail",),  # Gmail's advice: at most a warning
    "feedback-loop": ("fail",),  # advice everywhere
    "header-from-spf": ("fail",),  # asked for, and at most a warning
    "honor-unsubscribe": ("pass", "fail"),  # only the sender's records show it
    "postmaster-registration": (
        "pass",
        "fail",
    ),  # only an account there shows that the domain was added; Gmail's advice
    "reply-address": ("fail",),  # Outlook.com's advice
    "spam-rate": ("pass", "fail"),  # only the receiver shows it
    "stream-separation": ("pass", "fail"),  # one message is one stream
}
"""Results that a requirement cannot give from a message, and nothing else: see each requirement's docstring."""

TOO_LARGE = {"field-too-long", "header-too-large", "message-too-large", "arc-over-limit"}
"""Reasons that only a message of 32 KB to 25 MB or of 21 seals has: ``tests/unit/test_message_format.py`` and ``tests/bounds`` build them."""

UNHEARD = {"no-message", "no-domain", "no-store"}
"""Why a fact of another kind of subject is missing: nobody is asked who needs one."""


OVER_TIME = {one.tag for one in vars(over_time).values() if isinstance(one, Reason)}
"""Reasons that no single look gives, but for the spam rate's: ``tests/watching`` has them."""

OF_SETTINGS = {"accepted"}
"""Reasons that come from what its owner has set: ``tests/test_cli_accept.py`` has them."""


def test_every_reason_has_a_case() -> None:
    seen = {tag for folder in FOLDERS for verdict in report_of(folder).verdicts for tag in tags(verdict)}
    seen |= {note.reason.tag for folder in ACCOUNTS for note in account_of(folder).standing}
    of_other_subjects = {requirement.elsewhere.tag for requirement in catalogue() if requirement.witnesses}
    assert not set(reasons()) - seen - of_other_subjects - TOO_LARGE - UNHEARD - OVER_TIME - OF_SETTINGS


SHOWN_BEFORE_SENDING = {
    *(
        "F01",
        "F02",
        "F03",
        "F04",
        "F05",
        "F06",
        "F07",
        "F08",
        "F09",
        "F10",
        "F11",
        "F12",
        "F13",
        "F14",
        "F15",
        "F16",
        "F17",
    ),
    *("F19", "F20", "F22", "F23", "F24", "F25", "F28", "F43", "F44", "F45", "F46"),
}
"""The rows of our list of known failures that DNS and the SES account show before anything is sent."""


def test_every_known_failure_that_an_account_shows_has_a_case() -> None:
    seen = {
        row
        for folder in FOLDERS
        if folder.name.startswith(("account-", "domain-"))
        for verdict in report_of(folder).verdicts
        if verdict.requirement == folder.parent.name
        for tag in tags(verdict)
        for row in reasons()[tag].case.split()
    }
    assert not SHOWN_BEFORE_SENDING - seen


def test_every_cause_that_is_named_for_a_reply_can_give_it() -> None:
    """In some case the requirement that the reply names fails, and by this cause."""
    shown = {
        (verdict.requirement, tag)
        for folder in FOLDERS
        for verdict in report_of(folder).verdicts
        if verdict.result == "fail"
        for tag in tags(verdict)
    }
    named = {(requirement, cause) for requirement, causes in BY_REQUIREMENT.items() for cause in causes}
    assert {one for one in named - shown if not one[1].endswith("-elsewhere")} == set()


def test_every_text_that_a_verdict_gives_can_be_filled_in() -> None:
    for folder in FOLDERS:
        report = report_of(folder)
        for verdict in report.verdicts:
            findings = [said.finding for said in verdict.witnesses]
            notes = [note for one in (verdict, *findings) for note in one.notes]
            for said in (verdict, *findings, *notes):
                for template in (said.reason.text.en, said.reason.text.ja):
                    assert template.format(**said.values), (folder, said.reason.tag)
        for fix in report.fixes:
            for change in fix.changes:
                if isinstance(change, Instruction):
                    assert change.text.en, (folder, fix.fix.id)
                    assert change.text.ja, (folder, fix.fix.id)


def test_no_fix_calls_ses_where_nothing_shows_it() -> None:
    for folder in FOLDERS:
        report = report_of(folder)
        stamp = report.evidence.ses
        if isinstance(stamp, Missing) or stamp.sent_by_ses:
            continue
        for fix in report.fixes:
            assert not [one for one in fix.changes if isinstance(one, SesCall)], (folder, fix.fix.id)


def test_no_fix_changes_what_belongs_to_others() -> None:
    """The DNS of SES itself and of mailbox providers; nor is a stranger's address let into an SPF record."""
    for folder in FOLDERS:
        for fix in report_of(folder).fixes:
            for change in fix.changes:
                if isinstance(change, DnsRecord):
                    assert not is_amazon(change.name), (folder, fix.fix.id)
                    assert not any(is_within(change.name, one) for one in CONSUMER_DOMAINS), (folder, fix.fix.id)
                    new = set(change.value.split()) - set(change.replaces.split())
                    assert not [term for term in new if term.startswith(("ip4:", "ip6:"))], (folder, fix.fix.id)
                if isinstance(change, Instruction) and fix.fix.id != "own-domain-from":
                    assert not any(one in change.text.en for one in ("gmail.com", "yahoo.com")), (folder, fix.fix.id)
                    assert "Register amazonses.com" not in change.text.en, (folder, fix.fix.id)
