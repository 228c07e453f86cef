"""A message that its program kept and nobody has sent: what SES adds on sending is not there yet, and no fault."""

from __future__ import annotations

from todoku.auth.dkim.verify import DkimResult
from todoku.causes.missing_reasons import NOT_SENT
from todoku.words.verdict import Finding, Missing, Note, Reason, Text

SES_ADDS = Reason(
    "ses-adds-on-sending",
    Text(
        "SES adds {names} when it sends: that a message which was never sent lacks this is not held against it.",
        "{names} はSESが送信時に付けるため、未送信のメールになくても問題としません。",
    ),
)


def is_unsent(dkim: tuple[DkimResult, ...] | Missing) -> bool:
    """Whether the message was neither sent nor signed: nobody has had it in hands but the program that wrote it."""
    return isinstance(dkim, Missing) and dkim.reason is NOT_SENT


def added_by_ses(names: str, notes: tuple[Note, ...] = ()) -> Finding:
    """The finding where nothing is lacking but what SES adds."""
    return Finding("unknown", NOT_SENT, notes=(Note(SES_ADDS, {"names": names}), *notes), missing="not-asked")
