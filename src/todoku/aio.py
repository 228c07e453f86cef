"""The Python interface for an event loop: the names of ``todoku.api`` as coroutines.

The engines are the same; only the driver differs. ``resolver`` is a ``todoku.Resolver``, a ``todoku.Zone`` or anything else
with ``answers_async``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from todoku import api
from todoku.api import (
    SECONDS,
    MessageSource,
    Settings,
    authenticating,
    checking,
    checking_domain,
    domain_settings,
    octets_of,
    sealing,
    verifying_arc,
    verifying_dkim,
)
from todoku.api import check_account as check_account_and_wait
from todoku.auth.arc import ArcResult
from todoku.auth.ask import Ask
from todoku.auth.dkim.verify import DkimResult
from todoku.auth.dmarc import DmarcResult, evaluate
from todoku.auth.spf import SpfResult
from todoku.auth.spf import check_host as spf_engine
from todoku.evidence.facts import Authentication
from todoku.judging.account_report import AccountReport
from todoku.judging.judge import Report
from todoku.mail.envelope import Envelope
from todoku.net.drivers import AsyncSource, CallSource, Source, run_async
from todoku.net.suffix_list import bundled_suffixes

if TYPE_CHECKING:
    from todoku.feedback.aggregate import AggregateReport

__all__ = [
    "authenticate",
    "check",
    "check_account",
    "check_domain",
    "check_host",
    "evaluate_dmarc",
    "parse_aggregate",
    "seal_arc",
    "sign_dkim",
    "verify_arc",
    "verify_dkim",
]

T = TypeVar("T")


async def check(
    raw: MessageSource,
    envelope: Envelope | None = None,
    *,
    resolver: AsyncSource | None = None,
    now: datetime | None = None,
    name: str = "message",
    settings: Settings | None = None,
) -> Report:
    """``todoku.check`` as a coroutine."""
    return await _run(checking(await _octets(raw), settings or Settings(envelope=envelope, now=now), name), resolver)


async def check_domain(
    name: str,
    *,
    selectors: Sequence[str] = (),
    resolver: AsyncSource | None = None,
    now: datetime | None = None,
    settings: Settings | None = None,
) -> Report:
    """``todoku.check_domain`` as a coroutine."""
    return await _run(checking_domain(name, domain_settings(settings, selectors, now)), resolver)


async def check_account(
    subject: str = "ses:",
    *,
    identities: Sequence[str] = (),
    tags: Mapping[str, str] | None = None,
    tenant: str = "",
    resolver: Source | None = None,
    api: CallSource | None = None,
    now: datetime | None = None,
    settings: Settings | None = None,
) -> AccountReport:
    """``todoku.check_account`` in a thread: what reads AWS waits for it. So ``resolver`` is one for callers that wait."""
    import asyncio  # noqa: PLC0415 -- a caller of a coroutine has it already

    return await asyncio.to_thread(
        check_account_and_wait,
        subject,
        identities=identities,
        tags=tags,
        tenant=tenant,
        resolver=resolver,
        api=api,
        now=now,
        settings=settings,
    )


async def authenticate(
    raw: MessageSource,
    envelope: Envelope | None = None,
    *,
    resolver: AsyncSource | None = None,
    now: datetime | None = None,
) -> Authentication:
    """``todoku.authenticate`` as a coroutine."""
    return await _run(authenticating(await _octets(raw), envelope, now), resolver)


async def check_host(
    ip: str,
    domain: str,
    sender: str,
    *,
    helo: str = "",
    resolver: AsyncSource | None = None,
    default_explanation: str = "",
) -> SpfResult:
    """``todoku.check_host`` as a coroutine."""
    return await _run(spf_engine(ip, domain, sender, helo=helo, default_explanation=default_explanation), resolver)


async def verify_dkim(
    raw: MessageSource, *, resolver: AsyncSource | None = None, now: datetime | None = None
) -> tuple[DkimResult, ...]:
    """``todoku.verify_dkim`` as a coroutine."""
    return await _run(verifying_dkim(await _octets(raw), now), resolver)


async def sign_dkim(
    raw: MessageSource,
    *,
    domain: str,
    selector: str,
    private_key: bytes,
    headers: Sequence[str] | None = None,
    canonicalization: str = "relaxed/relaxed",
    identity: str = "",
    expires: datetime | None = None,
    now: datetime | None = None,
) -> bytes:
    """``todoku.sign_dkim`` as a coroutine, in a thread: it asks nobody, but a signature takes its time."""
    import asyncio  # noqa: PLC0415 -- a caller of a coroutine has it already

    return await asyncio.to_thread(
        api.sign_dkim,
        raw,
        domain=domain,
        selector=selector,
        private_key=private_key,
        headers=headers,
        canonicalization=canonicalization,
        identity=identity,
        expires=expires,
        now=now,
    )


async def verify_arc(
    raw: MessageSource, *, resolver: AsyncSource | None = None, now: datetime | None = None
) -> ArcResult:
    """``todoku.verify_arc`` as a coroutine."""
    return await _run(verifying_arc(await _octets(raw), now), resolver)


async def seal_arc(
    raw: MessageSource,
    *,
    authserv_id: str,
    domain: str,
    selector: str,
    private_key: bytes,
    results: str | None = None,
    resolver: AsyncSource | None = None,
    now: datetime | None = None,
) -> bytes:
    """``todoku.seal_arc`` as a coroutine."""
    engine = sealing(
        await _octets(raw),
        authserv_id=authserv_id,
        domain=domain,
        selector=selector,
        private_key=private_key,
        results=results,
        now=now,
    )
    return await _run(engine, resolver)


async def evaluate_dmarc(
    author_domain: str,
    *,
    spf: tuple[str, bool] | None = None,
    dkim: Sequence[tuple[str, bool]] = (),
    resolver: AsyncSource | None = None,
) -> DmarcResult:
    """``todoku.evaluate_dmarc`` as a coroutine."""
    return await _run(evaluate(author_domain, spf=spf, dkim=dkim, suffixes=bundled_suffixes()), resolver)


async def parse_aggregate(raw: bytes, *, now: datetime | None = None) -> list[AggregateReport]:
    """``todoku.parse_aggregate`` as a coroutine, in a thread: it asks nobody and may take a while."""
    import asyncio  # noqa: PLC0415 -- a caller of a coroutine has it already

    return await asyncio.to_thread(api.parse_aggregate, raw, now=now)


async def _octets(raw: MessageSource) -> bytes:
    """The octets of a message. A file is read in a thread, so that the loop need not wait for a disk."""
    if isinstance(raw, bytes):
        return raw
    import asyncio  # noqa: PLC0415 -- a caller of a coroutine has it already

    return await asyncio.to_thread(octets_of, raw)


async def _run(engine: Ask[T], resolver: AsyncSource | None) -> T:
    if resolver is None:
        from todoku.net.dns.resolver import Resolver  # noqa: PLC0415 -- dnspython only where the network is asked

        resolver = Resolver()
    return await run_async(engine, resolver, seconds=SECONDS)
