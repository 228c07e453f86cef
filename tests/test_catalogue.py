"""The catalogue as a whole: what each receiver asks for and since when, and what every requirement's file owes its reader.

``ASKED`` is written by hand from what the receivers publish, not from the code, so that a slip in a file shows here.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import string
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from types import UnionType
from typing import get_args, get_type_hints

import msgspec
import pytest

from todoku import causes, receivers, requirements
from todoku.evidence.facts import Evidence
from todoku.judging import agenda, judge
from todoku.judging.judge import catalogue, reasons
from todoku.report.clauses import ses_evidence
from todoku.words import rules
from todoku.words.verdict import Clause, Fix, Missing, Reason, Requirement, Terms, Text

ROOT = Path(requirements.__path__[0])

ASKED = """
arc                      gmail    all   must    2024-02-01  2026-03-11?
arc:list-id              gmail    all   must    2024-02-01  2026-03-11?
arc                      yahoo    all   should  2025-04-10? -
arc                      outlook  all   should  2025-05-05  -
arc                      icloud   bulk  must    2025-02-25  -
bounce-handling          yahoo    all   should  2024-02-01  -
bounce-handling          outlook  all   must    2024-01-31? -
bounce-handling:list-hygiene outlook bulk should 2025-05-05 -
bounce-handling          icloud   bulk  should  2025-02-25  -
bounce-handling:smtp-errors icloud bulk must    2025-02-25  -
consent                  gmail    all   should  2024-02-01  -
consent:double           gmail    all   should  2024-02-01  -
consent:inactive         gmail    all   should  2024-02-01  -
consent                  yahoo    all   should  2024-02-01  -
consent:double           yahoo    all   should  2024-02-01  -
consent:inactive         yahoo    all   should  2024-02-01  -
consent                  outlook  bulk  should  2025-05-05  -
consent                  icloud   bulk  must    2025-02-25  -
consent:inactive         icloud   bulk  must    2025-02-25  -
consent:reactivated      icloud   bulk  must    2025-02-25  -
display-name             gmail    all   should  2025-04-19? -
dkim                     gmail    bulk  must    2024-02-01  -
dkim                     yahoo    bulk  must    2024-02-01  -
dkim                     outlook  bulk  must    2025-05-05  -
dkim                     icloud   bulk  must    2025-02-25  -
dkim-key                 gmail    all   must    2024-02-01  -
dkim-key:2048            gmail    all   should  2024-02-01  -
dkim-key                 yahoo    all   must    2024-07-10? -
dkim-key:2048            yahoo    all   should  2024-07-10? -
dmarc-alignment          gmail    bulk  must    2024-02-01  -
dmarc-alignment:both     gmail    all   should  2024-02-01  -
dmarc-alignment          yahoo    bulk  must    2024-02-01  -
dmarc-alignment:every-signature yahoo bulk should 2024-02-01 -
dmarc-alignment          outlook  bulk  must    2025-05-05  -
dmarc-alignment:both     outlook  bulk  should  2025-05-05  -
dmarc-policy             gmail    all   must    2023-03-06? -
dmarc-policy             yahoo    all   must    2023-12-28? -
dmarc-policy             outlook  all   must    2023-07-19  -
dmarc-policy             icloud   all   must    2018-08-09? -
dmarc-record             gmail    bulk  must    2024-02-01  -
dmarc-record:rua         gmail    bulk  should  2024-02-01  -
dmarc-record             yahoo    bulk  must    2024-02-01  -
dmarc-record:rua         yahoo    bulk  should  2024-02-01  -
dmarc-record             outlook  bulk  must    2025-05-05  -
dmarc-record:reject      outlook  bulk  should  2025-05-05  -
dmarc-record             icloud   bulk  must    2025-02-25  -
feedback-loop            gmail    bulk  should  2023-12-28? -
feedback-loop            yahoo    bulk  should  2023-11-18? -
feedback-loop            outlook  all   should  2024-01-31? -
from-impersonation       gmail    all   must    2024-02-01  -
honor-unsubscribe        gmail    bulk  should  2024-02-01  -
honor-unsubscribe        yahoo    bulk  must    2024-02-01  -
honor-unsubscribe        icloud   bulk  should  2025-02-25  -
message-format           gmail    all   must    2024-02-01  -
message-format:mixed-script gmail all   should  2024-02-01  -
message-format           yahoo    all   must    2024-02-01  -
message-format:policy    yahoo    all   must    2025-04-11? -
message-format:exotic-address yahoo all must    2026-02-15? -
message-format           outlook  all   must    2024-01-31? -
message-format           icloud   bulk  must    2025-02-25  -
one-click-unsubscribe    gmail    bulk  should  2024-02-01  2024-06-01
one-click-unsubscribe    gmail    bulk  must    2024-06-01  -
one-click-unsubscribe    yahoo    bulk  must    2024-06-01  -
one-click-unsubscribe    outlook  all   should  2024-01-31? -
postmaster-registration  gmail    bulk  should  2024-02-01  -
reply-address            outlook  bulk  should  2025-05-05  -
reverse-dns              gmail    all   must    2024-02-01  -
reverse-dns              yahoo    all   must    2024-02-01  -
reverse-dns:own-name     yahoo    all   should  2024-02-01  -
reverse-dns              outlook  all   must    2024-01-31? -
reverse-dns              icloud   bulk  must    2025-02-25  -
reverse-dns:own-name     icloud   bulk  must    2025-02-25  -
sender-domain            yahoo    all   must    2024-02-01  -
sender-domain:null-mx    yahoo    all   must    2025-04-11? -
spam-rate                gmail    all   must    2024-02-01  -
spam-rate:advice         gmail    all   should  2024-02-01  -
spam-rate                yahoo    all   must    2024-02-01  -
spf                      gmail    bulk  must    2024-02-01  -
spf                      yahoo    bulk  must    2024-02-01  -
spf                      outlook  bulk  must    2025-05-05  -
spf                      icloud   bulk  must    2025-02-25  -
spf-and-dkim             gmail    bulk  must    2024-02-01  -
spf-and-dkim             yahoo    bulk  must    2024-02-01  -
spf-and-dkim             outlook  bulk  must    2025-05-05  -
spf-and-dkim             icloud   bulk  must    2025-02-25  -
spf-or-dkim              gmail    all   must    2024-02-01  -
spf-or-dkim              yahoo    all   must    2024-02-01  -
stream-separation        gmail    all   should  2024-02-01  -
stream-separation:lists  gmail    all   should  2025-01-24? -
stream-separation        yahoo    all   should  2024-02-01  -
stream-separation        icloud   bulk  must    2025-02-25  -
stream-separation:consistent-source icloud bulk must 2025-02-25 -
stream-separation:consistent-from icloud bulk must 2025-02-25 -
tls                      gmail    all   must    2024-02-01  -
unsubscribe-link         gmail    bulk  must    2024-02-01  -
unsubscribe-link         yahoo    bulk  must    2024-02-01  -
unsubscribe-link         outlook  all   must    2024-01-31? -
unsubscribe-link:in-body outlook  bulk  should  2025-05-05  -
unsubscribe-link         icloud   bulk  must    2025-02-25  -
"""
"""Requirement and aspect, receiver, whom it binds, how strongly, first day in force, first day no longer in force. With a
question mark the receiver names no day: it is the first on which a copy of its page was seen with the rule, or without."""

UNMET = """
reject      gmail    dkim dmarc-alignment dmarc-record message-format reverse-dns spf spf-and-dkim spf-or-dkim tls
defer       gmail    from-impersonation
spam        gmail    arc arc:list-id consent dkim-key spam-rate:advice unsubscribe-link
no-support  gmail    display-name honor-unsubscribe one-click-unsubscribe spam-rate
policy      gmail    dmarc-policy
reject      yahoo    dkim dkim-key dmarc-alignment dmarc-record honor-unsubscribe message-format message-format:policy
reject      yahoo    message-format:exotic-address one-click-unsubscribe reverse-dns sender-domain spam-rate spf spf-and-dkim
reject      yahoo    sender-domain:null-mx
reject      yahoo    spf-or-dkim unsubscribe-link
policy      yahoo    dmarc-policy
reject      outlook  dkim dmarc-alignment dmarc-record reverse-dns spf spf-and-dkim
no-support  outlook  bounce-handling message-format unsubscribe-link
policy      outlook  dmarc-policy
reject      icloud   arc bounce-handling:smtp-errors consent consent:inactive consent:reactivated
reject      icloud   dkim dmarc-record message-format reverse-dns reverse-dns:own-name spf spf-and-dkim
reject      icloud   stream-separation stream-separation:consistent-source stream-separation:consistent-from unsubscribe-link
policy      icloud   dmarc-policy
reject      docomo   message-format:line-length
defer       docomo   bounce-handling
warning     docomo   dmarc-alignment dmarc-record
policy      docomo   dmarc-policy header-from-spf
defer       au       bounce-handling
policy      au       dkim dmarc-policy header-from-spf spf
reject      softbank message-format:from-and-message-id sender-domain:mail-from
defer       softbank bounce-handling
policy      softbank dmarc-policy header-from-spf
spam        yahoo-japan bounce-handling consent spf-or-dkim
policy      yahoo-japan dmarc-policy
spam        nifty    dkim dmarc-record spf
policy      nifty    dmarc-policy reverse-dns
"""
"""What each receiver says that it does where a rule is not met; all other rules are advice without a consequence."""

JAPAN = """
bounce-handling          docomo      all must    None        -
bounce-handling          au          all should  None        -
bounce-handling          softbank    all should  None        -
bounce-handling          yahoo-japan all should  None        -
consent                  yahoo-japan all should  None        -
dkim                     docomo      all should  None        -
dkim                     au          all should  2023-10-05  -
dkim                     nifty       all must    None        -
dmarc-alignment          docomo      all must    2025-01-01? -
dmarc-policy             docomo      all must    2022-08-23  -
dmarc-policy             au          all should  2023-10-05  -
dmarc-policy             softbank    all must    2024-04-01? -
dmarc-policy             yahoo-japan all must    2020-03-04? -
dmarc-policy             nifty       all must    None        -
dmarc-record             docomo      all must    2025-01-01? -
dmarc-record             nifty       all must    None        -
header-from-spf          docomo      all should  None        -
header-from-spf          au          all should  None        -
header-from-spf          softbank    all info    None        -
message-format:line-length docomo    all must    None        -
message-format:from-and-message-id softbank all must 2008-09-11? -
reverse-dns              nifty       all must    None        -
sender-domain:from-a-or-mx docomo    all should  None        -
sender-domain:mail-from  softbank    all should  None        -
spf                      au          all should  None        -
spf                      nifty       all must    None        -
spf-or-dkim              yahoo-japan all should  2024-12-11  -
"""
"""The same of Japan's receivers, from stored copies of their pages and from what others report."""

