"""Whether a report comes from whom it names: what its mail proves, what is made of it, and that it is never forgotten."""

from __future__ import annotations

import random
import shutil
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import select

from mint import mint
from mint_reports import DAY
from senders import SELECTOR, Dns, from_, key, signed, told
from store_bench import Bench
from todoku.auth.ask import Answer
from todoku.feedback.answers import Scope
from todoku.intake import senders as module
from todoku.intake.parse import SCHEMAS
from todoku.intake.rebuild import rebuild
from todoku.intake.sample import COMPLAINT, TLS
from todoku.intake.senders import AGAIN, Verification
from todoku.intake.worker import Worker
from todoku.net.suffix_list import bundled_suffixes
from todoku.store import state
from todoku.store.questions.domains import domains
from todoku.store.raw import microseconds
from todoku.store.read import Reader
from todoku.store.tables import raw, reports
from todoku.store.upkeep import expire

RECENT = 1_795_392_000  # 2026-11-23
RECEIVER = "reports.receiver.example"


@pytest.fixture(autouse=True)
def _asks_anew(worker: Worker) -> None:
    """A reading process keeps what it was answered."""
    worker.stop()


def verification(dns: Dns, most: int = 10_000) -> Verification:
    return Verification(dns, bundled_suffixes(), most)


def vouchers(bench: Bench) -> dict[str, str | None]:
    with bench.store.database.read() as connection:
        return {row.report_id: row.vouched_by for row in connection.execute(select(reports).where(reports.c.shown))}


def in_rows(bench: Bench) -> dict[str, str | None]:
    """The same as questions see it."""
    with Reader(bench.store, SCHEMAS) as reader:
        return dict(reader.connection.execute("SELECT report_id, vouched_by FROM aggregate").fetchall())


def report(
    number: int = 1, reporter: str = "receiver.example", *, org: str = "", begin: int = RECENT, count: int = 1
) -> bytes:
    return told(number, reporter, org=org, begin=begin, count=count)


def beginning_signed(message: bytes, domain: str) -> bytes:
    """The message with a signature of its header alone, as l= allows (RFC 6376 8.2): anybody may have put the body below it."""
    header, _, body = message.partition(b"\r\n\r\n")
    return mint(header + b"\r\n\r\n", f"customer:{domain}:{SELECTOR}:relaxed,h=from;subject,l") + body


CASES = {
    "its own domain": (signed(from_("receiver.example", report()), "receiver.example"), "receiver.example"),
    "a subdomain writes": (signed(from_(RECEIVER, report()), RECEIVER), RECEIVER),
    "a sibling signs": (signed(from_(RECEIVER, report()), "mail.receiver.example"), RECEIVER),
    "a name that is no domain": (
        signed(from_("receiver.example", report(org="The Receiver")), "receiver.example"),
        "receiver.example",
    ),
    "Yahoo": (
        signed(from_("dmarc.yahoo.com", report(reporter="yahooinc.com", org="Yahoo")), "dmarc.yahoo.com"),
        "dmarc.yahoo.com",
    ),
    "Outlook.com": (
        signed(from_("microsoft.com", report(reporter="microsoft.com", org="Outlook.com")), "microsoft.com"),
        "microsoft.com",
    ),
    "not signed": (from_("receiver.example", report()), ""),
    "signed by another": (signed(from_("receiver.example", report()), "forger.example"), ""),
    "a forger signs for himself": (signed(from_("forger.example", report()), "forger.example"), ""),
    "a forger under his own address": (
        signed(from_("forger.example", report(reporter="forger.example", org="receiver.example")), "forger.example"),
        "",
    ),
    "a mailbox at Yahoo": (signed(from_("yahoo.com", report(reporter="yahoo.com", org="Yahoo")), "yahoo.com"), ""),
    "changed on its way": (
        signed(from_("receiver.example", report()), "receiver.example").replace(b"Report 0", b"Report 1"),
        "",
    ),
    "only the beginning is signed": (beginning_signed(from_("receiver.example", report()), "receiver.example"), ""),
    "no such key": (signed(from_("receiver.example", report()), "receiver.example", "gone"), ""),
    "no mail": (report(), None),
}
KEYS = (
    "receiver.example",
    RECEIVER,
    "mail.receiver.example",
    "dmarc.yahoo.com",
    "microsoft.com",
    "forger.example",
    "yahoo.com",
)


