"""The tables of the store's state. SQL is the one point of commit: what is not in it has not happened.

A change of a table is a new file in ``migrations/versions``; a test holds the two against each other.
Times are microseconds of UTC; ``begin`` and ``end`` of a report are seconds, as the report has them.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

raw = Table(
    "raw",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("state", String(12), nullable=False),  # unparsed, held, parsed, quarantined
    Column("reason", String(40), nullable=False),  # a tag, of what is quarantined
    Column("values", Text, nullable=False),  # JSON: what the text of the reason tells
    Column("attempts", Integer, nullable=False),  # times that the parser was killed by it
    Column("batch", BigInteger),
    Column("proof", String(8), nullable=False),  # a ``ProofResult`` of ``proofs.py``; "" before the first look
    Column("signer", Text, nullable=False),  # as in ``Proof``
    Column("sender", Text, nullable=False),  # of what is held: in whose daily allowance it counts
    Column("looks", Integer, nullable=False),  # times that its sender was looked for
    Column("next_look", BigInteger),  # null where nothing more is to be learnt
    Column(
        "name", Text, nullable=False
    ),  # where it came from: a file's path, a message's number, an object's key; "" where unknown
    Column("turn", Integer, nullable=False),  # its number among its sender's items of the day on which it was admitted
    Index("raw_by_state", "state", "attempts", "turn", "received"),
    Index("raw_by_batch", "batch"),
    Index("raw_by_look", "next_look"),
)
"""What arrived, once for each distinct sequence of octets."""

senders = Table(
    "senders",
    metadata,
    Column("name", Text, primary_key=True),  # a domain that is proven, or "" for all who prove none
    Column("day", BigInteger, nullable=False),  # days since 1970
    Column("admitted", BigInteger, nullable=False),  # items of that day
    Column("held", BigInteger, nullable=False),  # items that wait for another day
)
"""How many items of each sender may be read on a day."""

reports = Table(
    "reports",
    metadata,
    Column("version", String(32), primary_key=True),  # of the key and the octets: report_key of the rows
    Column("key", String(32), nullable=False),  # of who reports what about which period
    Column("raw", String(64), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("org", Text, nullable=False),
    Column("report_id", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("begin", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("messages", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("claimed", Boolean, nullable=False),  # about a domain that is ours
    Column("shown", Boolean, nullable=False),  # the newest of its key
    Column("conflict", Boolean, nullable=False),  # others of its key say something else
    Column("batch", BigInteger, nullable=False),
    Column("contact", Text, nullable=False),  # the reporter's own address
    Column(
        "vouched_by", Text
    ),  # the domain whose signature proves that the reporter sent it; "": none does; null: unknown
    Column("amended", Boolean, nullable=False),  # this was learnt after its rows were written
    Index("reports_by_key", "key"),
    Index("reports_by_raw", "raw"),
    Index("reports_by_period", "kind", "begin"),
)
"""Every report that was read, each version of it."""

batches = Table(
    "batches",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("opened", BigInteger, nullable=False),
    Column("published", BigInteger),
)
"""What is read together: its raw octets are assigned here first, its files are named by it, and it is published once."""

manifest = Table(
    "manifest",
    metadata,
    Column("file", String(200), primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("month", String(7), nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("published", BigInteger, nullable=False),
    Column("replaced", BigInteger),
    Column("digest", String(64), nullable=False),  # SHA-256 of its octets; "" of a file that an older version wrote
)
"""The files of rows that count. A reader opens no other; one that was replaced stays a day for readers that began before."""

leases = Table(
    "leases",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("epoch", BigInteger, nullable=False),  # grows with each new holder
    Column("until", BigInteger, nullable=False),
)
"""Who is the writer."""

sources = Table(
    "sources",
    metadata,
    Column("name", Text, primary_key=True),
    Column("succeeded", BigInteger, nullable=False),
    Column("taken", BigInteger, nullable=False),
    Column("known", BigInteger, nullable=False),
)
"""When each source was last emptied, and how much came from it: new, and known already."""

days = Table(
    "days",
    metadata,
    Column("source", String(20), primary_key=True),
    Column("about", Text, primary_key=True),
    Column("metric", Text, primary_key=True),
    Column("part", Text, primary_key=True),
    Column("day", String(10), primary_key=True),  # 2026-11-24
    Column("read_at", BigInteger, primary_key=True),
    Column("state", String(10), nullable=False),  # number, no-data, not-known
    Column("value", Double),
    Column("of", BigInteger),
    Column("detail", Text, nullable=False),
    Column("latest", Boolean, nullable=False),
)
"""Rates and counts: every version of each day that was read (``feedback/traffic.py``)."""

standings = Table(
    "standings",
    metadata,
    Column("about", Text, primary_key=True),
    Column("row", String(60), primary_key=True),
    Column("read_at", BigInteger, primary_key=True),
    Column("confirmed_at", BigInteger, nullable=False),  # when it was last read to be so
    Column("state", String(60), nullable=False),
    Column("reason", Text, nullable=False),
    Column("latest", Boolean, nullable=False),
)
"""What Google says of a domain in words: every version of each row (``feedback/compliance.py``)."""

seen = Table(
    "seen",
    metadata,
    Column("source", Text, primary_key=True),
    Column("id", Text, primary_key=True),
)
"""What a source that keeps no mark itself was told is safe: objects of a bucket, by ETag and key."""

snapshots = Table(
    "snapshots",
    metadata,
    Column("name", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("document", Text, nullable=False),  # JSON
)
"""What watching remembers from look to look: of each name the last document."""

alarms = Table(
    "alarms",
    metadata,
    Column("cause", Text, primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("document", Text, nullable=False),  # JSON of ``watching/alarm.py``
)
"""The alarms that are open."""

outbox = Table(
    "outbox",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("route", String(32), primary_key=True),  # which address, and not the address
    Column("shown", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("tone", String(7), nullable=False),  # failure, warning, success
    Column("created", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try", BigInteger, nullable=False),
    Column("sent", BigInteger),
    Column("given_up", Boolean, nullable=False),
    Index("outbox_by_try", "next_try"),
)
"""What people are to be told, and whether they have been."""
