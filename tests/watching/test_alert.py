"""What somebody is told of an alarm, and that it is told: to a web hook and a mail server of our own."""

from __future__ import annotations

import json
import logging
import socket
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import msgspec
import pytest

from todoku.causes.dmarc.record import DMARC_NONE
from todoku.causes.witnesses.over_time import RECORD_CHANGED
from todoku.judging.judge import ReadyFix
from todoku.net.alert import SECONDS, Channel, shown
from todoku.report.alert import Letter, letter
from todoku.watching.alarm import Notice, Said
from todoku.words.errors import UsageError
from todoku.words.verdict import Exhibit

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
GONE = Said(
    part="_dmarc.example.com TXT",
    requirement="dmarc-record",
    tag=RECORD_CHANGED.tag,
    text=RECORD_CHANGED.text,
    values={"name": "_dmarc.example.com", "rdtype": "TXT", "before": "v=DMARC1; p=reject", "after": "none"},
)
LETTER = Letter("[todoku] Alarm: spf", "the record is gone\nsee todoku explain", "failure")


def notice(step: str = "fired", level: str = "fail", **other: Any) -> Notice:
    told: dict[str, Any] = {
        "key": "k",
        "step": step,
        "cause": "drift/_dmarc.example.com TXT",
        "level": level,
        "since": NOW,
        "at": NOW,
        "abouts": ("example.com", "example.net"),
        "said": (GONE,),
        "exhibits": (Exhibit("dns", "_dmarc.example.com TXT", "none"),),
    }
    return Notice(**{**told, **other})


def test_a_letter_names_the_record_with_both_values() -> None:
    told = letter(notice(), "en")
    assert told.title == "[todoku] Alarm: dmarc-record – example.com and 1 more [record-changed]"
    assert "_dmarc.example.com TXT was v=DMARC1; p=reject when all was well. It is now none." in told.body
    assert "  example.net" in told.body.splitlines()
    assert "todoku explain record-changed" in told.body


def test_a_letter_in_japanese() -> None:
    told = letter(notice("resolved"), "ja")
    assert told.title == "[todoku] 解消: dmarc-record – example.com ほか1件 [record-changed]"
    assert "現在の値は「なし」です。" in told.body


@pytest.mark.parametrize(
    ("language", "first"),
    [
        ("en", "It is over. It began 2026-11-24 09:30 UTC:"),
        ("ja", "解消しました。2026-11-24 09:30 UTC に検知した内容:"),
    ],
)
def test_a_letter_says_that_it_is_over_before_what_was(language: Any, first: str) -> None:
    assert letter(notice("resolved"), language).body.splitlines()[0] == first


@pytest.mark.parametrize(
    ("abouts", "en", "ja"),
    [
        (("example.com",), "To mend it: Publish", "対処: DMARC"),
        (("example.com", "example.net"), "To mend it, as for one of them: Publish", "対処(うち1件の例): DMARC"),
    ],
)
def test_a_fix_with_the_names_of_one_domain_says_so(abouts: tuple[str, ...], en: str, ja: str) -> None:
    """What is shared by many domains is mended in each; the letter has the names of the first."""
    told = notice(abouts=abouts, fixes=(ReadyFix(DMARC_NONE, (), ("dmarc-missing",)),))
    assert any(line.startswith(en) for line in letter(told, "en").body.splitlines())
    assert any(line.startswith(ja) for line in letter(told, "ja").body.splitlines())


@pytest.mark.parametrize(("language", "none"), [("en", "none"), ("ja", "なし")])
def test_the_evidence_of_a_record_that_is_gone(language: str, none: str) -> None:
    assert f"  _dmarc.example.com TXT: {none}" in letter(notice(), language).body.splitlines()


def test_many_subjects_are_counted_and_not_listed() -> None:
    told = letter(notice(abouts=tuple(f"{number:02}.example" for number in range(50))), "en")
    assert "  and 30 more" in told.body.splitlines()
    assert "  19.example" in told.body.splitlines()
    assert "20.example" not in told.body


def test_many_parts_are_told_up_to_a_number() -> None:
    said = tuple(
        msgspec.structs.replace(GONE, part=f"{number}", values={**GONE.values, "name": f"{number:02}.example"})
        for number in range(25)
    )
    body = letter(notice(said=said), "en").body
    assert "19.example TXT was" in body
    assert "20.example" not in body
    assert "And 5 more." in body.splitlines()


