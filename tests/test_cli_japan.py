"""Japan's receivers on the command line: by whom a message is judged, what is said of it, and that nothing is claimed for sure."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import todoku
from todoku.auth.spf.record import parse
from todoku.judging.judge import catalogue
from todoku.receivers import ASKED_BY_DEFAULT, FACTS, GROUPS, receiver_of_mailbox
from todoku.requirements.header_from_spf import INCLUDE, with_ses

CASES = Path(__file__).parent / "cases"
ZONE = f"zone:{CASES / 'base.zone'}"
RAW = (CASES / "spf/own-domain/message.eml").read_bytes()


@cache
def base_zone() -> todoku.Zone:
    return todoku.Zone.from_text((CASES / "base.zone").read_text())


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "todoku", "check", *arguments, "--dns", ZONE],
        check=False,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
    )


def addressed_to(address: str, field: str = "To") -> bytes:
    """The message with one recipient in To, or with another in Cc."""
    head, _, rest = RAW.partition(b"\r\nTo: ")
    to, _, rest = rest.partition(b"\r\n")
    if field == "To":
        return head + b"\r\nTo: " + address.encode() + b"\r\n" + rest
    return head + b"\r\nTo: " + to + b"\r\nCc: " + address.encode() + b"\r\n" + rest


def judged_for(raw: bytes, **settings: object) -> tuple[str, ...]:
    report = todoku.check(raw, resolver=base_zone(), settings=todoku.Settings(**settings))  # type: ignore[arg-type]
    assert {verdict.receiver for verdict in report.verdicts} == {*report.terms.receivers}
    return report.terms.receivers


@pytest.mark.parametrize(
    ("address", "added"),
    [
        ("reader@docomo.ne.jp", ("docomo",)),
        ("Reader <reader@EZWEB.ne.jp>", ("au",)),
        ("reader@a2.ezweb.ne.jp", ("au",)),
        ("a@softbank.ne.jp, b@t.vodafone.ne.jp, c@nifty.com", ("softbank", "nifty")),
        ("reader@yahoo.co.jp", ("yahoo-japan",)),
        ("reader@yahoo.com", ()),
        ("reader@docomo.ne.jp.example.com", ()),
        ("reader@notdocomo.ne.jp", ()),
    ],
)
def test_a_message_to_their_mailboxes_is_judged_by_their_rules_too(address: str, added: tuple[str, ...]) -> None:
    assert judged_for(addressed_to(address)) == (*ASKED_BY_DEFAULT, *added)
    assert judged_for(addressed_to(address, "Cc")) == (*ASKED_BY_DEFAULT, *added)


def test_receivers_that_are_named_are_the_only_ones() -> None:
    assert judged_for(addressed_to("reader@docomo.ne.jp"), receivers=("gmail",)) == ("gmail",)
    assert judged_for(RAW, receivers=GROUPS["japan"]) == GROUPS["japan"]


def test_nobody_asks_about_the_spf_of_from_where_no_receiver_does() -> None:
    questions = {answer.question for answer in todoku.check(RAW, resolver=base_zone()).transcript}
    japan = todoku.check(RAW, resolver=base_zone(), settings=todoku.Settings(receivers=("nifty",)))
    docomo = todoku.check(RAW, resolver=base_zone(), settings=todoku.Settings(receivers=("docomo",)))
    assert {answer.question for answer in japan.transcript} == questions
    assert {answer.question for answer in docomo.transcript} >= questions


def test_a_rule_that_only_others_report_never_fails() -> None:
    """No verdict is stronger than its source, over every case that there is."""
    for message in sorted(CASES.glob("*/*/message.eml")):
        raw = message.read_bytes()
        settings = todoku.Settings(receivers=GROUPS["japan"])
        for verdict in todoku.check(raw, resolver=base_zone(), settings=settings).verdicts:
            if verdict.clause.certain == "reported" or verdict.clause.level == "should":
                assert verdict.result != "fail", (message, verdict.requirement)
            if verdict.clause.level == "info":
                assert verdict.result not in ("fail", "warn"), (message, verdict.requirement)


def test_none_of_them_has_a_rule_that_was_not_found() -> None:
    """No threshold of volume, no one-click unsubscribe, no spam rate and no TLS."""
    for requirement in catalogue():
        for clause in requirement.clauses:
            if clause.receiver in GROUPS["japan"]:
                assert clause.volume == "all"
                assert requirement.id not in ("one-click-unsubscribe", "spam-rate", "tls")
                assert clause.consequence.certain != "own-text" or clause.certain == "own-text"


def test_every_mailbox_domain_leads_to_its_receiver_alone() -> None:
    for receiver in GROUPS["japan"]:
        assert FACTS[receiver].mailboxes
        for domain in FACTS[receiver].mailboxes:
            assert receiver_of_mailbox(domain) == receiver
            assert receiver_of_mailbox(f"sub.{domain}") == receiver
    assert receiver_of_mailbox("yahoo.com") is None
    assert receiver_of_mailbox("jp") is None


def test_the_command_says_for_whom_it_judged_and_why(tmp_path: Path) -> None:
    message = tmp_path / "message.eml"
    message.write_bytes(addressed_to("reader@docomo.ne.jp"))
    told = run(str(message), "--lang", "ja").stdout
    assert "判定に追加" in told
    assert "docomo(宛先に含まれるため)" in told
    report = json.loads(run(str(message), "--format", "json").stdout)
    (verdict,) = [one for one in report["verdicts"] if one["requirement"] == "header-from-spf"]
    assert (verdict["receiver"], verdict["level"], verdict["since"]) == ("docomo", "should", None)
    assert verdict["consequence"]["kind"] == "policy"
    assert verdict["consequence"]["certain"] == "undated"


def test_a_group_is_named_by_one_word_and_an_unknown_one_is_refused() -> None:
    report = json.loads(run("example.com", "--receiver", "japan,gmail", "--format", "json").stdout)
    assert {one["receiver"] for one in report["verdicts"]} == {"gmail", *GROUPS["japan"]}
    refused = run("example.com", "--receiver", "docmo")
    assert refused.returncode == 2
    assert "unknown receiver docmo" in refused.stderr
    assert "yahoo-japan" in refused.stderr


TERMS = st.sampled_from(
    ["ip4:192.0.2.0/24", "include:spf.example.net", "a", "mx:mail.example.org", "exp=why.example.org"]
)
ENDS = st.sampled_from(["", "-all", "~all", "?all", "+all", "all", "redirect=spf.example.net"])


@given(terms=st.lists(TERMS, max_size=4, unique=True), end=ENDS)
def test_adding_ses_keeps_every_other_term_in_its_place(terms: list[str], end: str) -> None:
    record = " ".join(["v=spf1", *terms, *([end] if end else [])])
    added = with_ses(record)
    assert added.replace(f" {INCLUDE}", "", 1) == record
    words = added.split()
    assert not end or words.index(INCLUDE) < words.index(end)
    assert type(parse(added)) is type(parse(record))
