"""The real DNS as a source of answers (``net/drivers.py``): the machine's name servers, or one that a person chose.

All questions of a call are in flight together; a question that somebody else is asking already, in whatever thread, is
waited for and not asked again. Each question has ``timeout`` seconds in all, whatever happens: every server is tried
twice in its turn, the second time without EDNS for those that choke on it (RFC 6891 section 6.2.2). What nobody could
answer is ``timeout`` or ``servfail`` and says which server said what; it is never absence.

It trusts the servers it asks no further than that a reply must be to its question, and the AD bit as far as the way to
them is trusted. It touches those servers only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from msgspec import structs

from todoku.auth.ask import Answer, Question
from todoku.net.dns.cache import Coming, DnsCache
from todoku.net.dns.exchange import IN_FLIGHT, Exchange, Exchanges, GivenUp, run_exchanges
from todoku.net.dns.servers import system_servers, written_server
from todoku.net.dns.sockets import Server, over_stream, over_udp
from todoku.net.dns.wire import Query, no_such_name, query
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

if TYPE_CHECKING:
    import asyncio

    from todoku.net.scheduler import Begin, Come

TIMEOUT = 5.0  # seconds for one question
PIPELINE = 100  # questions on one TLS connection
TRIES = 2  # of each server
PATIENCE = 4  # times the time-out, with what another caller asks: its questions may wait for their turn
ONE_SERVER = Text(
    "only plain DNS servers (IP[:port]) can stand in for one another: give one tls:// or https:// server alone",
    "複数指定できるのは通常のDNSサーバー(IP[:ポート])だけです。tls:// と https:// は1つだけ指定してください",
)


class Resolver:
    """Answers from name servers, for blocking callers (``answers``) and event loops (``answers_async``)."""

    def __init__(self, *servers: str, timeout: float = TIMEOUT) -> None:
        """Ask the machine's name servers, or these: ``IP[:port]`` in their order, or one ``tls://IP`` or ``https://URL``.

        Raises ``UsageError`` when ``servers`` are none of these.
        """
        chosen = [written_server(server) for server in servers]
        self._servers = tuple(each for each in chosen if isinstance(each, Server)) if servers else system_servers()
        self._url = next((each for each in chosen if isinstance(each, str)), "")
        self._tls = any(server.tls for server in self._servers)
        if len(servers) > 1 and (self._url or self._tls):
            raise UsageError(ONE_SERVER)
        self._tries = tuple((server, edns) for server in self._servers for edns in (True, False))
        self._timeout = timeout
        self._cache = DnsCache()
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, Exchanges] = WeakKeyDictionary()

    def answers(self, questions: Sequence[Question], *, seconds: float | None = None) -> Sequence[Answer]:
        """The answers in the questions' order; each question has ``seconds`` where that is less than ``timeout``."""
        allowed = self._timeout if seconds is None else min(seconds, self._timeout)
        patience = PATIENCE * self._timeout if seconds is None else seconds
        asked_at = monotonic()
        claim = self._cache.claim(questions)
        try:
            queries = self._sendable(claim.mine)
            if self._url and queries:
                self._settle(_in_an_event_loop(queries, self._url, allowed))
            else:
                run_exchanges(self._exchanges(queries, allowed))
        finally:
            self._cache.abandon(claim)
        until = asked_at + patience
        return [
            claim.known.get(question) or _awaited(question, claim.coming[question], until) for question in questions
        ]

    async def answers_async(self, questions: Sequence[Question]) -> Sequence[Answer]:
        """The answers in the questions' order, for an event loop."""
        from asyncio import gather  # noqa: PLC0415 -- 30 ms, for those only who run an event loop

        claim = self._cache.claim(questions)
        try:
            queries = self._sendable(claim.mine)
            if self._url and queries:
                self._settle(await _over_https(queries, self._url, self._timeout))
            else:
                await self._all_ended(self._exchanges(queries, self._timeout))
        finally:
            self._cache.abandon(claim)
        await gather(*(_on_this_loop(coming) for coming in claim.coming.values() if not coming.done()))
        return [claim.known.get(question) or claim.coming[question].result(0) for question in questions]

    def prompt(self) -> Begin:
        """How to ask on the loop that is running: it is ``answers_async`` for one question, without a task for it."""
        return partial(self._begin, self._on_loop())

    def _begin(self, exchanges: Exchanges, question: Question, come: Come) -> Answer | Callable[[], None] | None:
        claim = self._cache.claim_one(question)
        if isinstance(claim, Answer):
            return claim
        if not claim:  # somebody else asks for it
            return None
        sendable = None if self._url or self._tls else query(question)
        if sendable is None:
            self._cache.abandon_one(question)
            return None
        return exchanges.start(self._over_udp(sendable, self._timeout), partial(self._ended, question, come))

    def _ended(self, question: Question, come: Come, end: Answer | Exception) -> None:
        if not isinstance(end, Answer):
            self._cache.abandon_one(question)
        if not isinstance(end, GivenUp):
            come(question, end)

    async def _all_ended(self, exchanges: Sequence[Exchange[object]]) -> None:
        """Wait for all of them. They are given up with the one that waits, or when one of them raises."""
        from asyncio import get_running_loop  # noqa: PLC0415 -- as above

        left = len(exchanges)
        over = get_running_loop().create_future()

        def told(end: object) -> None:
            nonlocal left
            left -= 1
            if over.done():
                return
            if isinstance(end, Exception):
                over.set_exception(end)
            elif not left:
                over.set_result(None)

        on_loop = self._on_loop()
        drops = [on_loop.start(exchange, told) for exchange in exchanges]
        try:
            if exchanges:
                await over
        finally:
            for drop in drops:
                drop()

    def _on_loop(self) -> Exchanges:
        from asyncio import get_running_loop  # noqa: PLC0415 -- as above

        loop = get_running_loop()
        found = self._loops.get(loop)
        if found is None:
            # twice as many as a blocking caller has: ``many.py`` bounds its own questions, and lets slow ones be passed
            found = self._loops[loop] = Exchanges(2 * IN_FLIGHT)
        return found

    def _sendable(self, questions: Iterable[Question]) -> list[Query]:
        """The questions as they are sent; those that DNS cannot hold are settled on the way."""
        queries = []
        for question in questions:
            sendable = query(question)
            if sendable is None:
                self._cache.settle(no_such_name(question))
            else:
                queries.append(sendable)
        return queries

    def _settle(self, answers: Iterable[Answer]) -> None:
        for answer in answers:
            self._cache.settle(answer)

    def _exchanges(self, queries: Sequence[Query], seconds: float) -> Sequence[Exchange[object]]:
        """The conversations that settle all the queries: one for each, or one for many over TLS."""
        if not self._tls:
            return [self._over_udp(each, seconds) for each in queries]
        rest = iter(queries)
        return [self._over_tls(some, seconds) for some in iter(lambda: tuple(islice(rest, PIPELINE)), ())]

    def _over_udp(self, asked: Query, seconds: float) -> Exchange[Answer]:
        now = monotonic()
        until = now + seconds
        failures: list[Answer] = []
        left = len(self._tries)
        for server, edns in self._tries:
            answer = yield from over_udp(asked, server, now + (until - now) / left, edns=edns)
            if not answer.failed:
                break
            failures.append(answer)
            now, left = monotonic(), left - 1
        else:
            answer = _all_failed(failures)
        self._cache.settle(answer)
        return answer

    def _over_tls(self, asked: Sequence[Query], seconds: float) -> Exchange[None]:
        until = monotonic() + seconds
        (server,) = self._servers
        failures: dict[Query, list[Answer]] = {each: [] for each in asked}
        for left in range(TRIES, 0, -1):
            now = monotonic()
            answers = yield from over_stream(tuple(failures), server, now + (until - now) / left)
            for each, answer in answers.items():
                if answer.failed:
                    failures[each].append(answer)
                else:
                    del failures[each]
                    self._cache.settle(answer)
            if not failures:
                return
        self._settle(map(_all_failed, failures.values()))


