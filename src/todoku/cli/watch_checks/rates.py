"""Asking CloudWatch and SES what they count of an account, into the store."""

from __future__ import annotations

from todoku.cli.watch_checks.round import Found, Turn, same
from todoku.net.aws.metrics import Watched
from todoku.net.aws.ses import SesApi
from todoku.net.aws.ses_subject import ses_subject
from todoku.net.aws.store_rates import poll_into
from todoku.words.errors import UsageError

REQUIREMENT = "bounce-handling"


def ask_ses(turn: Turn, subject: str, names: tuple[str, ...], found: Found) -> None:
    """Bounces, complaints and what was sent. Raises ``Away``, ``LeaseLost``."""
    source = source_of(subject)
    try:
        account, region = ses_subject(subject)
        watched = Watched(account=account, region=region, identities=names)
        polled = poll_into(turn.store, turn.lease, SesApi(), watched, turn.clock)
    except UsageError as error:
        found.did_not_answer(source, REQUIREMENT, error.text)
        return
    if polled.failures:
        told = (same(f"{one.call.operation}: {one.detail or one.status}") for one in polled.failures)
        found.did_not_answer(source, REQUIREMENT, *told)
    else:
        found.answered(source, REQUIREMENT)


def source_of(subject: str) -> str:
    """What an account's rates are called as a source: its identities may answer while CloudWatch does not."""
    return f"{subject} (CloudWatch)"
