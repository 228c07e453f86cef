"""The door to the state: SQLite by default, PostgreSQL by its URL. One set of statements serves both.

SQLite writes ahead and synchronizes each commit with the disk; a transaction takes the writer's lock when it begins, so
that none fails half-way for want of it. Whatever the database refuses or cannot do just now is ``Away``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import RLock
from typing import Any
from urllib.parse import quote

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from todoku.store.away import Away
from todoku.store.damaged import is_damage
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

BUSY_SECONDS = 20
CHUNK = 400  # values in one statement; SQLite allows some thousands

_MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """Transactions on the state. May be used by several threads and processes."""

    def __init__(self, url: URL, *, read_only: bool = False) -> None:
        """Connect to nothing yet. ``read_only``: SQLite's file, and the folder that it lies in, cannot be written to."""
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.is_read_only = read_only and self.is_sqlite
        self._engine = _sqlite(url, read_only=self.is_read_only) if self.is_sqlite else _postgresql(url)
        # SQLite lets one write, and whom it refuses sleeps up to a tenth of a second before it asks again.
        self._turn: AbstractContextManager[object] = RLock() if self.is_sqlite else nullcontext()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, committed at the end of the block. Raises ``Away``."""
        with self._told(), self._turn, self._engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that sees one moment and waits for no writer. Raises ``Away``."""
        options = {"todoku_read": True} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self._told(), self._engine.connect() as connection:
            looking = connection.execution_options(**options)
            with looking.begin():
                yield looking

    def migrate(self) -> None:
        """Bring the tables to what this version needs, in one transaction: one that is killed has done nothing.

        Raises ``UsageError`` where a newer version of todoku has been here, and ``Away``, also where they would have to be changed and
        cannot.
        """
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        script = ScriptDirectory.from_config(config)
        if self.is_read_only:
            with self.read() as connection:
                if MigrationContext.configure(connection).get_current_revision() != script.get_current_head():
                    raise Away(OTHER_VERSION)
            return
        with self.write() as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7406571)")  # one migrates, the others wait
            present = MigrationContext.configure(connection).get_current_revision()
            if present == script.get_current_head():
                return
            if present is not None and present not in {one.revision for one in script.walk_revisions()}:
                raise UsageError(
                    Text(
                        "the store was made by a newer version of todoku. Update todoku",
                        "このストアは、より新しいtodokuで作成されています。todokuを更新してください",
                    )
                )
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            why = " ".join(str(error.orig).split())
            told = Text(f"the database cannot be used: {why}", f"データベースを使用できません: {why}")
            if is_damage(error.orig):
                told = Text(
                    f"{told.en}: todoku store rebuild sets it aside and makes it anew",
                    f"{told.ja}。todoku store rebuild で、別名で残したうえで作り直せます",
                )
            raise Away(told) from error


OTHER_VERSION = Text(
    "the store was made by another version of todoku, and cannot be written to: let todoku status look at it once where it can",
    "このストアは別のバージョンのtodokuで作成されたもので、書き込みもできません。書き込める環境で一度 todoku status を実行してください",
)


def database_url(text: str) -> URL:
    """The URL of a PostgreSQL database. Raises ``UsageError``, also where a part of the password would be taken for the host."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # the second of a port that is no number
        url = None
    if url is None or url.get_backend_name() not in ("postgresql", "postgres") or "@" in (url.host or ""):
        raise UsageError(
            Text(
                "the state's URL must read postgresql://USER@HOST/DATABASE; an @ in a name or a password is written %40",
                "状態を保存するURLは postgresql://USER@HOST/DATABASE の形で指定してください"
                "(ユーザー名やパスワードに含まれる @ は %40 と書きます)",
            )
        )
    return url.set(drivername="postgresql+psycopg")


def sqlite_url(path: Path) -> URL:
    """The URL of a file."""
    return URL.create("sqlite", database=str(path))


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; one whose primary key is there already is left as it is."""
    module = sqlite if connection.dialect.name == "sqlite" else postgresql
    for start in range(0, len(rows), CHUNK):
        statement = module.insert(table).on_conflict_do_nothing()
        connection.execute(statement, [dict(row) for row in rows[start : start + CHUNK]])


def _sqlite(url: URL, *, read_only: bool) -> Engine:
    engine = create_engine(_of_what_stands(url) if read_only else url, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:  # noqa: ANN401 -- SQLAlchemy's signature
        connection.isolation_level = None  # sqlite3 begins no transaction of its own: DDL is inside ours, too
        if read_only:
            return
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("todoku_read")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _of_what_stands(url: URL) -> URL:
    """To read a file without writing one beside it, as SQLite does for a log (``-wal``): it may where there is no log to read."""
    path = Path(url.database or "")
    log = path.with_name(f"{path.name}-wal")
    has_log = log.exists() and log.stat().st_size > 0
    query = {"uri": "true", "mode": "ro"} | ({} if has_log else {"immutable": "1"})
    return url.set(database=f"file:{quote(str(path.absolute()))}", query=query)


def _postgresql(url: URL) -> Engine:
    return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": BUSY_SECONDS})
