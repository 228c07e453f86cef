"""Mailbox files: each message is taken, counted and verified by itself, whatever file it came in."""

from __future__ import annotations

import gzip
import mailbox
from pathlib import Path

import pytest

from mint_reports import BEGIN, aggregate, mailed
from reports import mail
from senders import Dns, from_, signed, told
from store_bench import Bench, Given
from todoku.feedback.wrapping import unwrap
from todoku.intake import files
from todoku.intake.files import Files
from todoku.intake.receive import Taken, take
from todoku.intake.senders import Verification
from todoku.intake.several import MAX_UNPACKED, messages_in
from todoku.mail import mbox as mbox_reader
from todoku.mail.mbox import mbox_messages_in

FROM = b"From dmarc@receiver.example Tue Nov 24 08:00:00 2026"


def mbox(*messages: bytes, line_end: bytes = b"\n", line: bytes = FROM) -> bytes:
    text = b"\n".join(line + b"\n" + one.replace(b"\r\n", b"\n") + b"\n" for one in messages)
    return text.replace(b"\n", line_end)


def five() -> list[bytes]:
    return [mailed(aggregate(number, count=3), number) for number in range(5)]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("line", [FROM, b"From - Tue Nov 24 08:00:00 2026", b"From dmarc@receiver.example"])
def test_every_message_is_taken(bench: Bench, line_end: bytes, line: bytes) -> None:
    octets = mbox(*five(), line_end=line_end, line=line)
    assert bench.take(octets) == Taken(new=5)
    assert bench.take(gzip.compress(octets)) == Taken(known=5)
    assert bench.process().reports == 5
    assert bench.totals() == (10, 30, 5)


def test_one_that_python_has_written(bench: Bench, tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "reports.mbox")
    for one in five():
        box.add(one)
    box.close()
    assert sum(take(bench.store, Files(tmp_path / "reports.mbox"), bench.clock), Taken()) == Taken(new=5)
    assert bench.process().reports == 5


def test_one_that_is_broken_takes_no_other_with_it(bench: Bench) -> None:
    done = bench.ingest(mbox(*five()[:2], mailed(aggregate(9)[:-40]), *five()[2:]))
    assert (done.reports, done.quarantined) == (5, 1)


def test_the_source_is_told_once_of_a_mailbox(bench: Bench) -> None:
    source = Given([mbox(*five()), aggregate(7)])
    assert sum(take(bench.store, source, bench.clock), Taken()) == Taken(new=6)
    assert source.acknowledged == ["0", "1"]


def test_a_signature_vouches_for_its_own_message(bench: Bench) -> None:
    """A forged report behind a signed one in the same file."""
    true = signed(from_("receiver.example", told(1, "receiver.example", begin=BEGIN)), "receiver.example")
    forged = from_("receiver.example", told(2, "receiver.example", count=9, begin=BEGIN), 2)
    bench.verification = Verification(Dns("receiver.example"))
    bench.ingest(mbox(true, forged))
    assert (bench.status().vouched.verified, bench.status().vouched.unverified) == (1, 1)


@pytest.mark.parametrize(
    "octets",
    [
        mailed(aggregate(1)),
        b"From the start it was no mailbox.\n\nFrom a@b.example Tue Nov 24 08:00:00 2026\nSubject: a\n\nb\n",
        mbox(mailed(aggregate(1))),
        mbox(b"Subject: a\n\nFirst\n\nFrom here on\nSubject: of course\n\nFrom: a\n"),
        gzip.compress(mbox(*five()))[:-9],
        gzip.compress(aggregate(1)),
        gzip.compress(FROM + b"\n" + b"a" * MAX_UNPACKED),
    ],
)
def test_what_is_no_mailbox_of_several_stays_as_it_is(octets: bytes) -> None:
    assert list(messages_in(octets)) == [octets]


def test_nothing_is_lost_between_messages() -> None:
    octets = mbox(*five())
    assert len(list(messages_in(octets))) == 5
    assert b"\n".join(messages_in(octets)) == octets


@pytest.mark.parametrize(
    "packed", [mbox(*five()), mail(("application/mbox", mbox(*five()))), gzip.compress(mbox(*five()))]
)
def test_one_in_whatever_it_comes_in(packed: bytes) -> None:
    assert [getattr(one, "kind", "refused") for one in unwrap(packed)] == ["xml"] * 5


def test_the_message_that_was_set_aside_is_named(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "reports.mbox").write_bytes(mbox(*five()[:2], mailed(aggregate(9)[:-40]), *five()[2:]))
    list(take(bench.store, Files(tmp_path / "reports.mbox"), bench.clock))
    bench.process()
    assert [one.name for one in bench.status().aside] == [f"{tmp_path}/reports.mbox (3)"]


@pytest.mark.parametrize("piece", [1, 7, 100, 999, 10_000])
def test_a_large_mailbox_is_read_a_message_at_a_time(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(files, "MAX_ITEM", 2_000)
    monkeypatch.setattr(files, "PIECE", max(piece, len(FROM) + 1))
    (tmp_path / "reports.mbox").write_bytes(mbox(*five()))
    source = Files(tmp_path / "reports.mbox")
    assert sum(take(bench.store, source, bench.clock), Taken()) == Taken(new=5)
    assert bench.take(mbox(*five())) == Taken(known=5)
    assert source.skipped() == []
    assert list(mbox_messages_in((mbox(*five())[one : one + piece] for one in range(0, 9_000, piece)), 9_000)) == list(
        messages_in(mbox(*five()))
    )


def test_a_line_is_looked_at_once_however_many_pieces_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counted:
        looked = 0

        def search(self, *place: object) -> None:
            Counted.looked += 1

    unit, count = b"\n\nFrom x", 500
    data = FROM + b"\nSubject: a\n" + unit * count
    monkeypatch.setattr(mbox_reader, "_TIME", Counted())
    monkeypatch.setattr(mbox_reader, "from_line_end", lambda octets: octets.find(b"\n") + 1)
    pieces = [data[at : at + len(unit) * 10] for at in range(0, len(data), len(unit) * 10)]
    assert list(mbox_messages_in(pieces, len(data))) == [data]
    assert count <= Counted.looked <= count + 3 * len(pieces)


def test_a_message_that_is_too_large_is_named(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    monkeypatch.setattr(files, "MAX_ITEM", 2_000)
    monkeypatch.setattr(files, "PIECE", 500)
    (tmp_path / "in" / "reports.mbox").write_bytes(mbox(*five()[:2], b"Subject: a\n\n" + b"a" * 4_000, *five()[2:]))
    (tmp_path / "in" / "large").write_bytes(b"a" * 4_000)
    source = Files(tmp_path / "in")
    assert sum(take(bench.store, source, bench.clock), Taken()) == Taken(new=2)
    assert sorted(one.en.partition(": larger")[0] for one in source.skipped() if "larger" in one.en) == [
        f"{tmp_path}/in/large",
        f"{tmp_path}/in/reports.mbox (3, ...)",
    ]