GOOGLE_ROWS = {
    "SPF": "spf",
    "DKIM": "dkim",
    "SPF_AND_DKIM": "spf-and-dkim",
    "DMARC_POLICY": "dmarc-record",
    "DMARC_ALIGNMENT": "dmarc-alignment",
    "DNS_RECORDS": "reverse-dns",
    "ENCRYPTION": "tls",
    "MESSAGE_FORMATTING": "message-format",
    "USER_REPORTED_SPAM_RATE": "spam-rate",
    "ONE_CLICK_UNSUBSCRIBE": "one-click-unsubscribe",
    "HONOR_UNSUBSCRIBE": "honor-unsubscribe",
}
"""The rows of Postmaster Tools v2's compliance status, and the requirement that each one is."""

CHANGES = {
    date(2024, 4, 1): {("softbank", "dmarc-policy")},
    date(2024, 12, 11): {("yahoo-japan", "spf-or-dkim")},
    date(2025, 1, 1): {("docomo", "dmarc-alignment"), ("docomo", "dmarc-record")},
    date(2024, 6, 1): {("gmail", "one-click-unsubscribe"), ("yahoo", "one-click-unsubscribe")},
    date(2024, 7, 10): {("yahoo", "dkim-key")},
    date(2025, 2, 25): None,  # all of iCloud's
    date(2025, 4, 10): {("yahoo", "arc")},
    date(2025, 4, 11): {("yahoo", "message-format"), ("yahoo", "sender-domain")},
    date(2025, 4, 19): {("gmail", "display-name")},
    date(2025, 5, 5): None,  # all of Outlook.com's
    date(2026, 2, 15): {("yahoo", "message-format")},
    date(2026, 3, 11): {("gmail", "arc")},
}
"""What came or went on each day from 2024-02-15 to 2026-07-02."""


