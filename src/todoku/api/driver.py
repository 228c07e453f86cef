"""Who answers where a caller names nobody, and for how long: the engines of this interface are run here."""

from __future__ import annotations

from typing import TypeVar

from todoku.auth.ask import Ask
from todoku.net.drivers import Source, run

SECONDS = 10.0
"""How long the look-ups for one message may take together."""

T = TypeVar("T")


def default_source() -> Source:
    """The system's DNS."""
    from todoku.net.dns.resolver import Resolver  # noqa: PLC0415 -- dnspython only where the network is asked

    return Resolver()


def drive(engine: Ask[T], resolver: Source | None) -> T:
    """The engine's result, its questions answered by ``resolver``."""
    return run(engine, resolver or default_source(), seconds=SECONDS)
