"""From findings to verdicts: what outranks what, what a receiver's own word does, and what is asked once.

The requirements here are made up, so that each test says everything that it depends on.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import combinations, permutations

import msgspec
import pytest

import todoku
from todoku.auth.spf import SpfResult
from todoku.evidence.facts import Evidence, Subject
from todoku.feedback.compliance import Compliance
from todoku.feedback.traffic import Traffic
from todoku.judging.judge import CONCERNS_NOTHING, catalogue, judge, ready_fixes
from todoku.mail.route import Route
from todoku.words.change import Instruction
from todoku.words.verdict import (
    Clause,
    Consequence,
    Exhibit,
    Finding,
    Fix,
    Missing,
    Note,
    Reason,
    Requirement,
    SesDefault,
    Terms,
    Text,
    Verdict,
    Witness,
)

DAY = date(2026, 7, 2)
WORDS = Text("words", "言葉")
TERMS = Terms(as_of=DAY, receivers=("gmail", "yahoo"))
MENDED = Fix("mend", WORDS, lambda: (Instruction(WORDS),))
ADVISED = Fix("advise", WORDS, lambda: (Instruction(WORDS),))
ELSEWHERE = Reason("elsewhere", WORDS)

FINDINGS = [
    Finding("fail", Reason("is-fail", WORDS)),
    Finding("unknown", Reason("is-blind", WORDS), missing="could-not-look"),
    Finding("warn", Reason("is-warn", WORDS)),
    Finding("unknown", Reason("is-not-asked", WORDS), missing="not-asked"),
    Finding("pass", Reason("is-pass", WORDS)),
    Finding("notapplicable", Reason("is-nothing", WORDS)),
]
"""The worst first, as they outrank one another."""
FAIL, BLIND, WARN, NOT_ASKED, PASS, NOTHING = FINDINGS


@cache
def evidence() -> Evidence:
    report = todoku.check(b"From: a@example.com\r\nSubject: s\r\n\r\nbody\r\n", resolver=todoku.Zone.from_text(""))
    return report.evidence


def clause(receiver="gmail", *, level="must", volume="all", aspect="", since=date(2024, 2, 1), until=None) -> Clause:
    return Clause(
        receiver=receiver,
        volume=volume,
        level=level,
        text=WORDS,
        since=since,
        until=until,
        source="https://example.com/",
        read_on=DAY,
        consequence=Consequence("advice", WORDS),
        aspect=aspect,
    )


GMAIL = (clause(),)


def requirement(*witnesses: Witness, clauses=GMAIL) -> Requirement:
    return Requirement(
        id="made-up",
        title=WORDS,
        clauses=clauses,
        ses_default=SesDefault(None, WORDS, "https://example.com/"),
        witnesses=witnesses,
        elsewhere=ELSEWHERE,
        setup_page=WORDS,
    )


def says(finding: Finding | None, kind="message") -> Witness:
    def decide(clause: Clause) -> Finding | None:
        return finding

    return Witness(kind, decide)


def judged(*witnesses: Witness, clauses=GMAIL, seen: Evidence | None = None, terms=TERMS) -> Verdict:
    (verdict,) = judge(seen or evidence(), [requirement(*witnesses, clauses=clauses)], terms)
    return verdict


def pairs():
    return [pair for better in combinations(FINDINGS, 2) for pair in permutations(better)]


@pytest.mark.parametrize(("first", "second"), pairs(), ids=lambda finding: finding.reason.tag)
def test_of_two_clauses_the_worse_decides(first: Finding, second: Finding) -> None:
    def decide(clause: Clause) -> Finding:
        return {"first": first, "second": second}[clause.aspect]

    verdict = judged(Witness("message", decide), clauses=(clause(aspect="first"), clause(aspect="second")))
    worse = min(first, second, key=FINDINGS.index)
    assert (verdict.result, verdict.reason, verdict.missing) == (worse.result, worse.reason, worse.missing)
    assert verdict.clause.aspect == ("first" if worse is first else "second")


@pytest.mark.parametrize(("first", "second"), pairs(), ids=lambda finding: finding.reason.tag)
def test_of_two_witnesses_the_worse_decides(first: Finding, second: Finding) -> None:
    verdict = judged(says(first), says(second))
    worse = min(first, second, key=FINDINGS.index)
    assert (verdict.result, verdict.reason, verdict.missing) == (worse.result, worse.reason, worse.missing)
    assert [said.finding for said in verdict.witnesses] == [first, second]


@cache
def domain_evidence() -> Evidence:
    return todoku.check_domain("example.com", resolver=todoku.Zone.from_text("example.com. A 192.0.2.1")).evidence


@cache
def account_evidence() -> Evidence:
    return msgspec.structs.replace(domain_evidence(), subject=Subject(kind="account", name="example.com"))


def test_a_witness_of_another_kind_of_subject_is_not_heard() -> None:
    both = (says(PASS, "message"), says(FAIL, "setup"))
    assert judged(*both, seen=domain_evidence()).reason is FAIL.reason
    assert judged(*both).reason is PASS.reason
    silent = judged(says(PASS, "message"), seen=domain_evidence())
    assert (silent.result, silent.reason, silent.missing) == ("unknown", ELSEWHERE, "not-asked")


def test_a_receiver_is_heard_of_a_domain_where_it_has_something_to_say() -> None:
    silent = judged(says(None, "receiver"), seen=domain_evidence())
    assert (silent.result, silent.reason, silent.missing) == ("unknown", ELSEWHERE, "not-asked")
    assert judged(says(PASS, "receiver"), seen=domain_evidence()).reason is PASS.reason


def test_a_witness_that_has_nothing_to_say_of_its_own_subject_was_heard() -> None:
    assert judged(says(None, "setup"), seen=domain_evidence()).reason is CONCERNS_NOTHING


def test_advice_that_is_not_followed_is_a_warning() -> None:
    verdict = judged(says(FAIL), clauses=(clause(level="should"),))
    assert (verdict.result, verdict.reason, verdict.clause.level) == ("warn", FAIL.reason, "should")


def test_what_could_not_be_looked_at_outranks_advice_that_is_not_followed() -> None:
    def decide(clause: Clause) -> Finding:
        return FAIL if clause.level == "should" else BLIND

    verdict = judged(Witness("message", decide), clauses=(clause(level="should"), clause(aspect="must")))
    assert (verdict.result, verdict.missing) == ("unknown", "could-not-look")


@pytest.mark.parametrize(
    ("ours", "theirs", "result", "tag"),
    [
        (PASS, FAIL, "warn", "receiver-disagrees"),
        (PASS, WARN, "pass", "is-pass"),
        (PASS, PASS, "pass", "is-pass"),
        (PASS, BLIND, "unknown", "is-blind"),
        (WARN, BLIND, "warn", "is-warn"),
        (FAIL, BLIND, "fail", "is-fail"),
        (PASS, NOT_ASKED, "pass", "is-pass"),
        (WARN, FAIL, "warn", "is-warn"),
        (FAIL, PASS, "fail", "is-fail"),
        (BLIND, BLIND, "unknown", "is-blind"),
        (BLIND, NOT_ASKED, "unknown", "is-blind"),
        (NOTHING, FAIL, "notapplicable", "is-nothing"),
    ],
)
def test_a_receivers_own_word_beside_our_evaluation(ours: Finding, theirs: Finding, result: str, tag: str) -> None:
    verdict = judged(says(ours), says(theirs, "receiver"))
    assert (verdict.result, verdict.reason.tag) == (result, tag)
    disagree = {ours.result, theirs.result} == {"pass", "fail"}
    told = [note.reason.tag for note in verdict.notes]
    outranked = ours is PASS and result != "pass"
    assert told == (["is-pass"] if outranked else ["receiver-disagrees"] if disagree else [])


@pytest.mark.parametrize("ours", [BLIND, NOT_ASKED], ids=["could-not-look", "not-asked"])
@pytest.mark.parametrize("theirs", [PASS, WARN, FAIL], ids=["pass", "warn", "fail"])
def test_where_we_could_not_look_a_receivers_word_decides(ours: Finding, theirs: Finding) -> None:
    verdict = judged(says(ours), says(theirs, "receiver"))
    assert (verdict.result, verdict.reason, verdict.missing) == (theirs.result, theirs.reason, None)
    assert [note.reason for note in verdict.notes] == [ours.reason], "it says why we could not"
    assert [said.kind for said in verdict.witnesses] == ["message", "receiver"]


def test_what_stands_in_for_our_finding_is_not_held_against_it() -> None:
    theirs = msgspec.structs.replace(FAIL, reported_by="Outlook.com")
    verdict = judged(says(PASS), says(theirs, "receiver"))
    assert (verdict.result, verdict.reason, verdict.notes) == ("pass", PASS.reason, ())
    assert [said.kind for said in verdict.witnesses] == ["message"]
    verdict = judged(says(BLIND), says(theirs, "receiver"))
    assert (verdict.result, verdict.reported_by) == ("fail", "Outlook.com")


def test_of_a_domain_what_we_could_not_look_at_stays_unknown() -> None:
    """What a receiver says of a domain is about all its mail: it stands beside what DNS shows, and not in its place."""
    verdict = judged(says(BLIND, "setup"), says(PASS, "receiver"), seen=domain_evidence())
    assert (verdict.result, verdict.reason) == ("unknown", BLIND.reason)


def both_sides() -> tuple[Finding, Finding]:
    ours = msgspec.structs.replace(PASS, exhibits=(Exhibit("dns", "a TXT", "x"),), values={"domain": "a"})
    theirs = msgspec.structs.replace(FAIL, exhibits=(Exhibit("header", "Authentication-Results", "y"),))
    return ours, theirs


def test_a_contradiction_shows_both_sides() -> None:
    ours, theirs = both_sides()
    verdict = judged(says(ours), says(theirs, "receiver"))
    assert verdict.exhibits == (*ours.exhibits, *theirs.exhibits)
    assert verdict.values == {"ours": "pass", "receiver": "Gmail", "theirs": "fail"}
    assert verdict.notes == (Note(PASS.reason, {"domain": "a"}),)
    assert judged(says(FAIL), says(ours, "receiver")).notes[0].exhibits == ours.exhibits


def test_a_provider_that_contradicts_is_given_its_own_words() -> None:
    ours, theirs = both_sides()
    verdict = judged(says(ours, "setup"), says(theirs, "provider"), seen=account_evidence())
    assert (verdict.result, verdict.reason.tag) == ("warn", "provider-disagrees")
    assert verdict.exhibits == (*ours.exhibits, *theirs.exhibits)
    assert verdict.notes == (Note(PASS.reason, {"domain": "a"}), Note(FAIL.reason, theirs.values))
    agreed = judged(says(FAIL, "setup"), says(theirs, "provider"), seen=account_evidence())
    assert (agreed.reason, agreed.notes) == (FAIL.reason, ())
    late = judged(says(FAIL, "setup"), says(ours, "provider"), seen=account_evidence())
    assert [note.reason.tag for note in late.notes] == ["provider-disagrees"]


def test_a_receivers_word_decides_where_nothing_else_speaks() -> None:
    assert judged(says(None), says(FAIL, "receiver")).reason == FAIL.reason
    assert judged(says(None, "setup"), says(FAIL, "provider"), seen=account_evidence()).reason == FAIL.reason


def test_one_who_could_not_be_asked_may_have_contradicted_a_pass() -> None:
    seen = account_evidence()
    assert judged(says(PASS, "setup"), says(BLIND, "provider"), seen=seen).missing == "could-not-look"
    assert judged(says(WARN, "setup"), says(BLIND, "provider"), seen=seen).result == "warn"
    assert judged(says(FAIL, "setup"), says(BLIND, "provider"), seen=seen).result == "fail"
    for heard in (PASS, WARN, None):
        assert judged(says(heard, "receiver"), says(BLIND, "provider"), seen=seen).missing == "could-not-look"
    assert judged(says(FAIL, "receiver"), says(BLIND, "provider"), seen=seen).result == "fail"


def test_a_warning_that_is_outranked_is_told() -> None:
    def decide(clause: Clause) -> Finding:
        return FAIL if clause.level == "should" else BLIND

    verdict = judged(Witness("message", decide), clauses=(clause(level="should"), clause(aspect="must")))
    assert [note.reason for note in verdict.notes] == [FAIL.reason]


def test_nobody_speaks() -> None:
    assert (judged(says(None)).result, judged(says(None)).reason.tag) == ("notapplicable", "not-concerned")


def test_nobody_could_ever_speak() -> None:
    verdict = judged()
    assert (verdict.result, verdict.missing, verdict.reason) == ("unknown", "not-asked", ELSEWHERE)


def test_notes_with_other_values_are_other_notes() -> None:
    reason = Reason("noted", WORDS)
    first, second = Note(reason, {"domain": "a"}), Note(reason, {"domain": "b"})
    finding = msgspec.structs.replace(PASS, notes=(first, second, first))
    verdict = judged(says(finding), clauses=(clause(aspect="one"), clause(aspect="two")))
    assert verdict.notes == (first, second)


def test_the_notes_of_every_clause_are_kept() -> None:
    def decide(clause: Clause) -> Finding:
        return msgspec.structs.replace(
            FAIL if clause.aspect else PASS, notes=(Note(Reason(f"n{clause.aspect}", WORDS)),)
        )

    verdict = judged(Witness("message", decide), clauses=(clause(), clause(aspect="x")))
    assert [note.reason.tag for note in verdict.notes] == ["n", "nx"]


@pytest.mark.parametrize("kind", ["not-asked", "could-not-look"])
def test_a_missing_fact_is_unknown_before_the_witness_is_asked(kind: str) -> None:
    def decide(clause: Clause, spf: SpfResult) -> Finding:
        raise AssertionError("asked without the fact")

    missing = Missing(kind, Reason("gone", Text("{what}", "{what}")), {"what": "it"})
    verdict = judged(Witness("message", decide), seen=msgspec.structs.replace(evidence(), spf=missing))
    assert (verdict.result, verdict.missing, verdict.reason, verdict.values) == (
        *("unknown", kind, missing.reason),
        {"what": "it"},
    )


def test_a_witness_that_admits_a_missing_fact_is_given_it() -> None:
    def decide(clause: Clause, spf: SpfResult | Missing, terms: Terms) -> Finding:
        assert isinstance(spf, Missing)
        assert terms is TERMS
        return PASS

    assert judged(Witness("message", decide)).result == "pass"


def test_a_witness_that_has_nothing_to_say_is_asked_once_too() -> None:
    asked: list[str] = []

    def silent(_clause: Clause) -> None:
        asked.append("silent")

    judge(evidence(), [requirement(Witness("message", silent), clauses=(clause(), clause("yahoo")))], TERMS)
    assert asked == ["silent"]


def test_a_receiver_that_wrote_nothing_on_a_message_is_not_asked_about_it() -> None:
    asked: list[Route | Missing] = []

    def word(clause: Clause, route: Route | Missing) -> Finding | None:
        asked.append(route)
        return FAIL if isinstance(route, Route) else None

    asks = requirement(says(PASS), Witness("receiver", word))
    received = b"Received: from a.example (a.example [192.0.2.1]) by mx.google.com with ESMTPS id x; 1 Jan 2026 00:00:00 +0000\r\n"
    wrote = b"Authentication-Results: mx.google.com; spf=pass smtp.mailfrom=example.com\r\n"
    results = []
    for header in (received, wrote + received):
        seen = todoku.check(header + b"From: a@example.com\r\n\r\nbody\r\n", resolver=todoku.Zone.from_text(""))
        (verdict,) = judge(seen.evidence, [asks], TERMS)
        results.append(verdict.result)
    assert results == ["pass", "warn"]
    assert len([route for route in asked if isinstance(route, Route)]) == 1


def test_no_receiver_speaks_from_a_route_without_its_results() -> None:
    for one, witness in [(each, witness) for each in catalogue() for witness in each.witnesses]:
        names = witness.decide.__code__.co_varnames[: witness.decide.__code__.co_argcount]
        if witness.kind == "receiver" and "route" in names:
            route = Route(hops=(), receiver="gmail", receiver_name="mx.google.com")
            facts = [route if name == "route" else None for name in names[1:]]
            assert all(witness.decide(clause, *facts) is None for clause in one.clauses), one.id


def test_a_receiver_that_nobody_looked_for_a_word_of_is_asked_of_the_first_subject_alone() -> None:
    asked: list[object] = []

    def row(clause: Clause, compliance: Compliance | Missing) -> Finding | None:
        asked.append(compliance)
        return None if isinstance(compliance, Missing) else FAIL

    def rate(clause: Clause, traffic: Traffic) -> Finding:
        raise AssertionError("asked without the fact")

    ours = Witness("setup", lambda _clause: PASS)
    asks = (requirement(ours, Witness("receiver", row)), requirement(Witness("receiver", rate)))
    seen = domain_evidence()
    terms = Terms(as_of=DAY, receivers=("gmail",))
    said = [judge(seen, asks, terms) for _ in range(3)]
    assert [(one.result, one.missing) for one in said[0]] == [("pass", None), ("unknown", "not-asked")]
    assert said[0] == said[1] == said[2]
    assert asked == [seen.compliance]
    looked_for = Missing("could-not-look", ELSEWHERE)
    judge(msgspec.structs.replace(seen, compliance=looked_for), asks, terms)
    assert asked == [seen.compliance, looked_for]
    contrary, _ = judge(msgspec.structs.replace(seen, compliance=Compliance(domain="example.com")), asks, terms)
    assert contrary.result == "warn"


def test_a_witness_is_asked_once_unless_it_looks_at_the_clause() -> None:
    asked: list[str] = []

    def same(_clause: Clause) -> Finding:
        asked.append("same")
        return PASS

    def each(clause: Clause) -> Finding:
        asked.append(clause.receiver)
        return PASS if clause.receiver == "gmail" else WARN

    clauses = (clause(), clause("yahoo"))
    found = judge(evidence(), [requirement(Witness("message", same), Witness("message", each), clauses=clauses)], TERMS)
    assert [verdict.result for verdict in found] == ["pass", "warn"]
    assert asked == ["same", "gmail", "yahoo"]


def test_a_witness_that_looks_at_a_part_of_the_clause_is_asked_once_for_each_such_part() -> None:
    asked: list[str] = []

    def by_aspect(aspect: str) -> Finding:
        asked.append(aspect)
        return PASS

    def by_receiver(receiver: str) -> Finding:
        asked.append(receiver)
        return PASS

    clauses = (clause(), clause("yahoo"), clause(aspect="rua"), clause("yahoo", aspect="rua"))
    asking = requirement(Witness("message", by_aspect), Witness("message", by_receiver), clauses=clauses)
    judge(evidence(), [asking], TERMS)
    assert sorted(asked) == ["", "gmail", "rua", "yahoo"]


@pytest.mark.parametrize(
    ("as_of", "days"),
    [(date(2024, 1, 31), []), (date(2024, 2, 1), ["old"]), (date(2024, 5, 31), ["old"]), (date(2024, 6, 1), ["new"])],
)
def test_a_clause_binds_from_its_first_day_to_the_day_before_its_last(as_of: date, days: list[str]) -> None:
    clauses = (clause(aspect="old", until=date(2024, 6, 1)), clause(aspect="new", since=date(2024, 6, 1)))
    found = judge(evidence(), [requirement(says(PASS), clauses=clauses)], Terms(as_of=as_of, receivers=("gmail",)))
    assert [verdict.clause.aspect for verdict in found] == days


def test_a_clause_for_bulk_senders_does_not_bind_a_small_one() -> None:
    small = Terms(as_of=DAY, receivers=("gmail",), volume="small")
    verdict = judged(says(FAIL), clauses=(clause(volume="bulk"),), terms=small)
    assert (verdict.result, verdict.reason.tag) == ("notapplicable", "small-sender")
    both = judged(says(FAIL), clauses=(clause(volume="bulk"), clause(aspect="everybody")), terms=small)
    assert (both.result, both.clause.aspect) == ("fail", "everybody")


def mended(result, reason: Reason, *notes: Note, level="must") -> Verdict:
    return Verdict(
        requirement="made-up", receiver="gmail", clause=clause(level=level), result=result, reason=reason, notes=notes
    )


def fixes_of(*verdicts: Verdict) -> list[tuple[str, bool, tuple[str, ...]]]:
    ready = ready_fixes(verdicts, evidence(), TERMS)
    return [(one.fix.id, one.advice, one.mends) for one in ready]


BROKEN = Reason("broken", WORDS, fixes=(MENDED,))
COULD_BE_BETTER = Reason("could-be-better", WORDS, fixes=(ADVISED,))


def test_what_mends_the_worst_comes_first_and_advice_last() -> None:
    advice, failure = mended("warn", COULD_BE_BETTER, level="should"), mended("fail", BROKEN)
    assert fixes_of(advice, failure) == [("mend", False, ("broken",)), ("advise", True, ("could-be-better",))]
    assert fixes_of(mended("warn", COULD_BE_BETTER)) == [("advise", False, ("could-be-better",))]


def test_a_requirement_that_is_met_needs_no_fix_but_its_notes_may() -> None:
    assert fixes_of(mended("pass", BROKEN)) == []
    assert fixes_of(mended("pass", BROKEN, Note(COULD_BE_BETTER))) == [("advise", True, ("could-be-better",))]


def test_a_fix_that_mends_two_causes_is_offered_once() -> None:
    also = Reason("also-broken", WORDS, fixes=(MENDED,))
    assert fixes_of(mended("fail", BROKEN), mended("warn", also)) == [("mend", False, ("broken", "also-broken"))]


def test_a_fix_with_nothing_to_change_or_without_its_facts_is_not_offered() -> None:
    def needs_spf(spf: SpfResult) -> tuple[Instruction, ...]:
        raise AssertionError("built without the fact")

    nothing = Reason("nothing", WORDS, fixes=(Fix("none", WORDS, lambda: ()), Fix("blind", WORDS, needs_spf)))
    assert isinstance(evidence().spf, Missing)
    assert fixes_of(mended("fail", nothing)) == []
