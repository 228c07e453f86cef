"""The DNS as it is after a change: names that were written are asked of their own name servers.

A resolver remembers for a while that a record was not there, and would show as missing what has just been written. Only
the names that are given are asked so; where none of their servers answers, and for all else, the resolver is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from todoku.auth.ask import Answer, Question
from todoku.net.dns.resolver import Resolver
from todoku.net.dns.zone import redirected
from todoku.net.drivers import Source
from todoku.net.writers.by_hand import ServerAt, authoritative_answers


class AuthorityFirst:
    """A source that asks the authority for some names."""

    def __init__(self, source: Source, names: Collection[str], *, server_at: ServerAt = Resolver) -> None:
        """``source`` is the public DNS, ``names`` (lower-case) are those that were written."""
        self._source, self._names, self._server_at = source, frozenset(names), server_at

    def answers(self, questions: Sequence[Question], *, seconds: float | None = None) -> Sequence[Answer]:
        """The answers in the questions' order."""
        others = [question for question in questions if question.name not in self._names]
        known = dict(zip(others, self._source.answers(others, seconds=seconds), strict=True)) if others else {}
        return [known.get(question) or self._authoritative(question) for question in questions]

    def _authoritative(self, question: Question) -> Answer:
        """The authority's own answer. Where an alias leads from there the resolver knows."""
        alias = self._asked(Question(question.name, "CNAME"))
        if question.rdtype == "CNAME" or not alias.records:
            return alias if question.rdtype == "CNAME" else self._asked(question)
        target = alias.records[0].lower()
        (found,) = self._source.answers((Question(target, question.rdtype),))
        return redirected(found, question, (target, *found.chain))

    def _asked(self, question: Question) -> Answer:
        answers = authoritative_answers(question, self._source, server_at=self._server_at)
        return next((answer for answer in answers if not answer.failed), answers[0])
