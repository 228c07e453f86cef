"""``todoku watch`` as people run it: a domain of a zone file, and a web hook that is told."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from mint_reports import aggregate
from pasted import not_said, pasted
from todoku.store.store import Places, Store
from todoku.store.tables import raw, snapshots
from todoku.store.tidying import TIDIED

ZONE = """$ORIGIN example.com.
$TTL 300
@ IN SOA ns1 admin 1 3600 600 86400 300
@ IN NS ns1
@ IN MX 10 mx1
@ IN TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc IN TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.com"
mx1 IN A 192.0.2.1
ns1 IN A 192.0.2.2
amazonses.com. IN TXT "v=spf1 ip4:198.51.100.0/24 -all"
"""
ELSEWHERE = "$ORIGIN example.com.\n@ 300 IN SOA ns1 admin 1 3600 600 86400 300\n"  # a resolver that sees no public DNS
LOOSER = ZONE.replace("p=reject", "p=none")


class House:
    """A folder with settings, in which the command runs."""

    def __init__(self, folder: Path, hook: Any) -> None:
        self.folder = folder
        self.settings = (
            '[watch]\nsubjects = ["example.com"]\ndns = ["zone:zone"]\n'
            f'[alerts]\nurls = ["json://user:s3cret-canary@127.0.0.1:{hook.server_port}/t0ken-canary"]\n'
        )
        self.zone(ZONE)
        self.configure("")

    def zone(self, text: str) -> None:
        (self.folder / "zone").write_text(text)

    def configure(self, more: str) -> None:
        (self.folder / "todoku.toml").touch(mode=0o600)
        (self.folder / "todoku.toml").write_text(self.settings + more)

    def begin(self, *options: str) -> subprocess.Popen[str]:
        environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(self.folder), "NO_PROXY": "127.0.0.1"}
        return subprocess.Popen(
            [sys.executable, "-m", "todoku", "watch", *options],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def age_claims(self) -> None:
        """As if the time had passed for which a letter belongs to who was sending it."""
        (state,) = self.folder.rglob("state.sqlite")
        with closing(sqlite3.connect(state)) as connection, connection:
            connection.execute("UPDATE outbox SET next_try = 0")

    def once(self) -> tuple[int, str, str]:
        process = self.begin("--once")
        out, err = process.communicate(timeout=120)
        assert "canary" not in out + err
        assert "Traceback" not in err
        return process.returncode, out, err

    def status(self, language: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "todoku", "status", "--lang", language],
            cwd=self.folder,
            env={"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout + done.stderr


@pytest.fixture
def house(tmp_path: Path, hook: Any) -> House:
    return House(tmp_path, hook)


def test_a_changed_record_is_told_once_and_again_when_it_is_back(house: House, hook: Any) -> None:
    assert house.once()[1].endswith("Told now: 0.\n")
    house.zone(LOOSER)
    code, out, _ = house.once()
    assert code == 1
    assert "[record-changed]" in out
    (body,) = hook.bodies
    assert "v=DMARC1; p=reject; rua=mailto:dmarc@example.com" in body["message"]
    assert "v=DMARC1; p=none; rua=mailto:dmarc@example.com" in body["message"]
    assert house.once()[1].endswith("Told now: 0.\n")
    house.zone(ZONE)
    house.once()
    assert [one["title"].split(":")[0] for one in hook.bodies] == ["[todoku] Warning", "[todoku] Over"]


def test_records_that_are_lost_together_are_one_letter_to_those_who_care_for_any_of_them(
    house: House, hook: Any
) -> None:
    url = f"json://127.0.0.1:{hook.server_port}"
    house.settings = house.settings.split("[alerts]")[0]
    house.configure(
        f'[[alerts.routes]]\nrequirement = "dmarc-record"\nurls = ["{url}/dmarc"]\n'
        f'[[alerts.routes]]\ntag = "record-changed"\nurls = ["{url}/dns"]\n'
    )
    house.once()
    house.zone("\n".join(line for line in ZONE.splitlines() if "TXT" not in line or "amazonses" in line))
    assert house.once()[1].count("[record-changed]") == 1
    bodies = [one["message"] for one in hook.bodies if "[record-changed]" in one["title"]]
    assert len(bodies) == 2  # one to each route
    assert all("_dmarc.example.com TXT was" in one and "\nexample.com TXT was" in one for one in bodies)


def test_a_record_that_vanishes_is_one_letter_and_one_when_it_is_back(house: House, hook: Any) -> None:
    """It is seen as a change and as a verdict that fell: one cause, one alarm, the evidence of both."""
    house.once()
    quiet = [one["title"] for one in hook.bodies]
    house.zone("\n".join(line for line in ZONE.splitlines() if "_dmarc" not in line))
    house.once()
    (letter,) = hook.bodies[len(quiet) :]
    assert letter["title"].endswith("[record-changed]")
    assert letter["type"] == "failure"
    assert "It is now none." in letter["message"]
    assert "dmarc" in letter["message"].splitlines()[1].lower()
    house.once()
    house.zone(ZONE)
    house.once()
    assert [one["type"] for one in hook.bodies[len(quiet) :]] == ["failure", "success"]


def test_it_tidies_once_a_day_and_status_says_so(house: House) -> None:
    house.configure("[store]\nkeep_months = 1\n")
    folder = house.folder / "todoku-store"
    house.once()
    report = house.folder / "report.xml"
    report.write_bytes(aggregate(1))  # of 2023
    subprocess.run(
        [sys.executable, "-m", "todoku", "ingest", report], cwd=house.folder, check=True, capture_output=True
    )
    with Store(Places(folder=folder)) as store, store.database.write() as connection:
        connection.execute(delete(snapshots).where(snapshots.c.name == TIDIED))  # a day has passed
        connection.execute(update(raw).values(received=raw.c.received - 90 * 86_400 * 1_000_000))
    assert "forgotten as older than [store] keep_months: 1 item;" in house.once()[2]
    assert "keep_months" not in house.once()[2]
    assert "ago: 1 item older than keep_months, " in house.status("en")
    assert "keep_months より古い元データ1件" in house.status("ja")


def test_the_dns_of_somewhere_else_changes_nothing(house: House, hook: Any) -> None:
    before = house.once()[1]
    house.zone(ELSEWHERE)
    code, out, err = house.once()
    assert (code, out) == (3, before)
    assert "could not look: example.com: " in err
    house.zone(ZONE)
    house.once()
    assert hook.bodies == []


def test_what_the_hook_refuses_waits_in_the_store(house: House, hook: Any) -> None:
    house.once()
    house.zone(LOOSER)
    hook.status = 500
    code, _, err = house.once()
    assert code == 1
    assert err == "todoku: 1 alert to json://… not delivered yet, and tried again: todoku status\n"
    assert hook.bodies == []
    octets = b"".join(path.read_bytes() for path in (house.folder / "todoku-store").glob("state.sqlite*"))
    assert b"record-changed" in octets
    assert b"canary" not in octets
    for language, alarm, letters in (
        ("en", "  warn: dmarc-record [record-changed] example.com, for ", "1 waiting (tried once), 0 given up."),
        ("ja", "  注意: dmarc-record [record-changed] example.com(", "送信待ち1件(1回試行)、送信断念0件。"),
    ):
        shown = house.status(language)
        assert alarm in shown
        assert letters in shown
        assert "canary" not in shown


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "[alerts] names no address: nobody is told"), ("ja", "[alerts] に宛先がないため、通知は送信していません")],
)
def test_an_alarm_that_nobody_is_told_of_says_so(house: House, language: str, said: str) -> None:
    house.settings = house.settings.split("[alerts]")[0] + f'language = "{language}"\n'
    house.configure("")
    assert house.once()[2] == ""
    house.zone(LOOSER)
    assert said in house.once()[2]


def test_what_is_accepted_is_not_told(house: House, hook: Any) -> None:
    accept = '[[accept]]\nrequirement = "dmarc-record"\nreason = "we are testing"\nuntil = {}\n'
    house.configure(accept.format("2999-12-31"))
    house.once()
    house.zone(LOOSER)
    code, out, _ = house.once()
    assert "Accepted until 2999-12-31: dmarc-record – example.com [record-changed]: we are testing\n" in out
    assert (code, hook.bodies) == (0, [])
    house.configure(accept.format("2026-01-31"))
    assert "counts again" in house.once()[2]
    assert len(hook.bodies) == 1


def test_it_ends_when_it_is_told_to(house: House) -> None:
    process = house.begin()
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Open: ")
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in err) == (0, False), out + err


def test_who_is_killed_while_telling_leaves_the_letter_to_the_next(house: House, hook: Any) -> None:
    """L17: the decision is kept, the hook has heard nothing; the next process tells it, once."""
    house.once()
    house.zone(LOOSER)
    hook.held.clear()
    process = house.begin("--once")
    assert hook.asked.wait(60)
    process.kill()
    process.communicate()
    assert hook.bodies == []
    hook.asked.clear()
    hook.held.set()
    house.once()
    assert hook.bodies == []  # who had claimed it may still be at it
    house.age_claims()
    house.once()
    house.once()
    assert [one["title"].split(":")[0] for one in hook.bodies] == ["[todoku] Warning"]


def test_two_watchers_at_once_tell_it_once(house: House, hook: Any) -> None:
    """L19: of two rounds at the same time one may be refused; both together tell each thing once."""
    house.once()
    house.zone(LOOSER)
    pair = [house.begin("--once") for _ in range(2)]
    codes = {process.wait(120) for process in pair if process.communicate()}
    assert codes <= {1, 3}
    assert 1 in codes
    assert [one["title"].split(":")[0] for one in hook.bodies] == ["[todoku] Warning"]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ('[[accept]]\nrequirement = "dmark"\nreason = "r"\nuntil = 2027-01-01\n', "there is no requirement 'dmark'"),
        ("[[accept]]\nrequirement = 5\n", "accept"),
        ('[[alerts.routes]]\nurls = ["nonsense://canary"]\n', "nonsense://"),
        ('[[alerts.routes]]\nurls_file = "nowhere"\n', "nowhere"),
        ('[[alerts.routes]]\nlevel = "fail"\n', "a route names no address"),
    ],
    ids=["requirement", "shape", "address", "file", "no address"],
)
def test_a_slip_is_one_line(house: House, settings: str, told: str) -> None:
    house.configure(settings)
    code, out, err = house.once()
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert told in err


@pytest.mark.parametrize(("page", "language"), [("README.md", "en"), ("README.ja.md", "ja")])
def test_the_letter_in_the_readme_is_a_real_one_in_the_language_of_the_settings(
    house: House, hook: Any, page: str, language: str
) -> None:
    house.settings = house.settings.replace("[watch]\n", f'[watch]\nlanguage = "{language}"\n')
    house.configure("")
    house.once()
    house.zone(LOOSER)
    house.once()
    (body,) = hook.bodies
    assert not_said(pasted(page, "[todoku] "), f"{body['title']}\n{body['message']}") == []


def test_an_option_goes_before_the_language_of_the_settings(house: House) -> None:
    house.settings = house.settings.replace("[watch]\n", '[watch]\nlanguage = "ja"\n')
    house.configure("")
    out, _ = house.begin("--once", "--lang", "en").communicate(timeout=120)
    assert out.startswith("Open: ")
    assert house.once()[1].startswith("継続中: ")
