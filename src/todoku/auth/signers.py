"""Who vouches for a message with DKIM: the domain of its author, and which of its signatures verify.

It decides nothing about alignment, which takes the public suffix list: whoever runs it may have none at hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from todoku.auth.ask import Ask
from todoku.auth.dkim.verify import DkimCause, DkimResult, verify
from todoku.mail.address import parse_author
from todoku.mail.message import Message

PAST: frozenset[DkimCause] = frozenset({"key-missing", "key-revoked", "expired"})
"""What becomes of every signature some day: its key is taken away (RFC 6376 section 3.6.1), its x= passes."""


class Signers(msgspec.Struct, frozen=True, kw_only=True):
    """Domains of d=, lower-case, each once. ``author``: the one From domain, "" where there is not exactly one.

    ``verified`` ones sign it, all of its body; of ``past`` ones nothing can be known any more; for ``unknown`` ones the DNS did not answer.
    """

    author: str = ""
    verified: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def signers(message: Message, *, now: datetime) -> Ask[Signers]:
    """The signers of a message that arrived ``now``. All keys are asked for in one round; a bound of ours verifies nothing."""
    author = parse_author(message).domain
    if not author or message.limits or message.headers_only:
        return Signers()
    results = yield from verify(message, now=now)
    return Signers(
        author=author,
        verified=_domains(one for one in results if one.result == "pass" and not one.unsigned_octets),
        past=_domains(one for one in results if one.cause in PAST),
        unknown=_domains(one for one in results if one.cause == "dns-failed"),
    )


def _domains(results: Iterable[DkimResult]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.domain for one in results if one.domain))
