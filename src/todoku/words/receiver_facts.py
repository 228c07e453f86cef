"""What one receiver's file in ``receivers/`` says of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

import msgspec

from todoku.words.verdict import Certainty, Consequence, Receiver, Text

RULES_READ = date(2026, 7, 2)
"""The day on which the receivers' pages were last read."""
JAPAN_READ = date(2026, 11, 24)
"""The day on which the stored copies of the pages of Japan's receivers were read."""
NO_THRESHOLD = Text(
    "No threshold: its rules hold for every sender.", "通数の基準はありません。すべての送信者が対象です。"
)


class ReceiverFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What all rules of a receiver share, and by what its servers and its users' addresses are known.

    ``key`` names it in options and reports. ``place`` is its place among the others in them. Those that are
    ``asked_by_default`` are judged unless others are named; the others where a message is addressed to one of their mailboxes,
    or where they are named, by themselves or by their ``group``. ``letter`` is its column in the matrix of ``todoku rules``.

    ``since`` is the day from which its rules bind (None: the receiver does not say), ``page`` where they are written, ``must``
    and ``should`` what follows if one of that level is not met, where a clause does not say another; ``read_on`` is when the
    page was read, and ``certain`` how sure what it says is. ``headline`` is what ``todoku rules diff`` says of the first day.
    ``bulk`` tells who sends in bulk to it.

    ``mailboxes`` are the domains of its users' addresses, names below them included. ``refusals_hide_filters``: its refusals
    were seen to be filters of the recipient as often as unknown addresses. ``reporters`` are domains that sign its reports,
    each with those that the reports name in its place.

    ``hosts`` are the domains of its servers, names below them included: of servers that note the address of whoever hands a
    message in from outside, since only then it is known where it came in. ``bare_hosts`` is the pattern of servers that give
    their name without a domain, and ``edge`` that of those at which mail from outside arrives, told apart from those that
    take its own users' mail to send it. ``networks`` are the addresses from which its servers speak to each other and hand on
    their users' mail. ``fields_on_top`` are fields that only a mailbox of its has above the first Received: they tell whose
    servers those are that give only a private address for themselves.

    ``results_without_id``: its Authentication-Results have no authserv-id. ``results_below`` tells how it writes them where
    they stand below its Received: one field for all methods, or one for each; ``received_spf`` is whom its Received-SPF beside
    them names as the one who checked. ``origin_by_arc``: where a message was handed on within its company, only its ARC sets tell
    from whom it first came, since those who hand it on can take all other fields away and write any.
    """

    key: Receiver
    name: str
    place: int
    asked_by_default: bool = False
    group: str = ""
    letter: str = ""
    since: date | None
    page: str
    must: Consequence
    should: Consequence
    headline: Text | None
    bulk: Text
    read_on: date = RULES_READ
    certain: Certainty = "own-text"
    mailboxes: tuple[str, ...] = ()
    refusals_hide_filters: bool = False
    reporters: Mapping[str, tuple[str, ...]] = {}
    hosts: tuple[str, ...] = ()
    bare_hosts: str = ""
    edge: str = ""
    networks: str = ""
    fields_on_top: tuple[str, ...] = ()
    results_without_id: bool = False
    results_below: Literal["", "one-field", "field-per-method"] = ""
    received_spf: str = ""
    origin_by_arc: bool = False
