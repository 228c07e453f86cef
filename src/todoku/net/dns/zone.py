"""A zone: DNS answers from a master file or a dict, exact and repeatable, alone or laid over another source.

Alone a zone is a closed world, as an authoritative server would answer it: a name that it does not hold is NXDOMAIN, a
type that is not there NODATA, an ancestor of a known name exists, ``*`` synthesises (RFC 4592), CNAMEs are followed.
Laid over another source (``Layers``) it speaks only for what it holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Final

import msgspec

from todoku import arguments
from todoku.auth.ask import MAX_CHAIN, NOT_IN_FILE, Answer, Question, Status
from todoku.net.dns import master_file
from todoku.net.dns.master_file import DEFAULT_TTL, Directive, Entry, canonical

MAX_KEPT = 4_096  # absences, wildcards and CNAMEs that are worked out once only


class Failure(Enum):
    """What a zone says of a question that it is to leave unanswered."""

    TIMEOUT = "timeout"
    SERVFAIL = "servfail"


TIMEOUT: Final = Failure.TIMEOUT
SERVFAIL: Final = Failure.SERVFAIL

ANY_TYPE: Final = "*"
Value = str | bytes | Failure | Sequence[str | bytes | int]
_DETAIL: dict[Status, str] = {"timeout": "the zone says: no answer", "servfail": "the zone says: SERVFAIL"}


class Zone:
    """A source of answers that holds them all itself: a ``Source`` and an ``AsyncSource`` (see ``net/drivers.py``)."""

    __slots__ = ("_absent", "_apexes", "_denial", "_kept", "_names", "_owners", "_sets", "_wildcards")

    def __init__(self, entries: Iterable[Entry] = (), directives: Iterable[Directive] = (), *, file: str = "") -> None:
        """Index the records by question. ``Zone.from_text`` and ``Zone.from_dict`` are the ways in."""
        self._denial = f"{NOT_IN_FILE} {file}" if file else ""
        values: dict[Question, list[str]] = {}
        ttls: dict[Question, int] = {}
        for name, rdtype, value, ttl in entries:
            question = Question(name, rdtype)
            values.setdefault(question, []).append(value)
            ttls.setdefault(question, ttl)
        self._sets = {
            question: Answer(question, tuple(dict.fromkeys(records)), "ok", ttls[question])
            for question, records in values.items()
        }
        self._absent: set[Question] = set()
        for word, name, rdtype in directives:
            question = Question(name, rdtype)
            if word != "absent":
                self._sets[question] = Answer(question, status=word, detail=_DETAIL[word])
                continue
            self._absent.add(question)
            self._sets.pop(question, None)
        self._owners = {name for name, _ in (*self._sets, *self._absent)}
        self._apexes = {name for name, rdtype in self._sets if rdtype == "SOA"}
        self._names = _with_ancestors(name for name, _ in self._sets)
        self._wildcards = {name for name in self._names if name.startswith("*.")}
        self._kept: dict[Question, Answer] = {}

    @classmethod
    def from_text(cls, text: str, *, origin: str = "", file: str = "") -> Zone:
        """The zone in a master file (``master_file.py``). Raises ``UsageError`` with the line that is wrong.

        ``file`` is what a person calls it: it is named where a line is wrong, and where a name is not in it.
        """
        arguments.text("text", text)
        return cls(*master_file.read(text, origin=origin, file=file or "zone"), file=file)

    @classmethod
    def from_dict(cls, records: Mapping[str, Sequence[Failure | tuple[str, Value]]]) -> Zone:
        """The zone in a dict: ``{"example.com": [("TXT", "v=spf1 -all"), ("MX", (10, "mx.example.com")), TIMEOUT]}``.

        A TXT value is ``str`` (encoded as UTF-8), ``bytes``, or a list of several strings. ``TIMEOUT`` and ``SERVFAIL``
        stand for a value, or alone for every type that is not listed. Raises ``UsageError`` where no list stands.
        """
        entries: list[Entry] = []
        directives: list[Directive] = []
        for written, items in records.items():
            name = canonical(written)
            arguments.collection(f"records[{written!r}]", items, '[("TXT", "v=spf1 -all")]')
            for item in items:
                rdtype, value = (ANY_TYPE, item) if isinstance(item, Failure) else item
                if isinstance(value, Failure):
                    directives.append(Directive(value.value, name, rdtype.upper()))
                else:
                    entries.append(Entry(name, rdtype.upper(), _presentation(rdtype.upper(), value), DEFAULT_TTL))
        return cls(entries, directives)

    def answers(self, questions: Sequence[Question], *, seconds: float | None = None) -> Sequence[Answer]:  # noqa: ARG002 -- nothing to wait for
        """What an authoritative server of this closed world would say."""
        return [self._sets.get(question) or self._worked_out(question) for question in questions]

    async def answers_async(self, questions: Sequence[Question]) -> Sequence[Answer]:
        """The same, for an event loop: a zone never waits."""
        return self.answers(questions)

    def _worked_out(self, question: Question) -> Answer:
        """The answer to a question that no record answers by itself; the first few thousand are kept."""
        known = self._kept.get(question)
        if known is None:
            known = self.answer(question)
            if len(self._kept) < MAX_KEPT:
                self._kept[question] = known
        return known

    def answer(self, question: Question) -> Answer:
        """The answer to one question."""
        name = question.name
        chain: list[str] = []
        while len(chain) <= MAX_CHAIN:
            held = self.held(Question(name, question.rdtype)) or self._synthesised(name, question.rdtype)
            if held is None:
                return self._negative(question, name, chain)
            if not is_alias(held, question.rdtype):
                return redirected(held, question, chain)
            name = held.records[0].lower()
            if name in chain or name == question.name:
                return Answer(question, status="servfail", chain=tuple(chain), detail="CNAME loop")
            chain.append(name)
        return Answer(question, status="servfail", chain=tuple(chain), detail=f"more than {MAX_CHAIN} CNAMEs")

    def held(self, question: Question) -> Answer | None:
        """What this zone itself holds for the question, not followed: its set, its CNAME, its failure, its absence.

        None: nothing, so that a source below may speak.
        """
        name = question.name
        if name not in self._owners:
            return None
        every = Question(name, ANY_TYPE)
        held = self._sets.get(question)
        if held is None and question not in self._absent:
            held = self._sets.get(Question(name, "CNAME")) or self._sets.get(every)
        if held is None and (question in self._absent or every in self._absent):
            return Answer(question, status="nodata", authority=self.apex(name))
        return held

    def denies_alias(self, name: str) -> bool:
        """Whether the zone says that ``name`` has no CNAME, wherever it may be looked up."""
        return Question(name, "CNAME") in self._absent

    def knows(self, name: str) -> bool:
        """Whether the zone holds something at ``name`` or below it."""
        return name in self._names

    def wildcard(self, name: str) -> str | None:
        """The wildcard that ``name`` falls under: RFC 4592 section 3.3.1, the closest encloser's and no other's."""
        if not self._wildcards or name in self._names:
            return None
        parent = name
        while parent:
            parent = parent.partition(".")[2]
            if parent in self._names:
                return f"*.{parent}" if f"*.{parent}" in self._wildcards else None
        return None

    def apex(self, name: str) -> str:
        """The owner of the SOA record that stands over ``name``, or "" where the zone has none."""
        while name and self._apexes:
            if name in self._apexes:
                return name
            name = name.partition(".")[2]
        return ""

    def _synthesised(self, name: str, rdtype: str) -> Answer | None:
        star = self.wildcard(name)
        if star is None:
            return None
        return self.held(Question(star, rdtype)) or Answer(
            Question(name, rdtype), status="nodata", authority=self.apex(name)
        )

    def _negative(self, question: Question, name: str, chain: list[str]) -> Answer:
        """NXDOMAIN or NODATA, with the SOA of the zone in the authority section: RFC 2308 section 2."""
        status: Status = "nodata" if name in self._names else "nxdomain"
        detail = self._denial if status == "nxdomain" else ""
        return Answer(question, status=status, chain=tuple(chain), authority=self.apex(name), detail=detail)


def is_alias(held: Answer, rdtype: str) -> bool:
    """Whether what is held is a CNAME that leads on to the answer for ``rdtype``."""
    return held.question.rdtype == "CNAME" and rdtype != "CNAME" and held.status == "ok"


def redirected(held: Answer, question: Question, chain: Sequence[str]) -> Answer:
    """What was found at the end of a CNAME chain as the answer to the question that led there."""
    return msgspec.structs.replace(held, question=question, chain=tuple(chain))


def _with_ancestors(names: Iterable[str]) -> set[str]:
    """The names and every name over them: an empty non-terminal exists (RFC 8020)."""
    known: set[str] = set()
    for written in names:
        name = written
        while name and name not in known:
            known.add(name)
            name = name.partition(".")[2]
    return known


def _presentation(rdtype: str, value: str | bytes | Sequence[str | bytes | int]) -> str:
    """A dict's value as ``Answer.records`` has it."""
    if rdtype in ("TXT", "SPF"):
        strings = (value,) if isinstance(value, (str, bytes)) else value
        return "".join(
            string.decode("latin-1") if isinstance(string, bytes) else master_file.octets(str(string))
            for string in strings
        )
    if isinstance(value, (tuple, list)):
        return " ".join(str(part).rstrip(".") or "." for part in value)
    return str(value) if rdtype in ("A", "AAAA") else str(value).rstrip(".")
