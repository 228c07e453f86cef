"""Which source a word means: a folder, a file, -, or an address. What an address needs is loaded when it is asked for."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from todoku.intake.files import Files, StandardInput
from todoku.intake.source import Source
from todoku.net.sources.acknowledgement import acknowledgement
from todoku.net.sources.mailbox_address import SCHEMES, mailbox_address
from todoku.net.sources.tls_context import tls
from todoku.settings.config import IngestSection
from todoku.words.errors import UsageError
from todoku.words.verdict import Text


def source_named(name: str, settings: IngestSection) -> Source:
    """The source. Raises ``UsageError``: it is none, a setting that it needs is missing or wrong, or a library is."""
    if name == "-":
        return StandardInput()
    scheme, is_address, _ = name.partition("://")
    if not is_address:
        return Files(Path(name))
    if scheme in SCHEMES:
        return _mailbox(name, settings)
    if scheme == "s3":
        return _bucket(name, settings)
    if scheme == "sqs":
        return _queue(name, settings)
    raise UsageError(Text(f"reports cannot be taken from {scheme}://", f"{scheme}:// からは取り込めません"))


def _mailbox(name: str, settings: IngestSection) -> Source:
    address = mailbox_address(name)
    if importlib.util.find_spec("imapclient") is None:
        raise UsageError(
            Text(
                'a mailbox needs one more library: pip install "todoku[store]"',
                'メールボックスには追加のライブラリが必要です: pip install "todoku[store]"',
            )
        )
    from todoku.net.sources.login import with_consent, with_password  # noqa: PLC0415 -- after the library was looked for
    from todoku.net.sources.mailbox import Mailbox  # noqa: PLC0415

    trusted = tls(settings.ca_file)
    log_in = (
        with_consent(settings.oauth_file, trusted) if settings.oauth_file else with_password(settings.password_file)
    )
    return Mailbox(address, log_in, trusted, acknowledgement(settings.acknowledge, ("seen", "move", "delete")))


def _bucket(name: str, settings: IngestSection) -> Source:
    from todoku.net.sources.bucket import Bucket  # noqa: PLC0415 -- `--help` must start at once

    return Bucket(name, acknowledgement(settings.acknowledge, ("seen", "tag", "move", "delete")))


def _queue(name: str, settings: IngestSection) -> Source:
    from todoku.net.sources.certificates import Certificates  # noqa: PLC0415 -- `--help` must start at once
    from todoku.net.sources.queue import Queue  # noqa: PLC0415

    return Queue(name, settings.topics, Certificates(tls(settings.ca_file)))
