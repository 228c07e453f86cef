"""The file of a plan: read only where it is an ordinary file and a plan that nobody changed."""

from __future__ import annotations

import sys
from pathlib import Path

from todoku.cli.subjects import unreadable
from todoku.net.aws.ses_subject import ses_subject
from todoku.plan.document import MAX_DOCUMENT, digest, read_document
from todoku.plan.step import Plan
from todoku.settings.regular_file import read_ordinary
from todoku.words.errors import UsageError


def read_plan(path: Path) -> Plan:
    """The plan in a file, or on standard input for ``-``. Raises ``UsageError`` where it is none, was changed, or names no
    profile or region that there is.
    """
    plan = read_document(_octets(path))
    ses_subject(f"ses:{plan.profile}@{plan.region}" if plan.profile else f"ses:{plan.region}")
    return plan


def digests(plan: Plan) -> tuple[str, ...]:
    """What a journal of this plan may bear: its digest, and those of the plans that it was made anew from."""
    return (digest(plan), *plan.earlier)


def _octets(path: Path) -> bytes:
    if str(path) == "-":
        return b"" if sys.stdin is None else sys.stdin.buffer.read(MAX_DOCUMENT + 1)
    try:
        return read_ordinary(path, MAX_DOCUMENT).octets
    except (OSError, ValueError) as error:
        raise UsageError(unreadable(str(path), error)) from None