NAMES = {"SPF", "DKIM", "DMARC", "ARC"}
"""Titles that are names, and the same in every language."""


def asked() -> Iterator[tuple[str, str]]:
    for line in (ASKED + JAPAN).strip().splitlines():
        if not line:
            continue
        name, receiver, *rest = line.split()
        yield name, " ".join((receiver, *rest))


def coded_row(requirement: Requirement, clause: Clause) -> tuple[str, str]:
    since = f"{clause.since}{'?' * clause.since_seen}"
    until = f"{clause.until}{'?' * clause.until_seen}" if clause.until else "-"
    return (
        requirement.id + (f":{clause.aspect}" if clause.aspect else ""),
        f"{clause.receiver} {clause.volume} {clause.level} {since} {until}",
    )


def coded() -> list[tuple[str, str]]:
    return [coded_row(requirement, clause) for requirement in catalogue() for clause in requirement.clauses]


def test_clauses_are_those_that_the_receivers_publish() -> None:
    assert sorted(coded()) == sorted(asked())


def test_what_follows_is_what_the_receivers_say() -> None:
    said = {}
    for line in UNMET.strip().splitlines():
        kind, receiver, *names = line.split()
        said.update({(name, receiver): kind for name in names})
    for requirement in catalogue():
        for clause in requirement.clauses:
            where = (coded_row(requirement, clause)[0], clause.receiver)
            assert clause.consequence.kind == said.get(where, "advice"), where
    assert said.keys() <= {
        (coded_row(one, clause)[0], clause.receiver) for one in catalogue() for clause in one.clauses
    }