@pytest.mark.parametrize("name", CASES)
def test_who_vouches(bench: Bench, name: str) -> None:
    octets, expected = CASES[name]
    dns = Dns(*KEYS)
    if name == "no such key":
        dns.domains.clear()
    bench.verification = verification(dns)
    assert bench.ingest(octets).reports == 1
    assert vouchers(bench) == in_rows(bench) == {"r1": expected}
    assert bench.totals().messages == 1  # nothing valid is dropped


def test_how_much_of_a_domain_verified_reports_tell(bench: Bench) -> None:
    bench.verification = verification(Dns(*KEYS))
    yahoo = from_("dmarc.yahoo.com", report(2, "yahooinc.com", org="Yahoo", begin=RECENT - DAY, count=7))
    bench.ingest(
        signed(from_("receiver.example", report(1, count=5)), "receiver.example"),
        signed(yahoo, "dmarc.yahoo.com"),
        from_("receiver.example", report(3, begin=RECENT - 2 * DAY, count=100)),
    )
    with Reader(bench.store, SCHEMAS) as reader:
        (found,) = domains(reader, Scope())
    assert (found.messages, found.verified, found.verified_days) == (112, 12, 2)
    assert found.verified_reporters == ("dmarc.yahoo.com", "receiver.example")


@pytest.mark.parametrize(("signer", "verified"), [("receiver.example", 1), ("", 0), ("forger.example", 0)])
def test_complaints_and_tls_reports_are_verified_too(bench: Bench, signer: str, verified: int) -> None:
    """A complaint names no reporter: whoever signed it as the author's domain vouches."""
    complaint = COMPLAINT.replace(b"complaints@example.net", b"complaints@receiver.example")
    tls = TLS.replace(b"1970-01-01", b"2026-11-23").replace(b"tls@example.net", b"tls@receiver.example")
    mails = [complaint, from_("receiver.example", tls)]
    bench.verification = verification(Dns("receiver.example", "forger.example"))
    assert bench.ingest(*(signed(mail, signer) if signer else mail for mail in mails)).reports == 2
    with Reader(bench.store, SCHEMAS, of="verified") as reader:
        for kind in ("feedback", "tls"):
            assert reader.connection.execute(f'SELECT count(*) FROM "{kind}"').fetchone() == (verified,)
    with Reader(bench.store, SCHEMAS) as reader:
        for kind in ("feedback", "tls"):
            assert reader.connection.execute(f'SELECT vouched_by FROM "{kind}"').fetchall() == [
                (signer if verified else "",)
            ]


def test_what_is_learnt_later_of_a_complaint_is_the_same(bench: Bench) -> None:
    complaint = COMPLAINT.replace(b"complaints@example.net", b"complaints@receiver.example")
    dns = Dns("receiver.example")
    dns.is_dark = True
    bench.verification = verification(dns)
    bench.ingest(signed(complaint, "receiver.example"))
    dns.is_dark = False
    bench.worker.stop()
    bench.now += timedelta(hours=1)
    bench.process()
    with Reader(bench.store, SCHEMAS) as reader:
        assert reader.connection.execute("SELECT vouched_by FROM feedback").fetchall() == [("receiver.example",)]


def test_an_old_report_whose_key_is_gone_is_unknown(bench: Bench) -> None:
    bench.verification = verification(Dns())
    old = report(begin=RECENT - 30 * DAY)
    assert bench.ingest(signed(from_("receiver.example", old), "receiver.example")).reports == 1
    assert vouchers(bench) == {"r1": None}


def test_a_key_is_asked_for_once(bench: Bench) -> None:
    dns = Dns("receiver.example")
    bench.verification = verification(dns)
    bench.ingest(*(signed(from_("receiver.example", report(one)), "receiver.example") for one in range(450)))
    assert set(vouchers(bench).values()) == {"receiver.example"}
    assert dns.asked == ["s1._domainkey.receiver.example"]


def test_a_dark_dns_loses_nothing_and_is_asked_again(bench: Bench) -> None:
    dns = Dns("receiver.example")
    dns.is_dark = True
    bench.verification = verification(dns)
    assert bench.ingest(signed(from_("receiver.example", report()), "receiver.example")).reports == 1
    assert vouchers(bench) == in_rows(bench) == {"r1": None}
    bench.process()
    assert len(dns.asked) == 1  # not before its time
    dns.is_dark = False
    bench.now += timedelta(hours=1)
    bench.worker.stop()  # another run
    bench.process()
    assert vouchers(bench) == in_rows(bench) == {"r1": "receiver.example"}
    assert bench.totals().messages == 1


