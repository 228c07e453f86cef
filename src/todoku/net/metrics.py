"""How watching goes, for Prometheus: at an address of this machine, or in a file for node_exporter's textfile collector.

The names are part of the interface: they are added to and never changed. Nothing in them is about a person, and no address of
an alert. The page is served as it was after the last round; asking for it costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from todoku.store.status import Status
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

if TYPE_CHECKING:
    from http.server import HTTPServer
    from threading import Thread

    from prometheus_client import CollectorRegistry

_PLACE = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<host>[A-Za-z0-9.-]+)):(?P<port>[0-9]{1,5})")
ASKER_SECONDS = 10.0
STATES = ("unparsed", "held", "parsed", "quarantined")


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a round. ``alarms``: how many are open, by level; ``unseen``: subjects and sources that could not be looked at."""

    status: Status
    ended: datetime
    alarms: Mapping[str, int]
    unseen: int
    waiting: int


class Metrics:
    """The figures of the last round."""

    def __init__(self) -> None:
        """No round yet. Raises ``UsageError`` where the library is missing."""
        try:
            from prometheus_client import CollectorRegistry, Gauge  # noqa: PLC0415 -- for those only who want figures
        except ImportError:
            raise UsageError(
                Text(
                    'metrics need one more library: pip install "todoku[alerts]"',
                    'メトリクスには追加のライブラリが必要です: pip install "todoku[alerts]"',
                )
            ) from None
        self.registry: CollectorRegistry = CollectorRegistry()

        def gauge(name: str, told: str, *labels: str) -> Gauge:
            return Gauge(f"todoku_{name}", told, labels, registry=self.registry)

        self._ended = gauge("round_end_timestamp_seconds", "When the last round ended.")
        self._unseen = gauge("unseen", "Subjects and sources that could not be looked at in the last round.")
        self._alarms = gauge("alarms", "Alarms that are open.", "level")
        self._items = gauge("items", "Items that arrived, by what became of them.", "state")
        self._oldest = gauge("oldest_unparsed_seconds", "How long the oldest item has been waiting; 0: none does.")
        self._sources = gauge(
            "source_success_timestamp_seconds", "When a source was last looked at to its end.", "source"
        )
        self._waiting = gauge("alerts_waiting", "Letters that could not be sent yet.")

    def show(self, figures: Figures) -> None:
        """Take over the figures of a round."""
        status = figures.status
        self._ended.set(figures.ended.timestamp())
        self._unseen.set(figures.unseen)
        self._waiting.set(figures.waiting)
        self._oldest.set(status.oldest.seconds if status.oldest else 0)
        for level in ("warn", "fail"):
            self._alarms.labels(level).set(figures.alarms.get(level, 0))
        for state in STATES:
            self._items.labels(state).set(getattr(status, state))
        for source in status.sources:
            self._sources.labels(source.name).set(source.succeeded.timestamp())

    def serve(self, place: str) -> Server:
        """Serve them at ``HOST:PORT``. Raises ``UsageError`` where that cannot be done."""
        from prometheus_client import start_http_server  # noqa: PLC0415 -- as above

        host, port = address(place)
        try:
            server, thread = start_http_server(port, host, registry=self.registry)
        except OSError as error:
            why = error.strerror or str(error)
            raise UsageError(
                Text(f"metrics cannot be served at {place}: {why}", f"{place} でメトリクスを公開できません: {why}")
            ) from None
        return Server(server, thread)

    def write(self, path: Path) -> None:
        """Write them to a file, which is replaced whole. Raises ``UsageError`` where that cannot be done."""
        from prometheus_client import write_to_textfile  # noqa: PLC0415 -- as above

        try:
            write_to_textfile(str(path), self.registry)
        except OSError as error:
            why = error.strerror or str(error)
            raise UsageError(Text(f"{path} cannot be written: {why}", f"{path} に書き込めません: {why}")) from None


class Server:
    """Figures that are being served at ``port``."""

    def __init__(self, server: HTTPServer, thread: Thread) -> None:
        """Made by ``Metrics.serve``. Who asks and says nothing more is not waited for, and who goes away is no error of ours."""
        self.port = server.server_port
        handler: Any = server.RequestHandlerClass  # a class; typeshed has it as whatever makes a handler
        server.RequestHandlerClass = type("Brief", (handler,), {"timeout": ASKER_SECONDS})
        server.handle_error = _say_nothing  # type: ignore[assignment]
        self._server = server
        self._thread = thread

    def close(self) -> None:
        """Serve no longer."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _say_nothing(_request: object, _client: object) -> None:
    """In the place of the traceback that socketserver writes."""


def address(place: str) -> tuple[str, int]:
    """The host and the port of ``HOST:PORT`` or ``[ADDRESS]:PORT``. Raises ``UsageError``."""
    found = _PLACE.fullmatch(place)
    if found is None or int(found["port"]) > 65_535:
        raise UsageError(
            Text(
                f"{place!r} is no HOST:PORT to serve metrics at, such as 127.0.0.1:9105",
                f"{place!r} はメトリクスを公開する HOST:PORT ではありません(例: 127.0.0.1:9105)",
            )
        )
    return found["six"] or found["host"], int(found["port"])
