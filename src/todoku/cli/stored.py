"""What the commands of the store share: its options, opening it, and what is told when it cannot be used."""

from __future__ import annotations

import importlib.util
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from todoku.cli.command import LANG, Callback
from todoku.cli.language import here
from todoku.mail.domain_name import ascii_domain
from todoku.settings.config import Config, read_config
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

if TYPE_CHECKING:  # loading it costs a tenth of a second, and `--help` needs none of it
    from todoku.store.lease import Lease
    from todoku.store.store import Store

CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=here(
        "Settings. Default: TODOKU_CONFIG, else todoku.toml.",
        "設定ファイル。既定は TODOKU_CONFIG、なければ todoku.toml。",
    ),
)
"""The option of every command that reads the settings."""

STORE = click.option(
    "--store",
    "place",
    metavar="PLACE",
    help=here(
        "A folder, or postgresql://USER@HOST/DATABASE for its state. Default: todoku-store.",
        "ストアのフォルダー。postgresql://USER@HOST/DATABASE を指定すると状態をPostgreSQLに保存。既定は todoku-store。",
    ),
)


def store_options(command: Callback) -> Callback:
    """The options of every command that opens the store."""
    return STORE(CONFIG(LANG(command)))


def settings(config: Path | None, place: str | None, *, secrets: Collection[str] = ("store",)) -> Config:
    """The settings with ``--store`` in them. Raises ``UsageError``, also for a password that stands in an argument."""
    from msgspec.structs import replace  # noqa: PLC0415 -- `--help` must start at once

    read = read_config(config, secrets=secrets)
    if place is None:
        return read
    if "://" not in place:
        return replace(read, store=replace(read.store, folder=place, state=""))
    if ":" in place.partition("://")[2].rpartition("@")[0] or "password=" in place:
        raise UsageError(
            Text(
                "a password on a command line can be read by everybody on the machine: "
                "put the URL into TODOKU_STORE_STATE, or the password into ~/.pgpass",
                "コマンドラインのパスワードは、同じマシンの誰からでも見えてしまいます。"
                "URLを TODOKU_STORE_STATE に、またはパスワードを ~/.pgpass に書いてください",
            )
        )
    return replace(read, store=replace(read.store, state=place))


@contextmanager
def opened(config: Config, *, make: bool) -> Iterator[Store]:
    """The store. Raises ``UsageError``, where its libraries are missing, or there is none and none is to be made."""
    if any(importlib.util.find_spec(name) is None for name in ("sqlalchemy", "alembic", "duckdb", "pyarrow", "lxml")):
        raise UsageError(
            Text(
                'the store needs more libraries: pip install "todoku[store]"',
                'ストアには追加のライブラリが必要です: pip install "todoku[store]"',
            )
        )
    from todoku.store.store import Places, Store  # noqa: PLC0415 -- after the libraries were looked for

    section = config.store
    folder = Path(section.folder)
    if not make and not folder.is_dir():
        raise UsageError(
            Text(
                f"there is no store in {folder}: todoku ingest makes one",
                f"{folder} にストアがありません。todoku ingest で作成します",
            )
        )
    domains = tuple(map(_own_domain, section.domains))
    places = Places(folder=folder, state=section.state, rows=section.rows, domains=domains)
    with Store(places) as store:
        yield store.prepare()


def _own_domain(written: str) -> str:
    """A domain of ``[store] domains`` as reports name it: in A-labels, lower-case. Raises ``UsageError``: nothing would count."""
    name = ascii_domain(written.rstrip("."))
    if name is None:
        raise UsageError(
            Text(
                f"[store] domains: {written!r} is no domain name",
                f"[store] domains: {written!r} はドメイン名ではありません",
            )
        )
    return name


@contextmanager
def leased(store: Store) -> Iterator[Lease | None]:
    """The right to write, or None while another process has it."""
    from todoku.store.away import Away  # noqa: PLC0415
    from todoku.store.lease import Lease  # noqa: PLC0415
    from todoku.store.raw import microseconds  # noqa: PLC0415

    lease = Lease.acquire(store.database, microseconds(clock()))
    try:
        yield lease
    finally:
        if lease is not None:
            with suppress(Away):  # it runs out by itself
                lease.release(store.database)


def clock() -> datetime:
    """The time of this machine, in UTC."""
    return datetime.now(UTC)


WHY = Text(" (why: todoku status)", "(理由は todoku status で確認)")
"""What is told behind a number of items that were set aside."""

BUSY = Text(
    "another process is the store's writer just now; what was taken is safe, and that process reads it",
    "現在、別のプロセスがストアに書き込んでいます。取り込んだデータは保存済みで、そのプロセスが読み取ります",
)
"""What is told where the lease is held."""
