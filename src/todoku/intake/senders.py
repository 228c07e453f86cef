"""Who sent each report, and how many of one sender are read on a day: the step before reading, in the parent process.

The child (``verify.py``) says which keys it needs; they are asked of the DNS here, within bounds. Where the DNS does not answer, the
sender is unknown for now: the report counts, and its sender is looked at again later. What was found goes to disk
(``store/proofs.py``) before the state (``store/senders.py``) has it, because keys are withdrawn and cannot be asked for again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from time import monotonic
from typing import Protocol

import msgspec
from sqlalchemy import Connection

from todoku.auth.ask import Answer, Question
from todoku.auth.signers import Signers
from todoku.auth.suffixes import Suffixes
from todoku.intake.portions import portions
from todoku.intake.verify import Request, Signed
from todoku.intake.vouching import is_late, named_by, result_of, vouched_by
from todoku.intake.worker import TOGETHER, TOGETHER_OCTETS, Died, Worker
from todoku.store import senders
from todoku.store.lease import Lease
from todoku.store.proofs import Proof
from todoku.store.raw import is_authentic, microseconds
from todoku.store.senders import Due, Looked, Told
from todoku.store.store import Store

MOST = 10_000  # items of one sender that are read on a day, unless the settings say otherwise
BATCH = 400
BATCH_OCTETS = 64 * 2**20
MAX_ASKED = 200  # keys that are asked for at once, those that the most mail needs first
MAX_KEY_OCTETS = 16 * 1024  # of an answer
ASK_SECONDS = 5.0  # for the answers to them
ROUND_SECONDS = 30.0  # of waiting for the DNS in all; after that a sender whose key is not yet there is unknown
AGAIN = tuple(hours * 3_600_000_000 for hours in (1, 4, 12, 24))
"""Microseconds until a sender who is unknown is looked at again, after each look; after the last of these it stays unknown."""

Clock = Callable[[], datetime]


class KeySource(Protocol):
    """What answers questions to the DNS: any driver of ``net/drivers.py``."""

    def answers(self, questions: Sequence[Question], *, seconds: float | None = None) -> Sequence[Answer]:
        """The answers, in the order of the questions. ``seconds``: how long to wait at most."""


class Verification(msgspec.Struct, frozen=True):
    """How senders are verified. ``most``: items of one sender that are read on a day; 0: all. ``keys`` None: the DNS is not asked, so
    every sender is unknown and nothing is held.
    """

    keys: KeySource | None = None
    suffixes: Suffixes = Suffixes(frozenset(), frozenset(), frozenset())
    most: int = MOST


NO_VERIFICATION = Verification()


def verify_senders(store: Store, lease: Lease, worker: Worker, verification: Verification, clock: Clock) -> None:
    """Find out who sent everything that is due, and admit what may be read today. Raises ``LeaseLost``, ``Away``, ``NoWorker``."""
    most = 0 if verification.keys is None else verification.most
    with store.database.write() as connection:
        now = microseconds(clock())
        lease.confirm(connection, now)
        senders.release(connection, now, most)
    asked = _Asked(verification.keys, verification.suffixes)
    while True:
        now = microseconds(clock())
        with store.database.read() as connection:
            found = senders.due(connection, now, BATCH, only_new=verification.keys is None)
        if not found:
            return
        some = next(portions(((one, one.kept.size) for one in found), BATCH, BATCH_OCTETS))
        looked = [
            _looked(one, proof, now, verification.suffixes)
            for one, proof in _proofs(store, worker, verification, some, asked)
        ]
        for day in dict.fromkeys(one.kept.day for one in some):
            here = {one.kept.hash for one in some if one.kept.day == day}
            store.proofs.add(day, [one.proof for one in looked if one.proof.hash in here])
        with store.database.write() as connection:
            lease.confirm(connection, microseconds(clock()))
            senders.enter(connection, looked, now, most)
            told = senders.told_in(connection, [one.proof.hash for one in looked if not one.is_new])
            by_hash = {one.proof.hash: one.proof for one in looked}
            amend(connection, [(one, by_hash[one.raw]) for one in told], verification.suffixes)


def _looked(due: Due, proof: Proof, now: int, suffixes: Suffixes) -> Looked:
    again = AGAIN[due.looks] if proof.result == "unknown" and due.looks < len(AGAIN) else None
    sender = suffixes.organizational_domain(proof.signer) if proof.result == "proven" else ""
    return Looked(proof, sender, due.looks + 1, None if again is None else now + again, due.is_new)


class _Asked:
    """The DNS, for as long as one call of ``verify_senders`` may wait for it. Whoever answers less often than not is asked no more."""

    def __init__(self, keys: KeySource | None, suffixes: Suffixes) -> None:
        self._keys = keys
        self._suffixes = suffixes
        self._left = ROUND_SECONDS
        self._answers: Counter[str] = Counter()  # of each organizational domain, less those that failed

    def answers(self, questions: Iterable[Question]) -> dict[Question, Answer]:
        """An answer to each, the questions that are asked most often first; ``limit`` where there is no time for one."""
        waiting = [question for question, _ in Counter(questions).most_common()]
        found = {question: Answer(question, status="limit") for question in waiting}
        while self._keys is not None and self._left > 0:
            waiting = [question for question in waiting if self._answers[self._owner(question)] >= 0]
            some, waiting = waiting[:MAX_ASKED], waiting[MAX_ASKED:]
            if not some:
                break
            begun = monotonic()
            answers = self._keys.answers(some, seconds=min(ASK_SECONDS, self._left))
            self._left -= monotonic() - begun
            for answer in answers:
                self._answers[self._owner(answer.question)] += -1 if answer.failed else 1
            found |= {answer.question: answer for answer in answers if _size(answer) <= MAX_KEY_OCTETS}
        return found

    def _owner(self, question: Question) -> str:
        return self._suffixes.organizational_domain(question.name.partition("._domainkey.")[2])


def _size(answer: Answer) -> int:
    return sum(map(len, answer.records))


def _proofs(
    store: Store, worker: Worker, verification: Verification, some: Sequence[Due], asked: _Asked
) -> Iterator[tuple[Due, Proof]]:
    """What is known of the sender of each. All keys that are needed are asked for together."""
    if verification.keys is None:
        yield from ((due, Proof(due.kept.hash, "unknown")) for due in some)
        return
    waiting: list[tuple[Due, Request, Signed]] = []
    for due, request, signed in _signed(worker, ((*one, ()) for one in _requests(store, some))):
        if signed.asks:
            waiting.append((due, request, signed))
        else:
            yield due, _proof(due, signed, verification.suffixes)
    answers = asked.answers(question for _, _, signed in waiting for question in signed.asks)
    answered = ((due, request, [answers[question] for question in signed.asks]) for due, request, signed in waiting)
    for due, _, signed in _signed(worker, answered):
        yield due, _proof(due, signed, verification.suffixes)


def _requests(store: Store, some: Iterable[Due]) -> Iterator[tuple[Due, Request]]:
    for due in some:
        octets = store.spool.read(due.kept) or b""  # that they are gone is told when they are read
        yield due, Request(due.kept.received, octets, is_authentic(due.kept.hash, octets))


def _signed(
    worker: Worker, asked: Iterable[tuple[Due, Request, Sequence[Answer]]]
) -> Iterator[tuple[Due, Request, Signed]]:
    """What the child says of each mail, to which it is given the answers."""
    for some in portions(((one, one[0].kept.size) for one in asked), TOGETHER, TOGETHER_OCTETS):
        requests = [request for _, request, _ in some]
        answers = {answer.question: answer for _, _, answers in some for answer in answers}
        for (due, request, _), signed in zip(some, _verified(worker, requests, [*answers.values()]), strict=True):
            yield due, request, signed


def _verified(worker: Worker, requests: Sequence[Request], answers: Sequence[Answer]) -> Sequence[Signed]:
    """What the child says. If it dies, it is asked about each mail alone; one that kills it then counts as not signed."""
    try:
        return worker.verify(requests, answers)
    except Died:
        if len(requests) > 1:
            return [signed for one in requests for signed in _verified(worker, [one], answers)]
        return (Signed(signers=Signers()),)


def _proof(due: Due, signed: Signed, suffixes: Suffixes) -> Proof:
    if signed.asks:
        return Proof(due.kept.hash, "unknown")
    if signed.signers is None:
        return Proof(due.kept.hash, "absent")
    found = result_of(signed.signers, suffixes)
    return Proof(due.kept.hash, found, "" if found == "none" else signed.signers.author)


def amend(connection: Connection, told: Iterable[tuple[Told, Proof]], suffixes: Suffixes) -> None:
    """Enter who vouches for reports that are stored already and of which nobody was known to: their octets were looked at again, or the
    same report came in other octets. A domain that vouches already is never replaced.
    """
    changed: dict[str, str | None] = {}
    keys: set[str] = set()
    for one, proof in told:
        late = is_late(one.end, one.received)
        org = named_by(one.kind, one.org)
        found = vouched_by(proof, org=org, contact=one.contact, late=late, suffixes=suffixes)
        so_far = changed.get(one.version, one.vouched_by)
        if not so_far and found is not None and found != so_far:
            changed[one.version] = found
            keys.add(one.key)
    senders.amend(connection, changed, keys)
