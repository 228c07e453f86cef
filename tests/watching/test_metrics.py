"""The figures of a round, as Prometheus reads them."""

from __future__ import annotations

import socket
import struct
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import pytest

from todoku.net import metrics as module
from todoku.net.metrics import Figures, Metrics, address
from todoku.store.status import SourceStatus, Status, Vouched, Waiting
from todoku.words.errors import UsageError

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
STATUS = Status(
    at=NOW,
    unparsed=3,
    held=7,
    parsed=40,
    quarantined=2,
    octets=1000,
    oldest=Waiting("0" * 64, "reports/", NOW, 75),
    aside=(),
    held_of=(),
    sources=(SourceStatus("imaps://dmarc@mail.example.com/INBOX", NOW, 40, 2),),
    reports={},
    messages=0,
    conflicts=0,
    unclaimed=0,
    vouched=Vouched(),
    rows=0,
    files=0,
)
FIGURES = Figures(status=STATUS, ended=NOW, alarms={"fail": 1}, unseen=4, waiting=5)
EXPECTED = {
    "todoku_round_end_timestamp_seconds": NOW.timestamp(),
    "todoku_unseen": 4,
    'todoku_alarms{level="warn"}': 0,
    'todoku_alarms{level="fail"}': 1,
    'todoku_items{state="unparsed"}': 3,
    'todoku_items{state="held"}': 7,
    'todoku_items{state="parsed"}': 40,
    'todoku_items{state="quarantined"}': 2,
    "todoku_oldest_unparsed_seconds": 75,
    'todoku_source_success_timestamp_seconds{source="imaps://dmarc@mail.example.com/INBOX"}': NOW.timestamp(),
    "todoku_alerts_waiting": 5,
}


def read(page: str) -> dict[str, float]:
    lines = [line for line in page.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_a_page_has_every_figure() -> None:
    metrics = Metrics()
    metrics.show(FIGURES)
    server = metrics.serve("127.0.0.1:0")
    try:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", "/metrics")
        assert read(connection.getresponse().read().decode()) == EXPECTED
        connection.close()
    finally:
        server.close()


def test_who_goes_away_is_no_traceback_and_who_says_nothing_is_not_waited_for(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ASKER_SECONDS", 0.2)
    server = Metrics().serve("127.0.0.1:0")
    try:
        for asked in (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", b"GET /metrics HTTP/1.1\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", server.port), 10) as asker:
                asker.sendall(asked)
                asker.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with socket.create_connection(("127.0.0.1", server.port), 10) as silent:
            assert silent.recv(1) == b""
    finally:
        server.close()
    assert capfd.readouterr().err == ""


def test_a_file_has_every_figure(tmp_path: Path) -> None:
    metrics = Metrics()
    metrics.show(FIGURES)
    metrics.write(tmp_path / "todoku.prom")
    assert read((tmp_path / "todoku.prom").read_text()) == EXPECTED
    assert [one.name for one in tmp_path.iterdir()] == ["todoku.prom"]


def test_a_folder_that_is_not_there_is_a_slip(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        Metrics().write(tmp_path / "none" / "todoku.prom")


def test_two_at_one_place() -> None:
    server = Metrics().serve("127.0.0.1:0")
    try:
        with pytest.raises(UsageError, match="cannot be served"):
            Metrics().serve(f"127.0.0.1:{server.port}")
    finally:
        server.close()


@pytest.mark.parametrize(
    ("place", "found"),
    [("127.0.0.1:9105", ("127.0.0.1", 9105)), ("[::1]:1", ("::1", 1)), ("host.example:65535", ("host.example", 65535))],
)
def test_places(place: str, found: tuple[str, int]) -> None:
    assert address(place) == found


@pytest.mark.parametrize("place", ["", "9105", "127.0.0.1", "127.0.0.1:65536", "a b:1", "::1:9105"])
def test_what_is_no_place(place: str) -> None:
    with pytest.raises(UsageError):
        address(place)