def test_it_is_asked_again_a_bounded_number_of_times(bench: Bench) -> None:
    dns = Dns("receiver.example")
    dns.is_dark = True
    bench.verification = verification(dns)
    bench.take(signed(from_("receiver.example", report()), "receiver.example"))
    for _ in range(2 * len(AGAIN)):
        bench.worker.stop()
        bench.process()
        bench.now += timedelta(days=2)
    assert len(dns.asked) == 1 + len(AGAIN)
    assert vouchers(bench) == {"r1": None}


@pytest.mark.parametrize(
    ("author", "vouched_by"),
    [("forger.example", ""), ("gmail.com", ""), ("receiver.example", None), ("mail.receiver.example", None)],
)
@pytest.mark.parametrize("begin", [RECENT, RECENT - 30 * DAY], ids=["recent", "old"])
def test_a_dark_domain_of_ones_own_leaves_nothing_unknown(
    bench: Bench, author: str, vouched_by: str | None, begin: int
) -> None:
    """A forger has his own name servers say nothing, or takes his key away: he is not the reporter all the same."""
    dns = Dns()
    dns.is_dark = begin == RECENT
    bench.verification = verification(dns)
    bench.ingest(signed(from_(author, report(begin=begin)), author))
    assert vouchers(bench) == in_rows(bench) == {"r1": vouched_by}


def test_many_keys_that_are_not_there_leave_nothing_unknown(bench: Bench) -> None:
    """More than are asked for at once, in a receiver's name: it answers all of them."""
    dns = Dns()
    bench.verification = verification(dns)
    mails = [from_("receiver.example", report(number), number) for number in range(210)]
    bench.ingest(*(signed(mail, "receiver.example", f"s{number}") for number, mail in enumerate(mails)))
    assert set(vouchers(bench).values()) == {""}
    assert len(dns.asked) == 210


