"""The bounds of looking things up, as ``todoku check`` tells them: SPF's own limits are permerror, ours are "could not look"."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

import todoku
from hostile import Checked, P, checked, signed, txt
from hostile import todoku as todoku_command
from nameserver import nameserver
from todoku import api
from todoku.api import driver
from todoku.auth.ask import Allowance, Answer, Ask, Question, ask, limited, together
from todoku.cli import recording
from todoku.evidence.authentication import DMARC_SPARE, MAX_QUESTIONS
from todoku.net import drivers
from todoku.net.dns.resolver import Resolver

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SENT = ("--ip", "192.0.2.1", "--helo", "mx.example.com", "--mail-from", "joe@example.com")
ENVELOPE = todoku.Envelope(ip="192.0.2.1", helo="mx.example.com", mail_from="joe@example.com", source="options")
MESSAGE = (
    b"From: Joe <joe@example.com>\r\nTo: suzie@example.net\r\nSubject: Hi\r\nDate: Mon, 23 Nov 2026 00:00:00 +0000\r\n"
    b"Message-ID: <1@example.com>\r\n\r\nHi.\r\n"
)
BASE = (
    "example.com. MX 10 mx.example.com.\nmx.example.com. A 192.0.2.1\n1.2.0.192.in-addr.arpa. PTR mx.example.com.\n"
    + txt("_dmarc.example.com", "v=DMARC1; p=none")
)


def looked(tmp_path, spf: str, more: str = "", raw: bytes = MESSAGE) -> Checked:
    return checked(tmp_path, raw, BASE + txt("example.com", spf) + more, *SENT)


def says(found: Checked, text: str) -> bool:
    return text in " ".join(found.text.split())


def exhibits(found: Checked, requirement: str) -> list[str]:
    """The values of all the evidence for a requirement."""
    verdicts = (one for one in found.report["verdicts"] if one["requirement"] == requirement)
    return [exhibit["value"] for verdict in verdicts for exhibit in verdict["exhibits"]]


def spf_of(found: Checked) -> tuple[str, str]:
    return found.report["authentication"]["spf"]["result"], found.report["authentication"]["spf"]["cause"]


# --- RFC 7208 4.6.4: permerror, a failure that the domain's owner can mend ----------------------------------------------


@pytest.mark.parametrize("count", [9, 10, 11])
def test_terms_that_ask(tmp_path, count):  # d05, d06
    spf = "v=spf1 " + " ".join(f"include:i{number}.example" for number in range(count)) + " ip4:192.0.2.1 -all"
    found = looked(tmp_path, spf, "".join(txt(f"i{number}.example", "v=spf1 -all") for number in range(count)))
    assert spf_of(found) == (("pass", "matched") if count <= 10 else ("permerror", "too-many-lookups"))
    assert found.verdict("spf")[0] == ("pass" if count <= 10 else "fail")
    assert any("of 10, void 0 of 2 (RFC 7208 4.6.4)" in value for value in exhibits(found, "spf"))
    assert says(found, "more than 10") == (count > 10)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_names_that_do_not_exist(tmp_path, count):  # d07
    found = looked(
        tmp_path, "v=spf1 " + " ".join(f"a:n{number}.example" for number in range(count)) + " ip4:192.0.2.1 -all"
    )
    assert spf_of(found) == (("pass", "matched") if count <= 2 else ("permerror", "too-many-voids"))
    assert found.verdict("spf")[0] == ("pass" if count <= 2 else "fail")
    assert says(found, "more than 2 names that do not exist (permerror)") == (count > 2)


@pytest.mark.parametrize("count", [9, 10, 11])
def test_hosts_of_a_mail_exchange(tmp_path, count):  # d08
    hosts = "".join(
        f"many.example. MX {number} m{number}.example.\nm{number}.example. A 192.0.2.9\n" for number in range(count)
    )
    found = looked(tmp_path, "v=spf1 mx:many.example ip4:192.0.2.1 -all", hosts)
    assert spf_of(found) == (("pass", "matched") if count <= 10 else ("permerror", "too-many-names"))
    assert found.verdict("spf")[0] == ("pass" if count <= 10 else "fail")
    assert says(found, "more than 10") == (count > 10)


# --- Ours: 60 further questions a message, of which 20 are kept for DMARC --------------------------------------------------


class Counted:
    """A zone that counts what it is asked."""

    def __init__(self, zone: todoku.Zone) -> None:
        self.asked: list[Question] = []
        self.zone = zone

    def answers(self, questions: Sequence[Question], *, seconds: float | None = None) -> Sequence[Answer]:
        self.asked += questions
        return self.zone.answers(questions, seconds=seconds)


def asks(names: Sequence[str]) -> Ask[list[str]]:
    answers = yield from together(*(ask(name, "A") for name in names))
    return [answer.status for answer in answers]


@pytest.mark.parametrize("count", [MAX_QUESTIONS - 1, MAX_QUESTIONS, MAX_QUESTIONS + 1, MAX_QUESTIONS + 200])
@pytest.mark.parametrize("spare", [0, DMARC_SPARE])
def test_questions_of_an_engine(count, spare):
    source, transcript = Counted(todoku.Zone.from_dict({})), drivers.Transcript()
    engine = limited(asks([f"n{number}.example" for number in range(count)]), Allowance(MAX_QUESTIONS), spare=spare)
    said = drivers.run(drivers.recording(engine, transcript), source)
    allowed = min(count, MAX_QUESTIONS - spare)
    assert said == ["nxdomain"] * allowed + ["limit"] * (count - allowed)
    assert len(source.asked) == allowed


def greedy() -> bytes:
    """A message that asks for as much as one can: ten signers, twenty seals, many PTR names, deep domains."""
    raw = MESSAGE.replace(b"joe@example.com", b"joe@z.y.x.w.v.u.example.com")
    for number in range(10):
        raw = signed(raw, d=f"s{number}.t{number}.u{number}.v{number}.example.com")
    seals = b"".join(
        b"ARC-Seal: i=%d; a=rsa-sha256; d=d%d.example; s=s; cv=%s; b=AAAA\r\n"
        b"ARC-Message-Signature: i=%d; a=rsa-sha256; d=d%d.example; s=s; h=from; bh=AAAA; b=AAAA\r\n"
        b"ARC-Authentication-Results: i=%d; d%d.example; none\r\n"
        % (number, number, b"pass" if number > 1 else b"none", number, number, number, number)
        for number in range(20, 0, -1)
    )
    return seals + b"Reply-To: a@r.example\r\n" + raw


GREEDY_ZONE = (
    BASE
    + txt("example.com", "v=spf1 ip4:192.0.2.9 -all")
    + "".join(
        f"1.2.0.192.in-addr.arpa. PTR p{number}.example.com.\np{number}.example.com. A 192.0.2.3\n"
        for number in range(30)
    )
)


def test_a_message_that_asks_for_much(tmp_path):
    source = Counted(todoku.Zone.from_text(GREEDY_ZONE))
    report = todoku.check(greedy(), ENVELOPE, resolver=source, now=NOW)
    assert MAX_QUESTIONS - 5 < len(source.asked) <= MAX_QUESTIONS + 1  # and SPF's record
    assert len(set(source.asked)) == len(source.asked)
    said = {one.result for one in report.verdicts if one.requirement in ("dmarc-alignment", "arc", "dkim")}
    assert "pass" not in said
    found = checked(tmp_path, greedy(), GREEDY_ZONE, *SENT)
    assert says(found, "too many DNS questions for one message")


def test_what_was_refused_stands_in_the_record_and_is_refused_again(tmp_path):
    source, settings = Counted(todoku.Zone.from_text(GREEDY_ZONE)), todoku.Settings(envelope=ENVELOPE, now=NOW)
    report = todoku.check(greedy(), resolver=source, settings=settings)
    refused = {one.question for one in report.transcript if one.status == "limit"}
    assert len(refused) > 30
    assert not refused & set(source.asked)
    recording.keep(tmp_path / "bundle.zip", report, settings, greedy())
    found = recording.look_again(tmp_path / "bundle.zip")
    (again,) = found.reports
    assert found.differences == ()
    assert again.verdicts == report.verdicts
    assert again.transcript == report.transcript


def test_of_a_domain_too(tmp_path):
    selectors = tuple(f"s{number}" for number in range(MAX_QUESTIONS))
    source = Counted(todoku.Zone.from_text(GREEDY_ZONE))
    settings = todoku.Settings(now=NOW, selectors=selectors)
    report = todoku.check_domain("example.com", resolver=source, settings=settings)
    assert {one.question for one in report.transcript} > set(source.asked)
    recording.keep(tmp_path / "bundle.zip", report, settings, b"")
    found = recording.look_again(tmp_path / "bundle.zip")
    (again,) = found.reports
    assert found.differences == ()
    assert again.transcript == report.transcript


def test_arc_does_not_take_what_dmarc_needs(tmp_path):
    raw = signed(MESSAGE)
    seals = greedy()[: greedy().index(b"Reply-To:")]
    zone = GREEDY_ZONE + txt("rsa._domainkey.example.com", f"v=DKIM1; p={P}")
    found = checked(tmp_path, seals + raw, zone, *SENT)
    assert found.verdict("dmarc-alignment") == (
        "pass",
        "aligned",
    )  # by DKIM; of forwarded mail Gmail does not ask for both


# --- Ours: 10 s a message --------------------------------------------------------------------------------------------------


class Clock:
    """Time that passes only when a source is asked."""

    def __init__(self, *steps: float) -> None:
        self.now = 1_000.0
        self.steps = list(steps)  # seconds that each round takes

    def monotonic(self) -> float:
        return self.now

    def answers(self, questions: Sequence[Question], *, seconds: float | None = None) -> Sequence[Answer]:
        taken = self.steps.pop(0) if self.steps else 0.0
        late = seconds is not None and taken > seconds
        self.now += seconds if late and seconds is not None else taken
        return [Answer(question, status="timeout" if late else "nodata") for question in questions]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((9.0, 0.9, 0.0), ["nodata", "nodata", "nodata"]),
        ((9.0, 1.0, 0.0), ["nodata", "nodata", "limit"]),
        ((9.0, 1.1, 0.0), ["nodata", "limit", "limit"]),
        ((60.0, 0.0, 0.0), ["limit", "limit", "limit"]),
    ],
)
def test_seconds_of_an_engine(monkeypatch, steps, expected):
    def rounds() -> Ask[list[str]]:
        first, second = (yield from ask("a.example", "A")), (yield from ask("b.example", "A"))
        return [first.status, second.status, (yield from ask("c.example", "A")).status]

    clock = Clock(*steps)
    monkeypatch.setattr(drivers, "monotonic", clock.monotonic)
    assert drivers.run(rounds(), clock, seconds=api.SECONDS) == expected
    assert clock.now <= 1_000 + api.SECONDS


def test_a_name_server_that_never_answers_costs_the_messages_time_once(tmp_path):
    """Ten seconds, of which the test lets half a second pass: the last round is cut, not begun anew."""
    with nameserver(lambda query, transport: []) as server:
        began = time.monotonic()
        engine = api.checking(MESSAGE, api.Settings(envelope=ENVELOPE, now=NOW), "message")
        report = drivers.run(engine, Resolver(server.address, timeout=60), seconds=0.5)
        took = time.monotonic() - began
    assert took < 20  # of a minute that one question may take, and several rounds of them
    assert {one.status for one in report.transcript} == {"limit"}
    assert {one.detail for one in report.transcript} == {"DNS took more than 0.5 s"}


def test_what_took_too_long_is_said_and_never_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(driver, "SECONDS", 0.2)
    message = tmp_path / "message.eml"
    message.write_bytes(signed(MESSAGE))
    with nameserver(lambda query, transport: []) as server:
        found = todoku_command("check", str(message), "--dns", server.address, *SENT)
    assert found.code == 3
    assert "DNS took more than 0.2 s" in " ".join(found.out.split())
    assert "FAIL" not in found.out
