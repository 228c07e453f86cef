"""How the commands that read reports look at who sent them, by the settings."""

from __future__ import annotations

import os
from collections.abc import Sequence

from todoku.intake.senders import Verification
from todoku.net.dns.option import parse_dns_options
from todoku.net.suffix_list import bundled_suffixes
from todoku.settings.config import IngestSection


def verification_by(section: IngestSection, otherwise: Sequence[str] = ()) -> Verification:
    """Keys come from ``[ingest] dns``, else from ``otherwise``, else from ``TODOKU_DNS`` or the system. Raises ``UsageError``."""
    keys = parse_dns_options(section.dns or otherwise or os.environ.get("TODOKU_DNS", "").split())
    return Verification(keys, bundled_suffixes(), section.most_of_sender)
