"""Values of reports, each from what is written: addresses, counts, domains, words of a schema, times."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Generic, TypeVar

from todoku.feedback.refusal import (
    ADDRESS,
    DATES,
    FUTURE,
    HUGE_COUNT,
    INCOMPLETE,
    NEGATIVE_COUNT,
    NOT_A_COUNT,
    OLD,
    Refusal,
)
from todoku.mail.domain_name import ascii_domain

MAX_COUNT = 10**12  # messages in one record; a 64-bit sum holds nine million of them
MAX_NAME = 255  # characters of a domain or a selector
MAX_KNOWN = 5_000  # values of a kind that are remembered
MAX_GROUP = 24  # texts of six signatures
MAX_TEXT = 1_000  # characters of free text
MAX_SHOWN = 60  # characters of a value in the reason of a refusal
MAX_PERIOD = 35 * 86_400  # seconds: a day is usual, a week or a month is asked for now and then
MAX_AGE = timedelta(days=15 * 365)  # DMARC itself was first published in 2012
MAX_TIME = 4_102_444_799  # the last second of 2099
AHEAD = timedelta(days=2)  # clocks that are wrong, and days that end later elsewhere

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = re.compile(rf"(?:{_OCTET}\.){{3}}{_OCTET}")  # RFC 3986 3.2.2; most are, and it is five times as fast
_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")
_DECIMAL = re.compile(r"([0-9]{1,40})(?:\.[0-9]{0,40})?")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")

# Words of RFC 7489's comments and of drafts before it, and what they stand for.
OLD_WORDS = {"unknown": "temperror", "error": "permerror", "hardfail": "fail", "softfai": "softfail"}

K = TypeVar("K")
V = TypeVar("V")


class Memo(dict[K, V], Generic[K, V]):
    """What each written value comes to: reports repeat the same few, and each is read once.

    It outlives a report, so it forgets all when it has ``MAX_KNOWN``, and what is long it does not keep at all.
    """

    def __init__(self, read: Callable[[K], V]) -> None:
        """``read`` makes the value of what is written, which may be None; it may raise ``Refusal``."""
        super().__init__()
        self.read = read

    def __missing__(self, written: K) -> V:
        """Read it now."""
        value = self.read(written)
        if len(self) >= MAX_KNOWN:
            self.clear()
        if _is_short(written):
            self[written] = value
        return value


def _is_short(written: object) -> bool:
    if isinstance(written, tuple):
        return len(written) <= MAX_GROUP and all(map(_is_short, written))
    return not isinstance(written, str) or len(written) <= MAX_NAME


def text(written: str | None) -> str:
    """One line of free text without control characters, cut at ``MAX_TEXT``."""
    if written is not None and written.isprintable() and len(written) <= MAX_TEXT:  # nearly always
        return written.strip()
    return "" if written is None else _CONTROLS.sub(" ", written[: MAX_TEXT * 2]).strip()[:MAX_TEXT].rstrip()


def shown(written: str | None) -> str:
    """The value as the reason of a refusal tells it."""
    return text(written)[:MAX_SHOWN].rstrip()


def word(allowed: Collection[str]) -> Callable[[str | None], str]:
    """What makes a word of the schema of what is written: lower-case, or "" where the schema has no such word."""

    def read(written: str | None) -> str:
        found = text(written).lower()
        found = found if found in allowed else OLD_WORDS.get(found, "")
        return found if found in allowed else ""

    return read


def domain(written: str | None) -> str:
    """A domain as lower-case A-labels; what is none stays as it is written, for it was a stranger who wrote it."""
    name = text(written)
    if not name:
        return ""
    return ascii_domain(name) or name.lower()[:MAX_NAME].rstrip()


def label(written: str | None) -> str:
    """A selector or a word that is no word of the schema, lower-case."""
    return text(written).lower()[:MAX_NAME].rstrip()


def address(written: str | None) -> str:
    """The IP address in its shortest form. Raises ``Refusal``."""
    if written is not None and _IPV4.fullmatch(written):
        return written
    given = "" if written is None else written.strip()
    if not given:
        raise Refusal(INCOMPLETE, element="source_ip")
    try:  # RFC 9990 3.1.1.8
        return str(IPv6Address(given) if ":" in given and "%" not in given else IPv4Address(given))
    except AddressValueError:
        raise Refusal(ADDRESS, address=shown(written)) from None


def count(written: str | None) -> int:
    """How many messages. Raises ``Refusal`` where it is no number of messages."""
    given = "" if written is None else written.strip()
    if not given:
        raise Refusal(INCOMPLETE, element="count")
    if not _INTEGER.fullmatch(given):
        raise Refusal(NOT_A_COUNT, count=shown(written))
    return sensible(int(given))


def sensible(number: int) -> int:
    """The number of messages or sessions, where it is one. Raises ``Refusal``."""
    if 0 <= number <= MAX_COUNT:
        return number
    told = str(number) if abs(number) < 10**40 else f"{'-' if number < 0 else ''}10^40 ..."
    raise Refusal(NEGATIVE_COUNT if number < 0 else HUGE_COUNT, count=told)


def period(begin: str | None, end: str | None, now: datetime | None) -> tuple[int, int]:
    """The seconds of UTC that a report is about: RFC 9990 section 3.1.1.4. Raises ``Refusal``."""
    return _period(_seconds(begin), _seconds(end), (shown(begin), shown(end)), now)


def period_of_dates(begin: str, end: str, now: datetime | None) -> tuple[int, int]:
    """The same of dates as RFC 3339 writes them. Raises ``Refusal``."""
    return _period(instant(begin), instant(end), (shown(begin), shown(end)), now)


def instant(written: str) -> int | None:
    """The seconds of UTC of a date as RFC 3339 writes it; None where it is none. Without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(written.strip())
        seconds = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None
    return seconds if 0 <= seconds <= MAX_TIME else None


def _period(first: int | None, last: int | None, told: tuple[str, str], now: datetime | None) -> tuple[int, int]:
    if first is None or last is None or first > last or last - first > MAX_PERIOD:
        raise Refusal(DATES, begin=told[0], end=told[1])
    if now is not None and last > (now + AHEAD).timestamp():
        raise Refusal(FUTURE, end=f"{datetime.fromtimestamp(last, UTC):%Y-%m-%d}")
    if now is not None and last < (now - MAX_AGE).timestamp():
        raise Refusal(OLD, end=f"{datetime.fromtimestamp(last, UTC):%Y-%m-%d}")
    return first, last


def _seconds(written: str | None) -> int | None:
    """Whole seconds; 163.com and yeah.net write a fraction behind them."""
    given = _DECIMAL.fullmatch("" if written is None else written.strip().removeprefix("+"))
    return int(given[1]) if given and int(given[1]) <= MAX_TIME else None
