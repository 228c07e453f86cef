"""An IMAP server that lies: about numbers and sizes, about where an answer ends, and about what it was told."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import trustme
from imapclient import SocketTimeout

from todoku.intake.source import SourceAway
from todoku.net.sources import bounded_imap
from todoku.net.sources.bounded_imap import BoundedClient
from todoku.net.sources.mailbox import MOST, Mailbox
from todoku.net.sources.named import source_named
from todoku.settings.config import IngestSection
from todoku.words.errors import UsageError

CANARY = "canary-8c1f"
SELECTED = b"* 1 EXISTS\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 5] x\r\n"
HONEST = {
    b"CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS\r\n",
    b"SELECT": SELECTED,
    b"SEARCH": b"* SEARCH 1\r\n",
    b"SIZE": b"* 1 FETCH (UID 1 RFC822.SIZE 10)\r\n",
    b"BODY": b"* 1 FETCH (UID 1 BODY[] {10}\r\n0123456789)\r\n",
    b"LOGOUT": b"* BYE\r\n",
}
Lies = Mapping[bytes, bytes | Callable[[socket.socket], None]]


class Liar:
    """A server that answers honestly, except to the commands of which it lies. CMD stands for what it was sent."""

    def __init__(self, context: ssl.SSLContext, lies: Lies, *, clear: bool = False) -> None:
        self.context, self.answers, self.clear = context, {**HONEST, **lies}, clear
        self.searches = 0
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        with contextlib.suppress(OSError):  # the test ends
            while True:
                client, _ = self.listening.accept()
                client.settimeout(20)
                with contextlib.suppress(OSError), client:  # the client leaves
                    client.sendall(b"* OK here\r\n" if self.clear else b"")
                    self.talk(client) if self.clear else self.secured(client, b"* OK here\r\n")

    def secured(self, client: socket.socket, greeting: bytes = b"") -> None:
        with self.context.wrap_socket(client, server_side=True) as inside:
            inside.sendall(greeting)
            self.talk(inside)

    def talk(self, client: socket.socket) -> None:
        with client.makefile("rb") as lines:
            while line := lines.readline().rstrip(b"\r\n"):
                tag, _, command = line.partition(b" ")
                word = command.removeprefix(b"UID ").split(b" ")[0].upper()
                word = (b"SIZE" if b"SIZE" in command else b"BODY") if word == b"FETCH" else word
                self.searches += word == b"SEARCH"
                answer = self.answers.get(word, b"")
                if callable(answer):
                    answer(client)
                    continue
                client.sendall(answer.replace(b"CMD", command))
                client.sendall(tag + b" OK done\r\n" + (b"* BYE in the clear\r\n" if word == b"STARTTLS" else b""))
                if word == b"STARTTLS":
                    self.secured(client)
                    return

    def close(self) -> None:
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        self.thread.join(30)


Lying = Callable[..., tuple[Liar, Mailbox]]


@pytest.fixture
def lying(ca: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lying]:
    monkeypatch.setenv("TODOKU_INGEST_PASSWORD", CANARY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    made: list[tuple[Liar, Mailbox]] = []

    def make(lies: Lies, scheme: str = "imaps") -> tuple[Liar, Mailbox]:
        server = Liar(context, lies, clear=scheme == "imap")
        source = source_named(f"{scheme}://u@127.0.0.1:{server.port}/INBOX", IngestSection(ca_file=str(ca_file)))
        assert isinstance(source, Mailbox)
        made.append((server, source))
        return made[-1]

    yield make
    for server, source in made:
        source.close()
        server.close()


def told(source: Mailbox) -> str:
    """What is told of it, where it gives nothing."""
    try:
        items = list(source.items())
    except (SourceAway, UsageError) as away:
        return away.text.en + away.text.ja
    assert items == []
    return ""


def fetched(what: bytes) -> bytes:
    return b"* 1 FETCH " + what + b"\r\n"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (b"CAPABILITY", b"* CAPABILITY \xff((({{\r\n"),
        (b"SELECT", SELECTED.replace(b"UIDVALIDITY 1", b"UIDVALIDITY abc")),
        (b"SELECT", SELECTED.replace(b"1 EXISTS", b"abc EXISTS")),
        (b"SELECT", SELECTED.replace(b"(\\Seen \\*)", b"5")),
        (b"SEARCH", b"* SEARCH abc\r\n"),
        (b"SEARCH", b"* SEARCH 1\r\n* SEARCH 2\r\n"),
        (b"SEARCH", b"* SEARCH 1" + b"9" * 5_000 + b"\r\n"),
        (b"SEARCH", b"* SEARCH 1 " + b"(" * 100_000 + b"\r\n"),
        (b"SEARCH", b"* SEARCH " + b"1 " * 600_000 + b"\r\n"),
        (b"SIZE", fetched(b"(UID 1 RFC822.SIZE NIL)")),
        (b"SIZE", fetched(b"(UID 1 RFC822.SIZE (1 2))")),
        (b"SIZE", fetched(b"((1 2) 3 UID 1)")),
        (b"SIZE", fetched(b"(UID 1 ENVELOPE (1))")),
        (b"SIZE", fetched(b"(" * 100_000)),
        (b"BODY", fetched(b"(UID 1 BODY[] 12)")),
        (b"BODY", fetched(b"(UID 1 BODY[] (a b))")),
        (b"BODY", fetched(b"(UID 1 BODY[] {99999999999999999999}")),
        (b"BODY", fetched(b"(UID 1 BODY[] {2147483648}")),
        (b"BODY", b"* OK x\r\n" * 400_000),
    ],
    ids=lambda value: str(value[:40]),
)
def test_an_answer_of_another_shape_is_told(lying: Lying, command: bytes, answer: bytes) -> None:
    _, source = lying({command: answer})
    assert "canary" not in told(source)


@pytest.mark.parametrize("answer", [b"* BYE you said CMD\r\n", b"what CMD\r\n", b"zz OK CMD\r\n"])
def test_a_password_that_the_server_repeats_is_not_told(lying: Lying, answer: bytes) -> None:
    _, source = lying({b"LOGIN": answer})
    words = told(source)
    assert words
    assert CANARY not in words


def test_a_folder_that_says_it_has_the_largest_uid_is_searched_once(lying: Lying) -> None:
    server, source = lying({b"SELECT": SELECTED.replace(b"UIDNEXT 5", b"UIDNEXT 4294967295")})
    assert [item.octets for item in source.items()] == [b"0123456789"]
    assert server.searches == 1


def test_a_message_that_is_told_of_twice_is_taken_once(lying: Lying) -> None:
    _, source = lying({b"SEARCH": b"* SEARCH 1 1 1\r\n"})
    assert len(list(source.items())) == 1


def test_what_was_sent_in_the_clear_is_not_taken_for_a_later_answer(lying: Lying) -> None:
    _, source = lying({}, "imap")
    assert [item.octets for item in source.items()] == [b"0123456789"]


def test_drop_by_drop_is_not_for_ever(lying: Lying) -> None:
    def drip(client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            for _ in range(400):
                client.sendall(b"* OK x" if _ == 0 else b"x")
                time.sleep(0.05)

    server, _ = lying({b"NOOP": drip}, "imap")
    client = BoundedClient("127.0.0.1", server.port, ssl=False, timeout=SocketTimeout(20, 20))
    client.allow(0.3)
    with pytest.raises(TimeoutError):
        client.noop()
    client.shutdown()


def test_lines_that_nobody_asked_for_are_bounded(lying: Lying, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_imap, "OCTETS", 100_000)
    _, source = lying({b"SEARCH": b"* OK x\r\n" * 1_000})
    assert "100000 octets" in told(source)


@pytest.mark.parametrize("number", [MOST + 1, 10**12, 10**30])
def test_a_number_of_messages_that_no_mailbox_has_is_not_believed(lying: Lying, number: int) -> None:
    """It would be searched a window at a time."""
    server, source = lying({b"SELECT": SELECTED.replace(b"* 1 EXISTS", b"* %d EXISTS" % number)})
    assert f"claims {number:,} messages" in told(source)
    assert server.searches == 0