async def _on_this_loop(coming: Coming) -> None:
    """Wait for what another caller is asking, perhaps in another thread."""
    from asyncio import get_running_loop  # noqa: PLC0415 -- as above

    loop = get_running_loop()
    come = loop.create_future()

    def wake() -> None:
        if not come.done():
            come.set_result(None)

    def tell(_: Answer) -> None:
        with suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits
            loop.call_soon_threadsafe(wake)

    coming.then(tell)
    await come


def _awaited(question: Question, coming: Coming, until: float) -> Answer:
    """The answer that another caller is asking for; bounded, because that caller may be a stopped event loop."""
    try:
        return coming.result(max(0.0, until - monotonic()))
    except TimeoutError:
        return Answer(question, status="timeout", detail="another look-up of the same name did not end")


def _all_failed(failures: Sequence[Answer]) -> Answer:
    """One answer for what each try met: ``timeout`` only when no server said anything at all."""
    spoken = [answer for answer in failures if answer.status != "timeout"]
    detail = "; ".join(dict.fromkeys(answer.detail for answer in failures))
    return structs.replace((spoken or failures)[-1], detail=detail)


async def _over_https(queries: Sequence[Query], url: str, seconds: float) -> Sequence[Answer]:
    from todoku.net.dns.https import over_https  # noqa: PLC0415 -- 100 ms, for those only who ask over HTTPS

    return list((await over_https(queries, url, seconds)).values())


def _in_an_event_loop(queries: Sequence[Query], url: str, seconds: float) -> Sequence[Answer]:
    """The same for a blocking caller, in a thread of its own: the caller's may be running an event loop already."""
    import asyncio  # noqa: PLC0415 -- as above
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 -- as above

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, _over_https(queries, url, seconds)).result()
