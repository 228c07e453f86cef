"""Signals of what its owner has accepted: nobody is told of them while that holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import msgspec

from todoku.watching.signal import Signal
from todoku.words.accept import Accept, holding


def marked(signals: Iterable[Signal], accepts: Sequence[Accept], day: date) -> tuple[Signal, ...]:
    """The signals, those that somebody has accepted marked as such."""
    return tuple(
        msgspec.structs.replace(one, accepted=True) if holding(accepts, one.requirement, one.about, day) else one
        for one in signals
    )


def accepted_ones(signals: Iterable[Signal], accepts: Sequence[Accept], day: date) -> Iterator[tuple[Signal, Accept]]:
    """The signals that are marked, each with the first that says so."""
    for signal in signals:
        if signal.accepted:
            yield signal, next(one for one in accepts if one.holds(signal.requirement, signal.about, day))