def test_no_stranger_writes_a_header_of_the_mail() -> None:
    told = letter(notice(abouts=("example.com\r\nBcc: all@example.org",)), "en")
    assert "\r" not in told.title + told.body
    assert "\n" not in told.title


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("SPF @everyone", "SPF @ everyone"),
        ("x@here", "x@ here"),
        ("DKIM <!channel>, <@U123>, <@&9>", "DKIM < !channel>, < @ U123>, < @&9>"),
        ("[log in](https://mail.example)", "[log in] (https://mail.example)"),
        ("v=DMARC1; rua=mailto:dmarc@example.com,mailto:a@here.example", None),
        ("example.com. 300 IN TXT [x] (y) a < b", None),
    ],
)
def test_no_stranger_calls_people_in_a_chat(written: str, shown: str | None) -> None:
    told = letter(notice(abouts=(written,)), "en")
    assert f"  {shown or written}" in told.body.splitlines()
    assert (shown or written) in told.title


@pytest.fixture
def hook() -> Iterator[HTTPServer]:
    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server: Any = self.server
            server.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(server.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server: Any = HTTPServer(("127.0.0.1", 0), Hook)
    server.bodies, server.status = [], 200
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_web_hook_is_told(hook: Any) -> None:
    assert Channel(f"json://127.0.0.1:{hook.server_port}/alarm").send(LETTER) is True
    assert [(one["title"], one["message"]) for one in hook.bodies] == [(LETTER.title, LETTER.body)]


@pytest.mark.parametrize(
    ("step", "level", "tone"),
    [
        ("fired", "fail", "failure"),
        ("fired", "warn", "warning"),
        ("escalated", "fail", "failure"),
        ("joined", "warn", "warning"),
        ("noted", "warn", "warning"),
        ("resolved", "fail", "success"),
        ("resolved", "warn", "success"),
    ],
)
def test_a_service_is_told_how_it_stands(hook: Any, step: str, level: str, tone: str) -> None:
    """Chats colour it, and pagers wake people by it."""
    assert Channel(f"json://127.0.0.1:{hook.server_port}/alarm").send(letter(notice(step, level), "en")) is True
    assert [one["type"] for one in hook.bodies] == [tone]


@pytest.mark.parametrize("status", [302, 403, 500])
def test_a_web_hook_that_refuses_was_not_told(hook: Any, status: int) -> None:
    hook.status = status
    assert Channel(f"json://127.0.0.1:{hook.server_port}/alarm").send(LETTER) is False


@pytest.mark.parametrize(
    ("query", "connect", "read"),
    [("", SECONDS, SECONDS), ("?method=put", SECONDS, SECONDS), ("?cto=2&rto=3", 2, 3)],
)
def test_a_service_has_its_time(query: str, connect: float, read: float) -> None:
    (service,) = Channel(f"json://127.0.0.1/alarm{query}")._service
    assert (service.socket_connect_timeout, service.socket_read_timeout) == (connect, read)


def test_nobody_at_the_address(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as taken:  # bound and not listened at
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with caplog.at_level(logging.DEBUG):
        channel = Channel(f"json://user:s3cret-canary@127.0.0.1:{port}/t0ken-canary")
        assert channel.send(LETTER) is False
    assert "canary" not in caplog.text + channel.shown


def test_a_mail_server_is_told() -> None:
    got: list[str] = []

    class Smtp(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 test\r\n")
            inside = False
            for raw in self.rfile:
                line = raw.decode().rstrip("\r\n")
                if inside:
                    got.append(line)
                    inside = line != "."
                    if not inside:
                        self.wfile.write(b"250 ok\r\n")
                    continue
                inside = line.upper() == "DATA"
                self.wfile.write(b"354 go on\r\n" if inside else b"250 ok\r\n")
                if line.upper() == "QUIT":
                    return

    with socketserver.TCPServer(("127.0.0.1", 0), Smtp) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        port = server.server_address[1]
        channel = Channel(f"mailto://127.0.0.1:{port}?from=todoku@example.com&to=ops@example.com&mode=insecure")
        assert channel.send(msgspec.structs.replace(LETTER, key="0123456789ab")) is True
        thread.join(10)
    assert any(line.startswith("Subject: ") for line in got)
    assert "X-Todoku-Letter: 0123456789ab" in got  # the same however often it is sent
    assert "References: <0123456789ab@todoku.invalid>" in got


def test_a_letter_bears_its_number_and_says_for_whom_it_is_over() -> None:
    told = letter(notice("left", key="0123456789abcdef"), "en")
    assert told.title.startswith("[todoku] Narrower: ")
    assert told.body.splitlines()[0].startswith("It is over for those named here; it lasts for others.")
    assert (told.body.splitlines()[-1], told.key, told.tone) == ("Letter: 0123456789ab", "0123456789abcdef", "success")
    assert letter(notice("left", key="k"), "ja").body.splitlines()[-1] == "通知番号: k"


@pytest.mark.parametrize("url", ["nonsense://token-canary@host", "no address at all canary", ""])
def test_what_no_service_takes_is_a_slip(url: str) -> None:
    with pytest.raises(UsageError) as raised:
        Channel(url)
    assert "canary" not in str(raised.value)


def test_what_is_shown_of_an_address() -> None:
    assert shown("slack://T1234/B5678/canary") == "slack://…"
