"""An endpoint that never ends, or that sends an octet now and then: no reply, within bounds of octets and time."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import HTTPClientError, ReadTimeoutError

from todoku.net.aws import bounded

Talk = Callable[[socket.socket, Event], None]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def endless(sock: socket.socket, over: Event) -> None:
    sock.sendall(HEAD + b'\r\n{"a":"')
    while not over.is_set():
        sock.sendall(b"a" * 65_536)


def dripping_body(sock: socket.socket, over: Event) -> None:
    sock.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n")
    while not over.wait(0.02):
        sock.sendall(b" ")


def dripping_head(sock: socket.socket, over: Event) -> None:
    sock.sendall(HEAD + b"X: ")
    while not over.wait(0.02):
        sock.sendall(b"a")


@contextmanager
def endpoint(talk: Talk) -> Iterator[tuple[str, Event]]:
    over = Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                sock, _ = listening.accept()
                with sock:
                    sock.recv(65_536)
                    talk(sock, over)
            over.set()

        thread = Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", over
        finally:
            over.set()
            thread.join(5)


def client(url: str) -> object:
    made = boto3.Session().client(
        "sesv2",
        endpoint_url=url,
        region_name="eu-west-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(read_timeout=1, retries={"total_max_attempts": 1}),
    )
    bounded.bound_replies(made)
    return made


def test_a_reply_without_an_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "MAX_REPLY", 2**20)
    with endpoint(endless) as (url, over):
        with pytest.raises(HTTPClientError, match="too large"):
            client(url).get_account()
        assert over.wait(5)  # nobody listens any more


@pytest.mark.parametrize("talk", [dripping_body, dripping_head])
def test_a_call_ends_though_every_octet_is_in_time(monkeypatch: pytest.MonkeyPatch, talk: Talk) -> None:
    monkeypatch.setattr(bounded, "LEEWAY_SECONDS", -0.5)
    with endpoint(talk) as (url, _), pytest.raises(ReadTimeoutError):
        client(url).get_account()
