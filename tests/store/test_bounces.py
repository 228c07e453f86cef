"""What SES tells of mail that did not arrive: each event once, by receiver and by what its reply means."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from ses_events import DOCOMO, month_of_events, ses_event
from store_bench import Bench
from todoku.feedback.answers import Bounces, Scope
from todoku.intake.parse import SCHEMAS
from todoku.store.questions.bounces import bounces, outcomes
from todoku.store.read import Reader

ALL = Scope()


@pytest.fixture
def reader(bench: Bench) -> Iterator[Reader]:
    """The events of a month, some of which came twice."""
    events = month_of_events()
    bench.ingest_events(*events, *events[-9:])
    with Reader(bench.store, SCHEMAS) as reader:
        yield reader


def numbers(found: list[Bounces]) -> dict[tuple[str, str, str], int]:
    return {(one.kind, one.receiver, one.diagnosis): one.recipients for one in found}


def test_each_recipient_counts_once_under_its_receiver_and_diagnosis(reader: Reader) -> None:
    assert numbers(bounces(reader, ALL)) == {
        ("bounce", "docomo", "docomo-unknown-or-refused"): 5,
        ("bounce", "gmail", "mailbox-full"): 2,
        ("bounce", "au", "au-filtered"): 1,
        ("bounce", "softbank", "softbank-unknown"): 1,
        ("bounce", "", "ses-suppressed"): 1,
        ("bounce", "", "unknown"): 1,
        ("complaint", "outlook", ""): 1,  # both of its recipients may have complained; one did
        ("delivery-delay", "yahoo-japan", "temporary"): 1,  # of the same message, twice
        ("reject", "", "ses-virus"): 1,
        ("rendering-failure", "", "ses-template"): 1,
    }


def test_what_is_to_be_done_and_what_is_behind_it(reader: Reader) -> None:
    found = {(one.receiver, one.diagnosis): one for one in bounces(reader, ALL)}
    docomo = found["docomo", "docomo-unknown-or-refused"]
    assert (docomo.handling, docomo.requirements, docomo.permanent) == ("find-out", ("bounce-handling",), 5)
    assert docomo.reply == DOCOMO.format("@docomo.ne.jp")  # nobody's address
    assert (docomo.first, docomo.last) == (date(2026, 9, 1), date(2026, 9, 1))
    assert found["gmail", "mailbox-full"].permanent == 0
    assert found["", "unknown"].reply == "smtp; 599 strange words"
    assert found["outlook", ""].requirements == ("spam-rate",)


def test_a_delay_is_no_bounce_and_in_no_rate(reader: Reader) -> None:
    found = {one.receiver: one for one in outcomes(reader, ALL)}
    assert (found["docomo"].delivered, found["docomo"].bounced) == (20, 5)
    assert (found["gmail"].delivered, found["gmail"].bounced) == (20, 2)
    assert (found["yahoo-japan"].bounced, found["yahoo-japan"].delayed) == (0, 1)
    assert found["outlook"].complaints == 1
    assert next(iter(found)) == "docomo"


@pytest.mark.parametrize(
    ("by", "parts"),
    [
        ("day", {"2026-09-01", "2026-09-02"}),
        ("week", {"2026-08-31"}),
        ("month", {"2026-09"}),
        ("configuration-set", {"main", "news"}),
        ("tag", {"", "campaign=autumn"}),
    ],
)
def test_by_day_configuration_set_and_tag(reader: Reader, by, parts: set[str]) -> None:
    found = bounces(reader, ALL, by)
    assert {one.part for one in found} == parts
    if by == "tag":
        assert numbers([one for one in found if one.part]) == {("bounce", "docomo", "docomo-unknown-or-refused"): 5}


def test_days_and_domain(reader: Reader) -> None:
    assert [one.diagnosis for one in bounces(reader, Scope(since=date(2026, 9, 2)))] == ["ses-suppressed", "temporary"]
    assert len(bounces(reader, Scope("example.com"))) == len(bounces(reader, ALL))
    assert bounces(reader, Scope("example.net")) == []


def test_a_message_with_two_tags_counts_under_each(bench: Bench) -> None:
    two = {"campaign": ["a"], "kind": ["b"]}
    bench.ingest_events(ses_event("Bounce", 1, "x@docomo.ne.jp", reply="550 Unknown user x@docomo.ne.jp", tags=two))
    with Reader(bench.store, SCHEMAS) as reader:
        assert [(one.part, one.recipients) for one in bounces(reader, ALL, "tag")] == [("kind=b", 1), ("campaign=a", 1)]
        assert [one.recipients for one in bounces(reader, ALL)] == [1]


def test_no_event_no_answer(bench: Bench) -> None:
    with Reader(bench.store, SCHEMAS) as reader:
        assert (bounces(reader, ALL), outcomes(reader, ALL)) == ([], [])
