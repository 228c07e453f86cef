"""A message that was forwarded or went through a list before it arrived: what broke may not be the sender's doing."""

from __future__ import annotations

from todoku.mail.route import Route
from todoku.words.verdict import Note, Reason, Text

HANDED_ON = Reason(
    "handed-on",
    Text(
        "The message was forwarded or went through a mailing list before it arrived ({sign}): the change may have been made "
        "there, not by you.",
        "このメールは転送またはメーリングリストを経由しています({sign})。変更はその途中で加えられた可能性があります。",
    ),
    case="F42",
)

TRACE = frozenset({"received", "arc-seal"})
"""Fields that every handler writes: others say more plainly that a message was handed on."""

BROKEN_BY_FORWARDING = frozenset({"spf-broken-by-forwarding", "forwarding-broke-alignment"})
"""Tags of what forwarding breaks by itself, and no sender can mend."""
FORWARDERS_TO_MEND = frozenset({"arc-unsealed", "arc-broken", "list-id-missing"})
"""Tags of what is asked of the one who forwards, not of the one who sent."""


def detour(route: Route) -> tuple[Note, ...]:
    """The note that a message was handed on; none where it came straight from its sender."""
    return (Note(HANDED_ON, {"sign": sign_of(route)}),) if route.forwarded else ()


def sign_of(route: Route) -> str:
    """The header field that shows best that a message was handed on: what only a list or a forwarder writes."""
    names = [name for name, _, _ in route.forward_signs]
    return next((name for name in names if name.lower() not in TRACE), names[0] if names else "Received")
