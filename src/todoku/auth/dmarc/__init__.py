"""DMARC: is the From domain authenticated, and what does its owner ask for if not? RFC 9989; RFC 7489 beside it.

``record.py`` reads a record, ``discovery.py`` finds the one that applies and the organizational domain, ``evaluate.py``
asks the questions and gives the verdict, ``receiver.py`` compares what a receiver wrote with what follows from it.
"""

from __future__ import annotations

from todoku.auth.dmarc.evaluate import Alignment, Discovery, DmarcOutcome, DmarcResult, evaluate
from todoku.auth.dmarc.receiver import ReceiverDmarc, receiver_dmarc
from todoku.auth.dmarc.record import DmarcRecord, Mode, Policy, parse_record, read_record

__all__ = [
    "Alignment",
    "Discovery",
    "DmarcOutcome",
    "DmarcRecord",
    "DmarcResult",
    "Mode",
    "Policy",
    "ReceiverDmarc",
    "evaluate",
    "parse_record",
    "read_record",
    "receiver_dmarc",
]
