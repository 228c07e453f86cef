"""Which record or setting changed, against what stood there when all was well."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from todoku.account.identity import DkimSettings, MailFromSettings, SesIdentity
from todoku.auth.ask import Answer, Question
from todoku.report.alert import letter
from todoku.watching.alarm import Advanced, Alarm, advance
from todoku.watching.drift import Memory, State, Thing, Whose, compare, records, requirement_of, settings
from todoku.watching.signal import Signal

START = datetime(2026, 11, 2, tzinfo=UTC)
DAY = timedelta(days=1)
DMARC = Thing("_dmarc.example.com", "TXT")
EXAMPLE = Whose("example.com", "example.com")
REJECT, NONE = ("v=DMARC1; p=reject",), ("v=DMARC1; p=none",)


def answer(name: str, rdtype: str, *values: str, status: str = "ok", chain: tuple[str, ...] = ()) -> Answer:
    return Answer(Question(name, rdtype), values, status=status, chain=chain)


def looks(*states: tuple[str, ...] | None, worse: tuple[str, ...] = (), step: timedelta = DAY) -> list[list[Signal]]:
    """What each of several daily looks at the DMARC record tells; what is remembered goes through JSON."""
    memory, told = Memory(), []
    for number, state in enumerate(states):
        drift = compare(EXAMPLE, {DMARC: state}, memory, worse=frozenset(worse), at=START + number * step)
        memory = msgspec.json.decode(msgspec.json.encode(drift.memory), type=Memory)
        told.append(list(drift.seen.signals))
    return told


def test_a_change_is_named_with_both_values() -> None:
    _, (signal,) = looks(REJECT, NONE)
    assert signal.reason.tag == "record-changed"
    assert signal.requirement == "dmarc-record"
    assert signal.values == {"name": "_dmarc.example.com", "rdtype": "TXT", "before": REJECT[0], "after": NONE[0]}


def test_a_record_that_is_gone() -> None:
    _, (signal,) = looks(REJECT, ())
    assert signal.values["after"] == "none"


def test_what_is_put_back_is_well_again() -> None:
    assert [len(some) for some in looks(REJECT, NONE, REJECT, REJECT)] == [0, 1, 0, 0]


def test_a_look_that_failed_changes_nothing() -> None:
    assert [len(some) for some in looks(REJECT, None, REJECT)] == [0, 0, 0]
    assert [len(some) for some in looks(REJECT, NONE, None, NONE)] == [0, 1, 1, 1]


def test_a_changed_record_that_nobody_could_ask_for_is_no_peace() -> None:
    """Of DKIM's records SES tells the names: while it tells nothing, nobody asks for them."""
    first = compare(EXAMPLE, {DMARC: REJECT}, Memory(), worse=frozenset(), at=START)
    changed = compare(EXAMPLE, {DMARC: ()}, first.memory, worse=frozenset({"dmarc-record"}), at=START + DAY)
    memory, told = changed.memory, []
    for number in range(2, 6):
        look = compare(EXAMPLE, {}, memory, worse=frozenset(), at=START + number * DAY)
        memory = msgspec.json.decode(msgspec.json.encode(look.memory), type=Memory)
        told.append(len(look.seen.signals))
    assert told == [1, 1, 0, 0]
    assert memory == Memory()


def test_a_name_with_a_blank_is_remembered_as_it_is() -> None:
    """Of a stranger's domain: RFC 7208 section 7.2 makes a blank of ``%_`` in ``include:%_spf.example.com``."""
    thing, memory, told = Thing(" spf.example.com", "TXT"), Memory(), []
    for number, now in enumerate(({thing: REJECT}, {thing: NONE}, {}, {thing: REJECT})):
        look = compare(EXAMPLE, now, memory, worse=frozenset(), at=START + number * DAY)
        memory = look.memory
        told.append([one.values["name"] for one in look.seen.signals])
    assert told == [[], [thing.name], [thing.name], []]


def test_a_change_that_does_no_harm_is_taken_over_after_three_days() -> None:
    assert [len(some) for some in looks(REJECT, NONE, NONE, NONE, NONE, NONE)] == [0, 1, 1, 1, 0, 0]


def test_one_that_changes_again_begins_anew() -> None:
    other = ("v=DMARC1; p=quarantine",)
    assert [len(some) for some in looks(REJECT, NONE, NONE, other, other, other, other)] == [0, 1, 1, 1, 1, 1, 0]


def test_one_that_does_harm_stays_a_failure() -> None:
    told = looks(REJECT, *[NONE] * 8, worse=("dmarc-record",))
    assert [[one.level for one in some] for some in told] == [[], *[["fail"]] * 8]


def test_time_to_live_and_order_are_no_change() -> None:
    first = records([answer("example.com", "MX", "10 a.example.com", "20 b.example.com")], "example.com")
    second = records([answer("example.com", "MX", "20 b.example.com", "10 a.example.com")], "example.com")
    assert first == second


def test_only_the_owners_own_records_count() -> None:
    found = records(
        [
            answer("example.com", "TXT", "v=spf1 -all", "google-site-verification=abc"),
            answer("a.example.com", "A", "192.0.2.1"),
            answer("_spf.example.net", "TXT", "v=spf1 ?all"),
            answer("notexample.com", "TXT", "v=spf1 -all"),
            answer("s1._domainkey.example.com", "TXT", "p=abc", chain=("s1.dkim.example.org",)),
            answer("_dmarc.example.com", "TXT", status="timeout"),
        ],
        "example.com",
    )
    assert found == {
        Thing("example.com", "TXT"): ("v=spf1 -all",),
        Thing("s1._domainkey.example.com", "TXT"): ("CNAME s1.dkim.example.org", "p=abc"),
        Thing("_dmarc.example.com", "TXT"): None,
    }


