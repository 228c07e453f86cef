"""Reports from a real IMAP server, which drops connections, renumbers mail, refuses and cannot be trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from imap_server import PASSWORD, Breaking, Dovecot
from mint_reports import aggregate, mailed
from store_bench import Bench
from todoku.intake import receive as taking
from todoku.intake.receive import Taken, take
from todoku.intake.source import SourceAway
from todoku.net.sources import mailbox as mailboxes
from todoku.net.sources.mailbox import Mailbox
from todoku.net.sources.named import source_named
from todoku.settings.config import IngestSection
from todoku.words.errors import UsageError
from torture import often

MAIL = [mailed(aggregate(number, count=number + 1), number) for number in range(30)]

BREAKS = often(24, 200)

Open = Callable[..., Mailbox]


@pytest.fixture
def opened(ca_file: Path, monkeypatch: pytest.MonkeyPatch, dovecot: Dovecot) -> Iterator[Open]:
    """Opens the mailbox with these settings, by this port."""
    monkeypatch.setenv("TODOKU_INGEST_PASSWORD", PASSWORD)
    made: list[Mailbox] = []

    def make(port: int = 0, *, scheme: str = "imaps", user: str = "dmarc", **settings: str) -> Mailbox:
        name = f"{scheme}://{quote(user)}@127.0.0.1:{port or dovecot.port}/INBOX"
        source = source_named(name, IngestSection(**{"ca_file": str(ca_file), **settings}))
        assert isinstance(source, Mailbox)
        made.append(source)
        return source

    yield make
    for each in made:
        each.close()


def emptied(bench: Bench, source: Mailbox) -> Taken:
    return sum(take(bench.store, source, bench.clock), Taken())


def test_two_hundred_messages_are_taken_once(bench: Bench, dovecot: Dovecot, opened: Open) -> None:
    dovecot.deliver(*(mailed(aggregate(number), number) for number in range(200)))
    source = opened()
    assert emptied(bench, source) == Taken(new=200, known=0)
    assert emptied(bench, source) == Taken()
    assert emptied(bench, opened()) == Taken()
    assert bench.process().reports == 200
    assert len(dovecot.messages()) == 200


def test_fetching_changes_nothing(bench: Bench, dovecot: Dovecot, opened: Open) -> None:
    dovecot.deliver(*MAIL[:3])
    source = opened()
    assert [item.octets for item in source.items()] == MAIL[:3]
    assert [item.octets for item in opened().items()] == MAIL[:3]
    assert not any(path.name.partition(":2,")[2] for path in dovecot.messages())


def test_mail_that_a_person_has_opened_is_taken_too(bench: Bench, dovecot: Dovecot, opened: Open) -> None:
    dovecot.deliver(*MAIL[:2])
    reader = opened()
    list(reader.items())
    reader._connected().add_flags([1, 2], ["\\Seen"])
    assert emptied(bench, opened()).new == 2


def test_same_report_twice_counts_once(bench: Bench, dovecot: Dovecot, opened: Open) -> None:
    dovecot.deliver(MAIL[0], MAIL[1], MAIL[0])
    assert emptied(bench, opened()) == Taken(new=2, known=1)


def test_uids_that_were_given_anew_count_once(bench: Bench, dovecot: Dovecot, opened: Open) -> None:
    """L15."""
    dovecot.deliver(*MAIL[:5])
    emptied(bench, opened())
    dovecot.renumber()
    dovecot.deliver(MAIL[5])
    assert emptied(bench, opened()) in (Taken(new=1, known=5), Taken(new=1, known=0))
    assert bench.process().reports == 6


def test_uid_of_another_numbering_is_not_acknowledged(dovecot: Dovecot, opened: Open) -> None:
    """It may be another message by now: it would never be fetched."""
    dovecot.deliver(*MAIL[:2])
    source = opened()
    ids = [item.id for item in source.items()]
    source.acknowledge([f"{int(one.partition(':')[0]) + 1}:{one.partition(':')[2]}" for one in ids])
    assert len(list(source.items())) == 2
    source.acknowledge(ids[:1])
    assert [item.id for item in source.items()] == ids[1:]


@pytest.mark.parametrize("way", ["move:Done", "delete"])
def test_acknowledged_mail_goes_where_it_is_said(bench: Bench, dovecot: Dovecot, opened: Open, way: str) -> None:
    dovecot.make_folder("Done")
    dovecot.deliver(*MAIL[:4])
    assert emptied(bench, opened(acknowledge=way)).new == 4
    assert dovecot.messages() == []
    assert len(dovecot.messages("Done")) == (4 if way == "move:Done" else 0)
    assert bench.process().reports == 4


def test_folder_that_is_not_there_loses_nothing(bench: Bench, dovecot: Dovecot, opened: Open) -> None:
    dovecot.deliver(*MAIL[:2])
    with pytest.raises(SourceAway, match="TRYCREATE"):
        emptied(bench, opened(acknowledge="move:Nowhere"))
    assert len(dovecot.messages()) == 2
    assert emptied(bench, opened()) == Taken(new=0, known=2)


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # imapclient leaves a broken handshake's socket
def test_connection_that_breaks_anywhere_loses_nothing(
    another: Callable[..., Bench], dovecot: Dovecot, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L15, L21: it breaks off after the n-th octet, for many n from the first to the last; then it works again."""
    monkeypatch.setattr(taking, "BATCH", 4)
    dovecot.deliver(*MAIL[:12])
    with Breaking(dovecot.port) as whole:
        reading = opened(whole.port)
        assert len(list(reading.items())) == 12
        reading.close()
    breaks = 0
    for number in range(BREAKS):
        dovecot.clear()
        dovecot.deliver(*MAIL[:12])
        bench = another(f"store-{number}")
        with Breaking(dovecot.port, 1 + whole.passed * 11 // 10 * number // BREAKS) as way:
            source = opened(way.port)
            try:
                emptied(bench, source)
            except SourceAway:
                breaks += 1
            source.close()  # it may break off in this moment only
            way.broken = True
            emptied(bench, source)
            source.close()
        assert bench.process().reports == 12
        assert bench.totals().messages == sum(2 * (one + 1) for one in range(12))
        last = opened()
        assert emptied(bench, last) == Taken()
        last.close()
        bench.store.database.close()
    assert breaks > BREAKS * 2 // 3


def test_message_that_is_too_large_is_passed_over(
    bench: Bench, dovecot: Dovecot, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailboxes, "MAX_ITEM", 5_000)
    dovecot.deliver(MAIL[0], b"Subject: x\r\n\r\n" + b"x" * 5_000, MAIL[1])
    source = opened()
    assert emptied(bench, source).new == 2
    assert [one.en.endswith("UID 2: larger than 50 MiB, which no report is") for one in source.skipped()] == [True]
    assert not source.has_some()  # it wakes nobody


def test_portions_are_bounded(dovecot: Dovecot, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailboxes, "AT_ONCE_OCTETS", 3 * len(MAIL[0]))
    dovecot.deliver(*MAIL)
    assert [item.octets for item in opened().items()] == MAIL


def test_starttls_leads_there_too(bench: Bench, dovecot: Dovecot, opened: Open) -> None:
    dovecot.deliver(MAIL[0])
    assert emptied(bench, opened(dovecot.clear_port, scheme="imap")).new == 1


def test_certificate_of_a_stranger_is_refused(dovecot: Dovecot, opened: Open) -> None:
    for port, scheme in ((dovecot.port, "imaps"), (dovecot.clear_port, "imap")):
        with pytest.raises(SourceAway, match="certificate is not trusted"):
            list(opened(port, scheme=scheme, ca_file="").items())


def test_wrong_password_is_told_without_it(dovecot: Dovecot, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    for secret in ("canary-wrong", "canary-пароль"):
        monkeypatch.setenv("TODOKU_INGEST_PASSWORD", secret)
        with pytest.raises(SourceAway, match="let this user in") as told:
            list(opened().items())
        assert "canary" not in f"{told.value.text}"


def test_password_may_stand_in_a_file(
    dovecot: Dovecot, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "password"
    file.touch(mode=0o600)
    file.write_text(f"{PASSWORD}\n")
    monkeypatch.delenv("TODOKU_INGEST_PASSWORD")
    with pytest.raises(UsageError, match="password_file"):
        opened()
    assert list(opened(password_file=str(file)).items()) == []
    file.chmod(0o644)
    with pytest.raises(UsageError, match=f"chmod 600 {file}"):
        list(opened(password_file=str(file)).items())


def test_nobody_there(opened: Open) -> None:
    with pytest.raises(SourceAway, match="refused"):
        list(opened(1).items())


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("imaps://mail.example.com/INBOX", "imaps://USER@HOST"),
        ("imaps://dmarc@/INBOX", "imaps://USER@HOST"),
        ("imaps://dmarc@mail.example.com:x/INBOX", "imaps://USER@HOST"),
        ("imaps://dmarc@mail.example.com/INBOX?x", "imaps://USER@HOST"),
        ("imaps://dmarc%0d%0aA@mail.example.com/INBOX", "imaps://USER@HOST"),
        ("imaps://dmarc@mail.example.com/INBOX%0a", "imaps://USER@HOST"),
        ("imaps://dmarc:canary-9@mail.example.com/INBOX", "password may not stand"),
    ],
)
def test_address_that_is_none_is_told(address: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as error:
        source_named(address, IngestSection())
    assert "canary" not in f"{error.value.text}"


@pytest.mark.parametrize("written", ["tag", "move", "move:", "seen:x", "keep", ""])
def test_acknowledgement_that_is_none_is_told(opened: Open, written: str) -> None:
    with pytest.raises(UsageError, match="seen, move:PLACE, delete"):
        opened(acknowledge=written)


def test_shared_sample_reports_come_out_of_a_mailbox_as_out_of_files(
    another: Callable[..., Bench], dovecot: Dovecot, opened: Open, suites: Path
) -> None:
    samples = [path.read_bytes() for path in sorted((suites / "reports").rglob("*.xml"))]
    by_file, by_mail = another("file"), another("mail")
    by_file.ingest(*samples)
    dovecot.deliver(*(mailed(octets, number) for number, octets in enumerate(samples)))
    emptied(by_mail, opened())
    by_mail.process()
    assert by_mail.every_row() == by_file.every_row()
    assert by_mail.totals().reports > 30
