"""Asking Postmaster Tools: Gmail's rates and Google's verdicts, into the store."""

from __future__ import annotations

from todoku.cli.watch_checks.round import Found, Turn, same
from todoku.net.google.credentials import open_api, token_place
from todoku.net.google.store_rates import poll_into
from todoku.settings.config import PostmasterSection
from todoku.words.errors import UsageError

SOURCE = "Postmaster Tools"
REQUIREMENT = "postmaster-registration"


def ask_google(turn: Turn, found: Found) -> None:
    """What Google shows of the domains, where there are credentials. Raises ``Away``, ``LeaseLost``."""
    if not is_asked(turn.config.postmaster):
        return
    try:
        polled = poll_into(turn.store, turn.lease, open_api(turn.config.postmaster), turn.clock)
    except UsageError as error:
        found.did_not_answer(SOURCE, REQUIREMENT, error.text)
        return
    if polled.refusals:
        found.did_not_answer(SOURCE, REQUIREMENT, *(same(f"{one.cause}: {one.detail}") for one in polled.refusals))
    else:
        found.answered(SOURCE, REQUIREMENT)


def is_asked(section: PostmasterSection) -> bool:
    """Whether there are credentials, or ought to be."""
    return bool(section.credentials_file) or token_place(section).exists()