def test_rows_of_postmaster_tools_are_named() -> None:
    assert {one.google_row: one.id for one in catalogue() if one.google_row} == GOOGLE_ROWS


def test_rules_changed_on_these_days_and_no_others() -> None:
    changes = rules.rule_changes(catalogue(), date(2024, 2, 15), date(2026, 7, 2))
    concerned: dict[date, set[tuple[str, str]]] = {}
    for change in changes:
        concerned.setdefault(change.day, set()).update(
            (clause.receiver, requirement) for requirement, clause in (*change.came, *change.went)
        )
    assert concerned.keys() == CHANGES.keys()
    for day, wanted in CHANGES.items():
        if wanted is None:
            assert len({receiver for receiver, _ in concerned[day]}) == 1
        else:
            assert concerned[day] == wanted


@pytest.mark.parametrize("requirement", catalogue(), ids=lambda one: one.id)
def test_a_clause_that_comes_or_goes_by_itself_has_a_headline(requirement: Requirement) -> None:
    for clause in requirement.clauses:
        own_day = clause.since != receivers.FACTS[clause.receiver].since or clause.until is not None
        known_change = own_day and (not clause.since_seen or clause.until is not None)
        assert not known_change or clause.headline not in (None, receivers.FACTS[clause.receiver].headline)
        assert clause.source.startswith(("https://", "http://megalodon.jp/"))
        assert clause.read_on == receivers.FACTS[clause.receiver].read_on


