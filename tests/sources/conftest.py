"""A store for each test, and a mail server for all of them."""

from __future__ import annotations

from imap_server import ca, ca_file, dovecot, running
from store_bench import another, bench, worker

__all__ = ["another", "bench", "ca", "ca_file", "dovecot", "running", "worker"]
