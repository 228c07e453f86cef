"""Who signed the mail that a report came in (DKIM), in the child process, which has no network.

Where a key is needed, the question to the DNS is returned instead of a result. The parent (``senders.py``) asks it and hands the mail in
again with the answers, which are remembered here, so that each key is asked for once.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from todoku.auth.ask import Answer, Ask, Question
from todoku.auth.signers import Signers, signers
from todoku.feedback.wrapping import is_mail
from todoku.mail.mbox import is_mbox
from todoku.mail.saved import read_saved
from todoku.store.raw import moment
from todoku.words.errors import NotAMessage

MAX_KNOWN = 5_000  # answers


class Request(msgspec.Struct, frozen=True):
    """Raw octets to read. ``received``: when they arrived, in microseconds of UTC, so that reading them again later gives the same result.

    ``authentic``: SES or SNS is proven to have written them; they are read as events and as nothing else.
    """

    received: int
    octets: bytes
    authentic: bool = False


class Signed(msgspec.Struct, frozen=True):
    """Who signed a mail, or which questions to the DNS must be answered first. Neither: the octets are no mail, or several."""

    signers: Signers | None = None
    asks: tuple[Question, ...] = ()


class Verifier:
    """Verifies signatures, and remembers the answers that it was given; when there are more than ``MAX_KNOWN``, it forgets them all.

    An answer that failed is not remembered: the question is asked again.
    """

    def __init__(self) -> None:
        """Remember no answers yet."""
        self._known: dict[Question, Answer] = {}

    def verify(self, requests: Iterable[Request], answers: Sequence[Answer]) -> tuple[Signed, ...]:
        """Who signed each of these, as far as these answers and earlier ones tell."""
        if not answers and len(self._known) > MAX_KNOWN:  # never between a question and its answer
            self._known.clear()
        given = {answer.question: answer for answer in answers}
        self._known |= {question: answer for question, answer in given.items() if not answer.failed}
        return tuple([_signed(request, ChainMap(given, self._known)) for request in requests])


def _signed(request: Request, known: Mapping[Question, Answer]) -> Signed:
    if request.authentic or not is_mail(request.octets) or is_mbox(request.octets):
        return Signed()
    try:
        message = read_saved(request.octets).message
    except NotAMessage:
        return Signed()
    return _answered(signers(message, now=moment(request.received)), known)


def _answered(engine: Ask[Signers], known: Mapping[Question, Answer]) -> Signed:
    answers: list[Answer] | None = None
    while True:
        try:
            questions = next(engine) if answers is None else engine.send(answers)
        except StopIteration as stop:
            return Signed(signers=stop.value)
        answers = [known[question] for question in questions if question in known]
        if len(answers) < len(questions):
            return Signed(asks=tuple(question for question in questions if question not in known))
