"""Questions that share a port: each gets its own reply, and a forger has to guess as much as before."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from nameserver import name_of, reply
from todoku.auth.ask import Question
from todoku.net.dns.datagrams import SHARED
from todoku.net.dns.resolver import Resolver

Letter = tuple[bytes, tuple[str, int]]
"""A query and whence it came."""


@contextmanager
def post_office(count: int) -> Iterator[tuple[socket.socket, list[Letter], threading.Event]]:
    """A UDP server that takes in ``count`` queries before the test answers any: its socket, these, and when they are there."""
    letters: list[Letter] = []
    there = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(10)

        def take_in() -> None:
            while len(letters) < count:
                letters.append(sock.recvfrom(65_535))
            there.set()

        thread = threading.Thread(target=take_in)
        thread.start()
        try:
            yield sock, letters, there
        finally:
            thread.join()


def answer_to(letter: bytes) -> bytes:
    return reply(letter, f'{name_of(letter)}. 300 TXT "{name_of(letter)}"')


def answered_by(respond, count: int) -> tuple[list[tuple[str, ...]], list[Letter]]:
    """The records of ``count`` questions asked at once; ``respond`` writes the datagrams once all have come."""
    with post_office(count) as (sock, letters, there):
        resolver = Resolver(f"127.0.0.1:{sock.getsockname()[1]}")

        def serve() -> None:
            there.wait(10)
            for octets, client in respond(letters):
                sock.sendto(octets, client)

        server = threading.Thread(target=serve)
        server.start()
        answers = resolver.answers([Question(f"q{number}.example", "TXT") for number in range(count)])
        server.join()
    return [answer.records for answer in answers], letters


def own_records(count: int) -> list[tuple[str, ...]]:
    return [(f"q{number}.example",) for number in range(count)]


@pytest.mark.parametrize(("count", "ports"), [(1, 1), (SHARED, 1), (SHARED + 1, 2), (3 * SHARED, 3)])
def test_a_port_is_left_after_so_many_questions(count, ports):
    records, letters = answered_by(lambda letters: [(answer_to(query), client) for query, client in letters], count)
    assert records == own_records(count)
    questions = Counter(client for _, client in letters)
    assert len(questions) == ports
    assert max(questions.values()) <= SHARED


def test_replies_come_in_any_order_and_each_id_is_used_once_at_a_port():
    records, letters = answered_by(
        lambda letters: [(answer_to(query), client) for query, client in reversed(letters)], 3 * SHARED
    )
    assert records == own_records(3 * SHARED)
    assert len({(client, query[:2]) for query, client in letters}) == 3 * SHARED


def test_a_reply_that_bears_another_questions_id_is_not_believed():
    def crossed(letters: list[Letter]) -> list[Letter]:
        ids = [query[:2] for query, _ in letters]
        forged = [(ids[n - 1] + answer_to(query)[2:], client) for n, (query, client) in enumerate(letters)]
        return [*forged, *((answer_to(query), client) for query, client in letters)]

    assert answered_by(crossed, SHARED)[0] == own_records(SHARED)


def test_what_comes_twice_is_taken_once():
    records, _ = answered_by(lambda letters: [(answer_to(query), client) for query, client in letters] * 2, SHARED)
    assert records == own_records(SHARED)


def test_a_lost_question_is_sent_again_as_it_was():
    with post_office(2) as (sock, letters, there):
        resolver = Resolver(f"127.0.0.1:{sock.getsockname()[1]}")

        def serve() -> None:
            there.wait(10)
            (first, client), _ = letters
            sock.sendto(answer_to(first), client)  # the reply to the first, which was only late

        server = threading.Thread(target=serve)
        server.start()
        (answer,) = resolver.answers([Question("late.example", "TXT")])
        server.join()
    assert answer.records == ("late.example",)
    assert letters[0] == letters[1]


def test_a_server_that_is_not_there_is_said_of_all_who_wait():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    questions = [Question(f"q{number}.example", "TXT") for number in range(3 * SHARED)]
    answers = Resolver(f"127.0.0.1:{port}").answers(questions)
    assert [answer.question for answer in answers] == questions
    assert {answer.status for answer in answers} == {"servfail"}
    assert all("Connection refused" in answer.detail for answer in answers)
