"""Who signed the mail that a report came in, found out where there is no network: what must be asked of the DNS is said instead.

The parent asks it, and the mail is looked at once more with the answers. They are kept, so that each key is asked for once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from todoku.auth.ask import Answer, Ask, Question
from todoku.auth.signers import Signers, signers
from todoku.errors import NotAMessage
from todoku.feedback.wrapping import is_mail
from todoku.mail.saved import read_saved
from todoku.store.raw import moment

MAX_KNOWN = 5_000  # answers


class Request(msgspec.Struct, frozen=True):
    """Raw octets to read, and when they arrived: microseconds of UTC, so that reading them another day comes to the same.

    ``authentic``: there is proof that SES or SNS wrote them; they are events, and nothing else is looked for in them.
    """

    received: int
    octets: bytes
    authentic: bool = False


class Signed(msgspec.Struct, frozen=True):
    """Who signed some octets, or what must be asked of the DNS first. Neither: they are no mail."""

    signers: Signers | None = None
    asks: tuple[Question, ...] = ()


class Verifier:
    """Knows what the DNS said of the questions that came before; past ``MAX_KNOWN`` all is forgotten."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known: dict[Question, Answer] = {}

    def verify(self, requests: Iterable[Request], answers: Sequence[Answer]) -> tuple[Signed, ...]:
        """Who signed each of these, as far as this can be said with these answers and those before."""
        if len(self._known) + len(answers) > MAX_KNOWN:
            self._known.clear()
        self._known |= {answer.question: answer for answer in answers}
        return tuple(self._signed(request) for request in requests)

    def _signed(self, request: Request) -> Signed:
        if request.authentic or not is_mail(request.octets):
            return Signed()
        try:
            message = read_saved(request.octets).message
        except NotAMessage:
            return Signed()
        return self._answered(signers(message, now=moment(request.received)))

    def _answered(self, engine: Ask[Signers]) -> Signed:
        answers: list[Answer] | None = None
        while True:
            try:
                questions = next(engine) if answers is None else engine.send(answers)
            except StopIteration as stop:
                return Signed(signers=stop.value)
            answers = [self._known[question] for question in questions if question in self._known]
            if len(answers) < len(questions):
                return Signed(asks=tuple(question for question in questions if question not in self._known))
