"""The writer that writes nothing: it says what a person is to enter at their DNS provider, and looks whether it stands.

It asks the authoritative servers of the zone themselves, each of them, because a resolver remembers for a while that a
record was not there. Where none of them answers it asks the resolver. It touches those servers and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from todoku.auth.ask import Answer, Question, readable
from todoku.net.dns.resolver import Resolver
from todoku.net.drivers import Source
from todoku.net.writers.dns_writer import Refusal, Written, comparable, decided, not_ours, refused, stands_in
from todoku.report.words import harmless
from todoku.words.change import RecordSet, RecordSetChange
from todoku.words.verdict import Text

MAX_SERVERS = 13  # of a zone that are asked: as many as the root has
SECONDS = 5.0  # for all that one of them is asked
EN = {"host": "host", "type": "type", "preference": "priority", "value": "value", "ttl": "TTL"}
JA = {"host": "ホスト名", "type": "タイプ", "preference": "優先度", "value": "値", "ttl": "TTL"}

ServerAt = Callable[[str], Source]
"""From the address of a name server to what it answers."""


class ByHand:
    """Says what to enter; a ``DnsWriter``."""

    def __init__(self, source: Source, *, server_at: ServerAt = Resolver) -> None:
        """``source`` is the public DNS."""
        self._source, self._server_at = source, server_at
        self._told: set[str] = set()  # the zones at whose provider a person is by now

    def zone_of(self, name: str) -> str | Refusal | None:
        """The apex of the zone that holds ``name``, whoever's it is; None: there is none."""
        return zone_of(name.lower().rstrip("."), self._source)

    def read(self, name: str, rdtype: str) -> RecordSet | Refusal:
        """The set as the first authoritative server that answers has it."""
        question = Question(name.lower().rstrip("."), rdtype)
        answers = authoritative_answers(question, self._source, server_at=self._server_at)
        known = next((answer for answer in answers if not answer.failed), None)
        if known is None:
            return _unanswered(question, answers)
        return _record_set(known)

    def write(self, change: RecordSetChange) -> Written:
        """``by-hand`` with what is to be entered; or that it stands already, or what stands in the way."""
        name, rdtype = change.before.name, change.before.rdtype
        zone = self.zone_of(name)
        if zone is None:
            return refused(not_ours(name))
        found = self.read(name, rdtype)
        known = change.before if isinstance(found, Refusal) else found
        alias = self.read(name, "CNAME") if rdtype != "CNAME" else known
        wanted = decided(change, known, () if isinstance(alias, Refusal) or alias is known else (alias,))
        if isinstance(wanted, Written):
            return wanted
        apex = "" if isinstance(zone, Refusal) else zone
        lines = to_enter(known, wanted, apex)
        told = (
            lines
            if apex in self._told
            else Text(f"{at_provider(apex or name).en}\n{lines.en}", f"{at_provider(apex or name).ja}\n{lines.ja}")
        )
        self._told |= {apex} if apex else set()
        return Written("by-hand", told, known)


def stands(change: RecordSetChange, source: Source, *, server_at: ServerAt = Resolver) -> bool | None:
    """Whether ``change`` can be seen at every authoritative server that answers; None: we could not look."""
    question = Question(change.before.name, change.before.rdtype)
    known = [answer for answer in authoritative_answers(question, source, server_at=server_at) if not answer.failed]
    return all(stands_in(change, _record_set(answer)) for answer in known) if known else None


def zone_of(name: str, source: Source) -> str | Refusal | None:
    """The apex of the zone that holds ``name``, by the SOA that stands over it: RFC 2308 section 3."""
    at = name
    while at:
        question = Question(at, "SOA")
        (answer,) = source.answers((question,))
        if answer.failed:
            return _unanswered(question, (answer,))
        if not answer.chain:
            return at if answer.records else answer.authority.lower() or None
        at = at.partition(".")[2]  # an alias says nothing of its own zone, in which its parent is
    return None