def test_what_follows_has_a_source_and_names_no_reply_that_the_rule_does_not() -> None:
    for requirement in catalogue():
        for clause in requirement.clauses:
            consequence = clause.consequence
            where = (requirement.id, clause.receiver, clause.aspect)
            assert consequence.source.startswith(("https://", "http://megalodon.jp/")), where
            assert "{" not in consequence.text.en + consequence.text.ja, where
            assert set(consequence.codes) <= {*clause.codes, *clause.seen_codes}, where
            assert not set(clause.codes) & set(clause.seen_codes), where
            strong = consequence.kind in ("reject", "defer") and consequence.certain == "own-text"
            assert clause.level == "must" or not strong, where


def test_what_follows_from_a_reason_of_its_own_has_a_source_too() -> None:
    own = [reason for reason in reasons().values() if reason.consequence is not None]
    assert {reason.tag for reason in own} == {"spf-open"}
    for reason in own:
        assert reason.consequence is not None
        assert reason.consequence.source.startswith("https://")
        assert not reason.consequence.codes


def modules() -> Iterator[tuple[str, object]]:
    for package in (requirements, causes):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield module.name, importlib.import_module(module.name)
    yield judge.__name__, judge


def named(kind: type) -> Iterator[tuple[str, object]]:
    """Every module-level value of a kind with the module that defines it (not those that import it)."""
    for name, module in modules():
        tree = ast.parse(Path(str(vars(module)["__file__"])).read_text())
        own = {
            target.id
            for statement in tree.body
            if isinstance(statement, ast.Assign | ast.AnnAssign)
            for target in (statement.targets if isinstance(statement, ast.Assign) else (statement.target,))
            if isinstance(target, ast.Name)
        }
        yield from ((name, value) for key, value in vars(module).items() if key in own and isinstance(value, kind))


def texts() -> Iterator[tuple[str, Text]]:
    for requirement in catalogue():
        yield f"{requirement.id}: title", requirement.title
        yield f"{requirement.id}: SES default", requirement.ses_default.text
        yield f"{requirement.id}: page", requirement.setup_page
        for clause in requirement.clauses:
            yield f"{requirement.id}: {clause.receiver} {clause.aspect}", clause.text
            yield f"{requirement.id}: {clause.receiver} {clause.aspect}: if not met", clause.consequence.text
            if clause.headline is not None:
                yield f"{requirement.id}: headline", clause.headline
    for _, reason in named(Reason):
        assert isinstance(reason, Reason)
        yield reason.tag, reason.text
    for _, fix in named(Fix):
        assert isinstance(fix, Fix)
        yield fix.id, fix.title


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_every_text_is_written_in_both_languages() -> None:
    for where, text in texts():
        assert text.en.strip(), where
        assert text.ja.strip(), where
        assert text.en.isascii() or not text.ja.isascii(), where
        if text.en not in NAMES and not text.en.startswith("https://"):
            assert not text.ja.isascii(), where


def test_placeholders_are_the_same_in_both_languages() -> None:
    for where, text in texts():
        if "{{" not in text.en and not where.endswith((": SES default", ": page")):
            assert placeholders(text.en) == placeholders(text.ja), where


def test_no_text_leaves_a_gap_for_the_reader_to_fill() -> None:
    for where, text in texts():
        for template in (text.en, text.ja):
            assert "<your" not in template.lower(), where
            assert "TODO" not in template, where


def test_every_tag_and_every_fix_is_defined_once() -> None:
    tags = Counter(reason.tag for _, reason in named(Reason) if isinstance(reason, Reason))
    fixes = Counter(fix.id for _, fix in named(Fix) if isinstance(fix, Fix))
    assert not [name for name, count in (*tags.items(), *fixes.items()) if count > 1]


def test_every_reason_is_found_by_its_tag() -> None:
    assert judge.reasons().keys() == {reason.tag for _, reason in named(Reason) if isinstance(reason, Reason)}


def test_a_tag_is_kebab_case() -> None:
    for tag in judge.reasons():
        assert all(part.isalnum() and part == part.lower() and part.isascii() for part in tag.split("-")), tag


