"""Whom a connection trusts: the machine's certificate authorities, and those of a file beside them. Never nobody."""

from __future__ import annotations

import ssl

from todoku.words.errors import UsageError
from todoku.words.verdict import Text


def tls(ca_file: str) -> ssl.SSLContext:
    """Certificates and host names are checked. Raises ``UsageError`` where the file holds no certificate."""
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:  # ssl.SSLError is one
            why = error.strerror or str(error)
            raise UsageError(
                Text(
                    f"[ingest] ca_file {ca_file} holds no certificate: {why}",
                    f"[ingest] ca_file の {ca_file} から証明書を読み込めません: {why}",
                )
            ) from None
    return context