def test_a_setting_of_ses() -> None:
    identity = SesIdentity(
        name="example.com",
        region="ap-northeast-1",
        kind="domain",
        verified=True,
        dkim=DkimSettings(signing=True, bits=2048),
        mail_from=MailFromSettings(domain="mail.example.com"),
    )
    now = settings(identity)
    assert None not in now.values()
    whose = Whose("example.com (ap-northeast-1)", "example.com")
    drift = compare(whose, now, Memory(), worse=frozenset(), at=START)
    off = msgspec.structs.replace(identity, dkim=DkimSettings(signing=False, bits=2048))
    changed = compare(whose, settings(off), drift.memory, worse=frozenset({"dkim"}), at=START + DAY)
    (signal,) = changed.seen.signals
    assert (signal.reason.tag, signal.requirement, signal.level) == ("ses-setting-changed", "dkim", "fail")
    assert signal.values == {
        "setting": "dkim.signing",
        "identity": "example.com",
        "region": "ap-northeast-1",
        "before": "True",
        "after": "False",
    }


@pytest.mark.parametrize(
    ("thing", "requirement"),
    [
        (Thing("_dmarc.example.com", "TXT"), "dmarc-record"),
        (Thing("s1._domainkey.example.com", "CNAME"), "dkim"),
        (Thing("_mta-sts.example.com", "TXT"), "tls"),
        (Thing("_smtp._tls.example.com", "TXT"), "tls"),
        (Thing("example.com", "TXT"), "spf"),
        (Thing("example.com", "MX"), "sender-domain"),
        (Thing("example.com", "mail_from.domain", "eu-west-1"), "spf"),
        (Thing("example.com", "configuration_set", "eu-west-1"), "bounce-handling"),
    ],
    ids=str,
)
def test_each_thing_is_there_for_a_requirement(thing: Thing, requirement: str) -> None:
    assert requirement_of(thing) == requirement


TOKENS = tuple(Thing(f"t{number}._domainkey.example.com", "CNAME") for number in range(3))
BOUNCE = Thing("bounce.example.com", "MX")
SET: dict[Thing, State | None] = {
    DMARC: REJECT,
    BOUNCE: ("10 feedback-smtp.example.",),
    **{one: (f"{one.name}.dkim.example",) for one in TOKENS},
}


class Loss:
    """Looks at the same records by a domain and its identity in a region, and the alarms that come of them."""

    WHO = (EXAMPLE, Whose("example.com (eu-west-1)", "example.com"))

    def __init__(self) -> None:
        self.at = START
        self.alarms: tuple[Alarm, ...] = ()
        self.memory: dict[Whose, Memory] = {}

    def look(self, *gone: Thing, worse: tuple[str, ...] = ()) -> Advanced:
        now = {**SET, **dict.fromkeys(gone, ())}
        self.at += timedelta(hours=1)
        drifts = {
            who: compare(who, now, self.memory.get(who, Memory()), worse=frozenset(worse), at=self.at)
            for who in self.WHO
        }
        self.memory = {who: drift.memory for who, drift in drifts.items()}
        seen = [drift.seen for drift in drifts.values()]
        signals = [signal for one in seen for signal in one.signals]
        advanced = advance(self.alarms, signals, seen[0].looked | seen[1].looked, self.at)
        self.alarms = advanced.alarms
        return advanced


def test_records_that_are_lost_together_are_one_alarm_that_names_them_all() -> None:
    loss = Loss()
    assert loss.look() == Advanced()
    (notice,) = loss.look(*SET).notices
    assert (notice.step, notice.abouts) == ("fired", ("example.com", "example.com (eu-west-1)"))
    assert {one.part for one in notice.said} == {one.key for one in SET}
    for language in ("en", "ja"):
        body = letter(notice, language).body
        assert all(body.count(f"{one.name} ") >= 1 for one in SET)
    assert loss.look(*SET).notices == ()
    (over,) = loss.look().notices
    assert (over.step, over.said) == ("resolved", notice.said)


def test_a_record_that_is_lost_later_is_told_by_itself() -> None:
    loss = Loss()
    loss.look()
    loss.look(TOKENS[0])
    (notice,) = loss.look(TOKENS[0], DMARC).notices
    assert (notice.step, [one.part for one in notice.said], notice.requirement) == (
        "joined",
        [DMARC.key],
        "dmarc-record",
    )
    (back,) = loss.look(DMARC).notices
    assert (back.step, [one.part for one in back.said]) == ("left", [TOKENS[0].key])
    (worse,) = loss.look(DMARC, TOKENS[1], worse=("dkim",)).notices
    assert (worse.step, [one.part for one in worse.said]) == ("escalated", [TOKENS[1].key])
    assert [one.step for one in loss.look().notices] == ["resolved"]


def test_the_order_of_what_is_lost_does_not_matter() -> None:
    one, other = Loss(), Loss()
    one.look(), other.look()
    assert one.look(DMARC, *TOKENS) == other.look(*reversed(TOKENS), DMARC)