def alternatives(hint: object) -> frozenset[object]:
    """The members of a union, ``Missing`` left out; of any other type, the type."""
    members = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    return frozenset(members) - {Missing}


def test_facts_are_asked_for_by_the_names_and_types_of_evidence() -> None:
    worked_out = {name: get_type_hints(function)["return"] for name, function in agenda.WORKED_OUT.items()}
    facts = {**get_type_hints(Evidence), "terms": Terms, **worked_out}
    assert not worked_out.keys() & get_type_hints(Evidence).keys()
    asking = [(name, function, 0) for name, function in agenda.WORKED_OUT.items()]
    asking += [(one.id, witness.decide, 1) for one in catalogue() for witness in one.witnesses]
    asking += [(fix.id, fix.build, 0) for _, fix in named(Fix) if isinstance(fix, Fix)]
    for where, function, skip in asking:
        hints = get_type_hints(function)
        for name in list(inspect.signature(function).parameters)[skip:]:
            assert name in facts, (where, name)
            assert alternatives(hints[name]) == alternatives(facts[name]), (where, name)


def test_ids_are_file_names() -> None:
    assert {one.id for one in catalogue()} == {
        path.stem.replace("_", "-") for path in ROOT.glob("*.py") if path.stem != "__init__"
    }


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.py")), ids=lambda path: path.stem)
def test_a_requirement_imports_no_other(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        imported = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        imported += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        assert not [
            name for name in imported if name.startswith("todoku.requirements") or name == "todoku.judging.judge"
        ]


MET_BY_A_MESSAGE = [
    "F01",
    "F02",
    "F15",
    "F17",
    "F18",
    "F19",
    "F20",
    "F21",
    "F22",
    "F24",
    "F29",
    "F30",
    "F33",
    "F36",
    "F37",
    "F38",
    "F39",
    "F40",
    "F41",
    "F42",
    "F44",
]
"""The rows of our list of known failures that a message can show."""


def test_every_known_failure_that_a_message_can_show_is_a_reason() -> None:
    named = {row for reason in reasons().values() for row in reason.case.split()}
    assert not set(MET_BY_A_MESSAGE) - named


def mutants(clause: Clause) -> Iterator[Clause]:
    """The clause with one of its facts wrong."""
    yield msgspec.structs.replace(clause, volume="all" if clause.volume == "bulk" else "bulk")
    yield msgspec.structs.replace(clause, level="must" if clause.level == "should" else "should")
    since = clause.since or date(2024, 2, 1)
    yield msgspec.structs.replace(clause, since=since + timedelta(days=1))
    yield msgspec.structs.replace(clause, until=since + timedelta(days=1))
    yield msgspec.structs.replace(clause, since_seen=not clause.since_seen)
    if clause.until is not None:
        yield msgspec.structs.replace(clause, until=None)


def test_no_wrong_fact_of_a_clause_would_go_unseen() -> None:
    published = sorted(asked())
    for requirement in catalogue():
        for clause in requirement.clauses:
            for mutant in mutants(clause):
                others = [row for row in coded() if row != coded_row(requirement, clause)]
                assert sorted([*others, coded_row(requirement, mutant)]) != published, (requirement.id, mutant)


UNDOCUMENTED = {"arc", "reverse-dns"}
"""Requirements of which no page of AWS says what SES does."""


@pytest.mark.parametrize("requirement", catalogue(), ids=lambda one: one.id)
def test_who_says_what_ses_does_is_named(requirement: Requirement) -> None:
    source = requirement.ses_default.source
    if requirement.id in UNDOCUMENTED:
        assert source == ""
        assert "seen" in requirement.ses_default.text.en
        assert ses_evidence(requirement.ses_default, "en") == "No AWS document says so."
    elif requirement.id == "postmaster-registration":  # Google's doing
        assert source.startswith("https://support.google.com/")
    else:
        assert source.startswith("https://docs.aws.amazon.com/ses/latest/")