def test_who_does_not_answer_takes_no_other_ones_time(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand keys of a domain that is dark, before one that is there."""
    now = [0.0]

    class Partly(Dns):
        def answers(self, questions, *, seconds=None):  # type: ignore[no-untyped-def]
            found = super().answers(questions)
            dark = [Answer(one.question, status="timeout") if "forger" in one.question.name else one for one in found]
            now[0] += seconds if dark != found else 0
            return dark

    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    bench.verification = verification(Partly("receiver.example"))
    forged = [from_("forger.example", report(number), number) for number in range(1_000)]
    bench.take(*(signed(mail, f"n{number}.forger.example") for number, mail in enumerate(forged)))
    bench.take(signed(from_("receiver.example", report(2_000)), "receiver.example"))
    bench.process()
    assert vouchers(bench)["r2000"] == "receiver.example"
    assert now[0] == module.ASK_SECONDS


def test_a_key_that_is_huge_is_not_read(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for bound, expected in ((len(key()), "receiver.example"), (len(key()) - 1, None)):
        monkeypatch.setattr(module, "MAX_KEY_OCTETS", bound)
        bench.worker.stop()
        bench.verification = verification(Dns("receiver.example"))
        bench.ingest(signed(from_("receiver.example", report(bound)), "receiver.example"))
        assert vouchers(bench)[f"r{bound}"] == expected


def test_what_the_dns_did_not_say_is_asked_by_the_same_process(bench: Bench) -> None:
    dns = Dns("receiver.example")
    dns.is_dark = True
    bench.verification = verification(dns)
    bench.ingest(signed(from_("receiver.example", report()), "receiver.example"))
    dns.is_dark = False
    bench.now += timedelta(hours=1)
    bench.process()
    assert vouchers(bench) == {"r1": "receiver.example"}


def test_without_dns_nothing_is_known(bench: Bench) -> None:
    assert bench.ingest(signed(from_("receiver.example", report()), "receiver.example")).reports == 1
    assert vouchers(bench) == {"r1": None}


@pytest.mark.parametrize("lost", ["rows", "database"])
def test_what_was_proven_outlives_its_key(bench: Bench, lost: str) -> None:
    """Keys rotate, and are taken away: a rebuild asks nobody and comes to the same."""
    bench.verification = verification(Dns("receiver.example"))
    bench.ingest(
        signed(from_("receiver.example", report(1)), "receiver.example"),
        from_("receiver.example", report(2)),
        report(3),
    )
    before = bench.every_row()
    if lost == "database":
        bench.store.database.close()
        for path in bench.places.folder.glob("state.sqlite*"):
            path.unlink()
        shutil.rmtree(bench.places.folder / "rows")
        bench.store.prepare()
    gone = Dns()
    bench.worker.stop()
    for _ in rebuild(bench.store, bench.lease(), bench.worker, bench.clock, verification(gone)):
        pass
    assert bench.every_row() == before
    assert gone.asked == []
    assert vouchers(bench) == {"r1": "receiver.example", "r2": "", "r3": None}


def test_a_proof_that_was_cut_off_is_looked_for_again(bench: Bench) -> None:
    bench.verification = verification(Dns("receiver.example"))
    bench.ingest(*(signed(from_("receiver.example", report(one)), "receiver.example") for one in (1, 2)))
    (day,) = bench.store.proofs.days()
    path = bench.store.proofs.folder / day
    path.write_bytes(path.read_bytes()[:-30])
    assert len(list(bench.store.proofs.all())) == 1
    bench.store.proofs.add(day, [])
    bench.ingest(signed(from_("receiver.example", report(3)), "receiver.example"))
    assert len(list(bench.store.proofs.all())) == 2


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_a_forged_version_never_hides_the_true_one(bench: Bench, order: tuple[int, ...]) -> None:
    """The same report with other contents: the newest counts among those that are vouched for, and the conflict is told."""
    given = [
        signed(from_("receiver.example", report(count=10)), "receiver.example"),
        from_("receiver.example", report(count=1_000_000)),
        report(count=500),
    ]
    bench.verification = verification(Dns("receiver.example"))
    for number in order:
        bench.ingest(given[number])
    assert bench.totals() == (1, 10, 1)
    assert bench.status().conflicts == 1


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("first", [0, 1])
def test_who_vouches_for_a_copy_vouches_for_the_report(bench: Bench, first: int, together: bool) -> None:
    copies = [from_("receiver.example", report()), signed(from_("receiver.example", report()), "receiver.example")]
    bench.verification = verification(Dns("receiver.example"))
    given = [copies[first], copies[1 - first]]
    for some in [given] if together else [[one] for one in given]:
        bench.ingest(*some)
    assert vouchers(bench) == in_rows(bench) == {"r1": "receiver.example"}
    assert bench.totals().messages == 1


def waiting(bench: Bench) -> tuple[int, int]:
    found = bench.status()
    return found.unparsed, found.held


def test_a_flood_of_one_sender_delays_nobody(bench: Bench) -> None:
    """20,000 mails of a forger, and 200 of others that come behind them: these are all read, and nothing is lost."""
    bench.verification = verification(Dns("receiver.example"), most=500)
    forged = [from_("forger.example", report(number, "forger.example"), number) for number in range(20_000)]
    valid = [
        signed(from_("receiver.example", report(number), number), "receiver.example")
        for number in range(30_000, 30_200)
    ]
    for start in range(0, len(forged), 4_000):
        bench.take(*forged[start : start + 4_000])
    bench.take(*valid)
    assert bench.process().reports == 500 + 200
    assert list(vouchers(bench).values()).count("receiver.example") == 200
    assert waiting(bench) == (0, 19_500)
    assert bench.process().reports == 0  # not on this day
    bench.now += timedelta(days=1)
    assert bench.process().reports == 500
    with bench.store.database.read() as connection:
        newest = connection.execute(
            select(reports.c.report_id).order_by(reports.c.batch.desc(), reports.c.report_id)
        ).scalars()
        assert int(next(iter(newest))[1:]) >= 500  # the oldest of those that were held
    assert waiting(bench) == (0, 19_000)


@pytest.mark.parametrize(("most", "read", "held"), [(2, 2, 19), (3, 3, 17)])
def test_whose_key_comes_late_waits_no_longer_behind_forgers(bench: Bench, most: int, read: int, held: int) -> None:
    """Nobody was known while the DNS was dark. Then the receiver is, and has a measure of its own."""
    dns = Dns("receiver.example")
    dns.is_dark = True
    bench.verification = verification(dns, most)
    bench.take(*(from_("forger.example", report(number, "forger.example"), number) for number in range(20)))
    valid = (signed(from_("receiver.example", report(number), number), "receiver.example") for number in range(30, 33))
    bench.take(*valid)
    bench.process()
    assert waiting(bench) == (0, 23 - most)
    dns.is_dark = False
    bench.now += timedelta(hours=1)
    bench.process()
    assert list(vouchers(bench).values()).count("receiver.example") == read
    assert waiting(bench) == (0, held)
    bench.now += timedelta(days=1)
    bench.process()
    assert list(vouchers(bench).values()).count("receiver.example") == 3


def test_senders_take_turns(bench: Bench) -> None:
    given = [from_("forger.example", report(number, "forger.example"), number) for number in range(900)]
    given += [
        signed(from_("receiver.example", report(number), number), "receiver.example") for number in range(1_000, 1_003)
    ]
    bench.verification = verification(Dns("receiver.example"))
    bench.take(*given)
    bench.process()
    with bench.store.database.read() as connection:
        first = connection.execute(select(reports.c.batch).order_by(reports.c.batch)).scalars().first()
        found = connection.execute(select(reports.c.report_id).where(reports.c.batch == first)).scalars()
        assert {"r1000", "r1001", "r1002"} <= set(found)


@pytest.mark.parametrize("most", [1, 3, 4, 0])
def test_the_bound_of_a_sender_on_both_sides(bench: Bench, most: int) -> None:
    bench.verification = verification(Dns(), most=most)
    given = [from_("receiver.example", report(number), number) for number in range(4)]
    random.Random(most).shuffle(given)
    assert bench.ingest(*given).reports == min(4, most or 4)
    assert waiting(bench) == (0, max(0, 4 - most) if most else 0)
    assert bench.totals().messages == min(4, most or 4)


def test_names_below_ones_own_domain_are_one_sender(bench: Bench) -> None:
    dns = Dns(*(f"n{number}.forger.example" for number in range(6)))
    bench.verification = verification(dns, most=2)
    names = [f"n{number}.forger.example" for number in range(6)]
    given = [signed(from_(name, report(number, name), number), name) for number, name in enumerate(names)]
    assert bench.ingest(*given).reports == 2
    for left in (2, 0):
        bench.now += timedelta(days=1)
        assert bench.process().reports == 2
        assert waiting(bench) == (0, left)
    assert set(vouchers(bench).values()) == set(names)


def forgotten(bench: Bench) -> int:
    """How many items are, where a month is kept."""
    lease = bench.lease()
    number = expire(bench.store, lease, bench.clock, 1)
    lease.release(bench.store.database)
    return number


def test_what_is_held_is_not_forgotten_and_proofs_go_with_their_octets(bench: Bench) -> None:
    bench.verification = verification(Dns("receiver.example"), most=1)
    old = [report(number, begin=RECENT - 90 * DAY) for number in range(2)]
    bench.now -= timedelta(days=89)
    bench.ingest(*(signed(from_("receiver.example", one), "receiver.example") for one in old))
    assert waiting(bench) == (0, 1)
    bench.now += timedelta(days=89)
    assert forgotten(bench) == 1
    assert len(bench.store.proofs.days()) == 1  # one waits still
    bench.process()
    assert forgotten(bench) == 1
    assert bench.store.proofs.days() == []


def test_files_of_ones_own_are_no_flood(bench: Bench) -> None:
    bench.verification = verification(Dns(), most=1)
    assert bench.ingest(*map(report, range(5))).reports == 5


def test_what_is_held_is_read_when_somebody_says_so(bench: Bench) -> None:
    bench.verification = verification(Dns(), most=1)
    bench.ingest(*(from_("receiver.example", report(number), number) for number in range(4)))
    with bench.store.database.write() as connection:
        assert state.retry(connection) == 3
    assert bench.process().reports == 3
    assert waiting(bench) == (0, 0)


def test_a_hostile_name_server_is_waited_for_a_bounded_time(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever signs with a domain of his own decides how long its name server takes: the round waits so long, and no longer."""
    now = [0.0]

    class Slow(Dns):
        def answers(self, questions, *, seconds=None):  # type: ignore[no-untyped-def]
            assert seconds is not None
            now[0] += seconds
            self.is_dark = True
            return super().answers(questions, seconds=seconds)

    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    dns = Slow()
    bench.verification = verification(dns)
    given = [
        signed(from_(f"f{number}.example", report(number), number), f"f{number}.example") for number in range(3_600)
    ]
    bench.take(*given)
    assert bench.process().reports == len(given)
    assert now[0] == module.ROUND_SECONDS
    assert len(dns.asked) == 6 * module.MAX_ASKED


def test_the_clock_may_go_back(bench: Bench) -> None:
    bench.verification = verification(Dns("receiver.example"))
    bench.take(signed(from_("receiver.example", report()), "receiver.example"))
    bench.now -= timedelta(days=3)
    assert bench.process().reports == 1
    with bench.store.database.read() as connection:
        assert connection.execute(select(raw.c.proof)).scalars().all() == ["proven"]
    assert microseconds(bench.now) > 0
