"""DNS over HTTPS (RFC 8484): a question is a POST, and its answer the reply's body.

It trusts the machine's certificate authorities and touches only the address that it was given. All questions of a call
share one connection where the server speaks HTTP/2.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence

import httpx2

from todoku.auth.ask import Answer
from todoku.net.dns.datagrams import MAX_MESSAGE
from todoku.net.dns.sockets import failure
from todoku.net.dns.wire import Query, read_answer

IDENT = b"\0\0"  # RFC 8484 4.1: the id is always 0, so that caches on the way can tell equal questions
MEDIA_TYPE = "application/dns-message"
AT_ONCE = 32


async def over_https(queries: Sequence[Query], url: str, seconds: float) -> dict[Query, Answer]:
    """What the server at ``url`` answers; each question is tried twice and has ``seconds`` in all."""
    turns = asyncio.Semaphore(AT_ONCE)
    async with httpx2.AsyncClient(http2=True, verify=ssl.create_default_context(), timeout=seconds) as client:

        async def tried(query: Query) -> Answer:
            async with turns:
                answer = await _once(client, query, url, seconds / 2)
                return await _once(client, query, url, seconds / 2) if answer.failed else answer

        answers = await asyncio.gather(*map(tried, queries))
    return dict(zip(queries, answers, strict=True))


async def _once(client: httpx2.AsyncClient, query: Query, url: str, seconds: float) -> Answer:
    try:
        async with asyncio.timeout(seconds):
            body = await _posted(client, query.message(IDENT), url)
    except (TimeoutError, httpx2.TimeoutException):
        return failure(query, url, TimeoutError())
    except (OSError, httpx2.HTTPError) as error:
        return failure(query, url, error)
    if not query.is_answered_by(body, IDENT):
        return failure(query, url, ConnectionAbortedError("the reply is not an answer to the question"))
    return read_answer(query, body, url)


async def _posted(client: httpx2.AsyncClient, message: bytes, url: str) -> bytes:
    headers = {"accept": MEDIA_TYPE, "content-type": MEDIA_TYPE}
    async with client.stream("POST", url, content=message, headers=headers) as response:
        if response.status_code != 200 or response.headers.get("content-type", "").lower() != MEDIA_TYPE:
            raise ConnectionAbortedError(f"HTTP {response.status_code} instead of a DNS message")
        body = bytearray()
        async for octets in response.aiter_bytes():
            body += octets
            if len(body) > MAX_MESSAGE:
                raise ConnectionAbortedError("the reply is longer than a DNS message can be")
    return bytes(body)
