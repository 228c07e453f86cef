"""The store that ``check`` asks beside the DNS and SES: what Gmail and SES count, and what Google says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from todoku.api import SECONDS, Settings, check_domain, checking_stored_domain
from todoku.cli.stored import opened, settings
from todoku.judging.judge import Report
from todoku.net.drivers import CallSource, Source, run_look
from todoku.settings.config import Config


def named_store(config: Path | None, place: str | None) -> Config | None:
    """The settings of the store that is asked: that of ``--store``, else that of the settings, if it is there. Raises ``UsageError``."""
    read = settings(config, place)
    return read if place is not None or Path(read.store.folder).is_dir() else None


@contextmanager
def facts(config: Config, others: CallSource | None = None) -> Iterator[CallSource]:
    """A source that asks the store, and ``others`` for the rest. A store that is away is a source that says so."""
    from todoku.net.stored_facts import AwayFacts, StoredFacts  # noqa: PLC0415 -- an extra
    from todoku.store.away import Away  # noqa: PLC0415 -- an extra

    with ExitStack() as stack:
        try:
            store = stack.enter_context(opened(config, make=False))
        except Away as away:
            yield AwayFacts(away.text, others)
        else:
            yield StoredFacts(store, others)


def look_at_domain(name: str, source: Source, asked: Settings, config: Config | None) -> Report:
    """The report on a domain, with what the store holds of it where there is one."""
    if config is None:
        return check_domain(name, resolver=source, settings=asked)
    with facts(config) as known:
        return run_look(checking_stored_domain(name, asked), source, known, seconds=SECONDS)
