"""What lies in ``examples/watch``: the units are systemd's, the crontab is cron's, and the function for Lambda makes a round."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest

from postgres_server import Postgres
from todoku.causes.witnesses import over_time
from todoku.cli.stored import clock
from todoku.demo.ses_server import SesServer
from todoku.demo.ses_world import World
from todoku.net.dns.zone import Zone
from todoku.report.alert import HEADS
from todoku.report.words import say
from todoku.store.snapshots import open_alarms
from todoku.store.store import Places, Store
from todoku.words.verdict import Reason

EXAMPLES = Path(__file__).parent.parent.parent / "examples" / "watch"
REGION = "eu-west-1"
ZONE = """
a.example. 300 IN SOA ns.a.example. admin.a.example. 1 3600 600 86400 300
a.example. 300 IN A 192.0.2.2
amazonses.com. 300 IN TXT "v=spf1 ip4:198.51.100.0/24 -all"
"""
EVENT = {
    "version": "0",
    "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "123456789012",
    "time": "2026-11-24T06:17:00Z",
    "region": REGION,
    "resources": [f"arn:aws:events:{REGION}:123456789012:rule/todoku"],
    "detail": {},
}
"""eventbridge/latest/userguide/eb-run-lambda-schedule.html."""


class Context:
    """lambda/latest/dg/python-context.html, as far as the function uses it."""

    def __init__(self, seconds: float = 900.0) -> None:
        self._seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(1000 * self._seconds)


@pytest.fixture
def function() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lambda_handler", EXAMPLES / "lambda_handler.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def state() -> Iterator[str]:
    server = Postgres()
    try:
        server.start()
        yield server.make("todoku")
    finally:
        server.close()


@pytest.fixture
def surroundings(tmp_path: Path, state: str, hook: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Those of a function: no home, credentials in the environment, a folder that outlives it. Its account has one identity."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "TODOKU_", "LC_")) or name == "HOME"]:
        monkeypatch.delenv(name)
    (tmp_path / "zone").write_text(ZONE)
    with SesServer(World(clock=clock, answers=Zone.from_text(ZONE))) as server:
        for name, value in {
            "AWS_LAMBDA_FUNCTION_NAME": "todoku",
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": server.url,
            "AWS_ACCESS_KEY_ID": "123456789012",
            "AWS_SECRET_ACCESS_KEY": server.secret,
            "AWS_SESSION_TOKEN": "none",
            "LANG": "C.UTF-8",
            "NO_PROXY": "127.0.0.1",
            "TODOKU_STORE_STATE": state,
            "TODOKU_STORE_FOLDER": str(tmp_path / "efs"),
            "TODOKU_WATCH_SUBJECTS": f"ses:{REGION}",
            "TODOKU_WATCH_DNS": f"zone:{tmp_path / 'zone'}",
            "TODOKU_ALERTS_URLS": f"json://127.0.0.1:{hook.server_port}/",
        }.items():
            monkeypatch.setenv(name, value)
        boto3.Session().client("sesv2", region_name=REGION).create_email_identity(EmailIdentity="a.example")
        yield


@pytest.mark.usefixtures("surroundings")
def test_the_function_makes_a_round(function: ModuleType, state: str, hook: Any, tmp_path: Path) -> None:
    told = function.handler(EVENT, Context())
    assert told["code"] == 1
    assert told["told"].splitlines()[-1].startswith("Open: ")
    titles = sorted(one["title"] for one in hook.bodies)
    assert sorted(line for line in told["told"].splitlines() if line.startswith("[todoku]")) == titles != []
    with Store(Places(folder=tmp_path / "efs", state=state)) as store, store.database.read() as connection:
        assert len(open_alarms(connection)) == len(titles)
    assert function.handler(EVENT, Context())["told"].count("[todoku]") == 0


@pytest.mark.usefixtures("surroundings")
def test_a_round_that_cannot_be_made_is_an_error_of_the_function(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TODOKU_WATCH_SUBJECTS", "no domain")
    with pytest.raises(RuntimeError, match="ended with 2"):
        function.handler(EVENT, Context())


@pytest.mark.usefixtures("surroundings")
def test_a_round_for_which_there_is_no_time_is_asked_to_end(function: ModuleType) -> None:
    with pytest.raises(RuntimeError, match="ended with -15"):
        function.handler(EVENT, Context(seconds=function.MARGIN))


@pytest.mark.parametrize("name", ["todoku-watch.service", "todoku-round.service", "todoku-round.timer"])
def test_units_are_what_systemd_takes(name: str, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze not found: apt-get install systemd")
    command = tmp_path / "todoku" / "bin" / "todoku"
    command.parent.mkdir(parents=True)
    command.touch(0o755)
    done = subprocess.run(
        [program, "--user", "verify", EXAMPLES / name],
        env={"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_crontab_has_five_fields_and_the_command() -> None:
    lines = [line for line in (EXAMPLES / "crontab").read_text().splitlines() if line and not line.startswith("#")]
    jobs = [line for line in lines if not re.match(r"\w+=", line)]
    assert [job.split(maxsplit=5)[:5] for job in jobs] == [["17", "*", "*", "*", "*"]]
    assert all("todoku watch --once" in job for job in jobs)


PAGES = ("watching.md", "watching.ja.md")


def page(name: str) -> str:
    return (EXAMPLES.parent.parent / "docs" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_the_page_on_watching_has_every_alarm(name: str) -> None:
    tags = {one.tag for one in vars(over_time).values() if isinstance(one, Reason)}
    assert {tag for tag in tags if f"| `{tag}` |" not in page(name)} == set()


@pytest.mark.parametrize("name", PAGES)
def test_the_page_on_watching_has_every_first_word_of_a_letter(name: str) -> None:
    words = {say(head, "ja" if ".ja" in name else "en") for head in HEADS.values()} - {"Notice", "お知らせ"}
    told = page(name)
    assert {word for word in words if not re.search(rf"^\|[^|]*{word}", told, re.MULTILINE)} == set()


@pytest.mark.parametrize("name", PAGES)
def test_the_page_on_watching_leads_somewhere(name: str) -> None:
    links = re.findall(r"\]\(((?:\.\./|[a-z])[^)#:]*)[^):]*\)", page(name))
    docs = EXAMPLES.parent.parent / "docs"
    assert {link for link in links if not (docs / link).exists()} == set()
    assert {path.name for path in EXAMPLES.iterdir() if path.is_file()} <= {Path(link).name for link in links}


def test_the_page_on_watching_says_the_same_in_both_languages() -> None:
    shapes = [re.findall(r"^(?:#+ |\| `[a-z-]+` \||```\w*$)", page(name), re.MULTILINE) for name in PAGES]
    assert shapes[0] == shapes[1]
