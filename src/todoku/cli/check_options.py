"""The options of ``todoku check``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from todoku.cli.exit_codes import FailOn
from todoku.report.render_options import Format
from todoku.report.words import Language
from todoku.settings.config import Config
from todoku.words.verdict import Purpose


class CheckOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What ``todoku check`` is asked with, as click gives it."""

    listed: Path | None
    ip: str | None
    helo: str | None
    mail_from: str | None
    trust: str | None
    selectors: tuple[str, ...]
    receivers: str
    volume: Literal["bulk", "small"] | None
    purpose: Purpose | None
    as_of: str | None
    dns: tuple[str, ...]
    lang: Language
    form: Format
    output: Path | None
    record: Path | None
    fail_on: FailOn
    identities: tuple[str, ...]
    tags: tuple[str, ...]
    tenant: str | None
    all_regions: bool
    resume: Path | None
    workers: int | None
    config: Path | None
    place: str | None
    details: tuple[str, ...] = ()
    stored: Config | None = None  # of the store that is asked, where there is one