def authoritative_answers(question: Question, source: Source, *, server_at: ServerAt = Resolver) -> Sequence[Answer]:
    """What each authoritative server answers that does; where none does, what ``source`` answers."""
    zone = zone_of(question.name, source)
    addresses = _addresses(zone, source) if isinstance(zone, str) else []
    if addresses:
        with ThreadPoolExecutor(len(addresses)) as pool:
            answers = pool.map(lambda address: server_at(address).answers((question,), seconds=SECONDS)[0], addresses)
            known = [answer for answer in answers if not answer.failed]
        if known:
            return known
    return source.answers((question,))


def at_provider(zone: str) -> Text:
    """Where it is to be done."""
    return Text(f"At the DNS provider of {zone}:", f"{zone} のDNS設定画面で、次の操作をしてください:")


def to_enter(found: RecordSet, wanted: RecordSet, zone: str) -> Text:
    """What a person does at the DNS provider, what goes first: no two records of which only one may be, not even for a minute."""
    rdtype = wanted.rdtype
    held, kept = set(comparable(rdtype, found.values)), set(comparable(rdtype, wanted.values))
    gone = [value for key, value in zip(comparable(rdtype, found.values), found.values, strict=True) if key not in kept]
    came = [
        value for key, value in zip(comparable(rdtype, wanted.values), wanted.values, strict=True) if key not in held
    ]
    en: list[str] = []
    ja: list[str] = []
    host = wanted.name.removesuffix(zone).rstrip(".") or "@"
    place = f"{host}  ({wanted.name})" if host != wanted.name else wanted.name
    for value in gone:
        en += ["delete:", *_lines(EN, place, rdtype, value, None)]
        ja += ["削除:", *_lines(JA, place, rdtype, value, None)]
    for value in came:
        en += ["enter:", *_lines(EN, place, rdtype, value, wanted.ttl)]
        ja += ["追加:", *_lines(JA, place, rdtype, value, wanted.ttl)]
    if not gone and not came:
        en += ["set the TTL of:", *_lines(EN, place, rdtype, "", wanted.ttl)]
        ja += ["TTLの変更:", *_lines(JA, place, rdtype, "", wanted.ttl)]
    return Text("\n".join(en), "\n".join(ja))


def _lines(words: Mapping[str, str], place: str, rdtype: str, value: str, ttl: int | None) -> Iterator[str]:
    """The fields of a provider's form."""
    yield f"  {words['host']}: {place}"
    yield f"  {words['type']}: {rdtype}"
    if rdtype == "MX" and value:
        preference, _, value = value.partition(" ")
        yield f"  {words['preference']}: {preference}"
    if value:
        yield f"  {words['value']}: {harmless(readable(value))}"
    if ttl is not None:
        yield f"  {words['ttl']}: {ttl}"


def _addresses(zone: str, source: Source) -> list[str]:
    """One address of each name server of the zone: IPv4 where it has one, because not every machine has IPv6."""
    (servers,) = source.answers((Question(zone, "NS"),))
    hosts = [host.lower() for host in servers.records[:MAX_SERVERS]]
    answers = source.answers([Question(host, rdtype) for host in hosts for rdtype in ("A", "AAAA")])
    pairs = zip(answers[::2], answers[1::2], strict=True)
    return [records[0] for v4, v6 in pairs if (records := v4.records or v6.records)]


def _record_set(answer: Answer) -> RecordSet:
    """The answer as a set; what stands behind a CNAME is not the name's own."""
    name, rdtype = answer.question
    values = () if answer.chain else tuple(sorted(answer.records))
    return RecordSet(name, rdtype, values, answer.ttl if values else 0)


def _unanswered(question: Question, answers: Sequence[Answer]) -> Refusal:
    detail = "; ".join(answer.detail or answer.status for answer in answers)
    return Refusal(
        "unreachable",
        Text(
            f"the DNS does not answer for {question.name} {question.rdtype} ({detail})",
            f"{question.name} の{question.rdtype}レコードをDNSで確認できません({detail})",
        ),
    )
