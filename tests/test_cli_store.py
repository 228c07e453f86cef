"""``todoku ingest``, ``status`` and ``store`` as a user meets them; and the settings that they read."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mint_reports import aggregate, mailed, zipped
from nameserver import name_of, nameserver, reply
from senders import from_, key, signed, told
from ses_events import DOCOMO, ses_event
from store_bench import Given
from todoku.intake.receive import Taken, take
from todoku.intake.sample import COMPLAINT
from todoku.settings.config import Config, read_config
from todoku.store.store import Places, Store
from todoku.words.errors import UsageError

CANARY = "canary-77aa"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with three reports, one of them broken, and something hidden."""
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "1.eml").write_bytes(mailed(aggregate(1)))
    (folder / "2.zip").write_bytes(zipped(aggregate(2, count=5)))
    (folder / "3.xml").write_bytes(aggregate(3)[:-60])
    (folder / ".4.xml").write_bytes(aggregate(4))
    return tmp_path


def todoku(folder: Path, *arguments: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "todoku", *arguments],
        check=False,
        cwd=folder,
        input=stdin,
        capture_output=True,
        env={"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(folder), **environment},
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_who_sent_a_report_is_asked_of_a_real_name_server(tmp_path: Path) -> None:
    """A signed one, a forged one, and one more than is read of a sender on a day."""
    day = int(time.time()) // 86_400 * 86_400 - 86_400
    true = told(1, "receiver.example", begin=day)
    mails = [signed(from_("receiver.example", true), "receiver.example")]
    mails += [
        from_("receiver.example", told(number, "receiver.example", begin=day, count=9), number) for number in (2, 3)
    ]
    (tmp_path / "mails").mkdir()
    for number, mail in enumerate(mails):
        (tmp_path / "mails" / f"{number}.eml").write_bytes(mail)
    written = key()
    strings = " ".join(f'"{written[start : start + 200]}"' for start in range(0, len(written), 200))
    with nameserver(lambda query, _: [reply(query, f"{name_of(query)}. 300 TXT {strings}")]) as running:
        settings = {"TODOKU_INGEST_DNS": running.address, "TODOKU_INGEST_MOST_OF_SENDER": "1"}
        first = todoku(tmp_path, "ingest", "mails", **settings)
        assert (first.returncode, first.stderr.startswith("1 item held")) == (0, True)
        assert [name for _, name, _ in running.asked] == ["s1._domainkey.receiver.example"]
        assert (
            "Held: 1 item, since too many came on one day from senders who prove no domain."
            in todoku(tmp_path, "status").stdout
        )
        assert todoku(tmp_path, "ingest", "--retry", **settings).stderr == ""
    shown = todoku(tmp_path, "status", "--lang", "ja").stdout
    assert "レポートの送信元: 確認済み1件、未確認2件、不明0件。" in shown
    asked = todoku(tmp_path, "reports", "reporters")
    assert (
        " ".join(asked.stdout.split()).count("Of 19 messages, 1 rests on verified reports, 18 on unverified ones") == 1
    )
    assert re.search(r"receiver.example +verified +1 +1 ", asked.stdout)
    verified = json.loads(todoku(tmp_path, "reports", "unaligned", "--verified", "--format", "json").stdout)
    assert (verified["verified"], verified["extent"]["messages"]) == (True, 1)


def test_from_a_folder_to_the_status(place: Path) -> None:
    first = todoku(place, "ingest", "reports")
    assert (first.returncode, first.stderr) == (1, "")
    assert first.stdout == (
        "Taken: 3 new, 0 known already. Read: 2 reports with 4 rows, 0 known already; 1 item set aside (why: todoku status).\n"
    )
    again = todoku(place, "ingest", "reports", "--lang", "ja")
    assert (again.returncode, again.stdout) == (
        0,
        "取り込み: 新規0件、既知3件。読み取り: レポート0件(0行)、既知のレポート0件、保留0件。\n",
    )
    text = todoku(place, "status")
    assert text.returncode == 1
    assert "Items: 2 read, 0 waiting, 1 set aside" in text.stdout
    assert "DMARC aggregate reports: 2, on 12 messages.\n" in text.stdout
    assert "\nRows: 4 in " in text.stdout
    (path,) = re.findall(r"^    reports/3\.xml\n    (todoku-store/raw/.+)$", text.stdout, re.MULTILINE)
    assert (place / path).read_bytes() == (place / "reports" / "3.xml").read_bytes()
    assert "[report-truncated]" in text.stdout or "[report-malformed]" in text.stdout
    assert "読み取り済み2件、未読0件、保留1件" in todoku(place, "status", "--lang", "ja").stdout


def test_what_bounced_in_the_last_week_is_in_the_status(place: Path) -> None:
    assert todoku(place, "ingest", "reports").returncode == 1  # makes the store; a report is broken
    assert "Last 7 days" not in todoku(place, "status").stdout
    yesterday = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86_400))
    events = [
        ses_event("Bounce", number, address, reply=DOCOMO.format(address), day=yesterday)
        for number, address in enumerate(f"lost{number}@docomo.ne.jp" for number in range(3))
    ]
    events.append(ses_event("Bounce", 9, "a@gmail.com", reply="smtp; 550 5.1.1 no such user - gsmtp", day="2026-01-05"))
    with Store(Places(folder=place / "todoku-store")).prepare() as store:
        sum(take(store, Given(events, authentic=True), lambda: datetime.now(UTC)), Taken())
    assert todoku(place, "ingest", "reports").returncode == 0  # what was set aside is known
    shown = " ".join(todoku(place, "status").stdout.split())
    assert "Last 7 days, as SES tells 3 recipients bounced, 3 of them permanently." in shown
    assert "docomo, 3 recipients: No such address, or the recipient's filter refused it" in shown
    assert "Gmail" not in shown
    assert "直近7日間(SESのイベントによる)" in todoku(place, "status", "--lang", "ja").stdout
    (found,) = json.loads(todoku(place, "status", "--format", "json").stdout)["bounces"]
    assert (found["receiver"], found["recipients"]) == ("docomo", 3)


def test_status_as_json(place: Path) -> None:
    todoku(place, "ingest", "reports")
    shown = json.loads(todoku(place, "status", "--format", "json").stdout)
    assert (shown["parsed"], shown["unparsed"], shown["quarantined"], shown["oldest"]) == (2, 0, 1, None)
    (aside,) = shown["aside"]
    assert (place / "todoku-store" / aside["newest"]).read_bytes() == (place / "reports" / "3.xml").read_bytes()
    assert set(aside["text"]) == {"en", "ja"}
    assert aside["name"] == "reports/3.xml"
    assert shown["sources"][0]["new"] == 3


def test_standard_input_and_retry(place: Path) -> None:
    done = todoku(place, "ingest", "-", stdin=mailed(aggregate(7)))
    assert (done.returncode, "1 new" in done.stdout) == (0, True)
    todoku(place, "ingest", "reports")
    again = todoku(place, "ingest", "--retry")
    assert (again.returncode, again.stdout.endswith("1 item set aside (why: todoku status).\n")) == (1, True)


def test_upkeep(place: Path) -> None:
    todoku(place, "ingest", "reports")
    todoku(place, "ingest", "-", stdin=aggregate(2, count=6))
    assert todoku(place, "store", "check").stdout == "All is there, and as it was.\n"
    assert todoku(place, "store", "compact").stdout.startswith("Files of rows made into fewer: 2. ")
    assert todoku(place, "store", "rebuild").stdout.startswith(
        "Read again: 3 reports with 6 rows; 1 item set aside (why"
    )
    todoku(place, "ingest", "-", stdin=aggregate(2, count=7))
    shown = " ".join(todoku(place, "status").stdout.split())
    assert "1 report came again with different contents (each counted once here, however often it came)" in shown
    next(path for path in (place / "todoku-store" / "raw").rglob("*") if path.is_file()).write_bytes(b"x")
    damaged = todoku(place, "store", "check")
    assert (damaged.returncode, "[raw-changed]" in damaged.stdout) == (1, True)


def test_check_sees_the_columns_of_every_kind(place: Path) -> None:
    todoku(place, "ingest", "-", stdin=COMPLAINT)
    (path,) = place.glob("todoku-store/rows/feedback/*/*.parquet")
    table = pq.read_table(path, partitioning=None)
    pq.write_table(table.drop_columns("source_ip"), path)
    done = todoku(place, "store", "check")
    assert (done.returncode, "todoku store rebuild" in done.stdout, "[rows-other-columns]" in done.stdout) == (
        1,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ingest",), "name a SOURCE"),
        (("ingest", "missing"), "there is no file or folder missing"),
        (("ingest", "gopher://x"), "cannot be taken from gopher://"),
        (("ingest", "reports", "--store", "gopher://x"), "postgresql://USER@HOST/DATABASE"),
        (("ingest", "reports", "--store", "postgresql://todoku@db:port/x"), "postgresql://USER@HOST/DATABASE"),
        (("status", "--store", "nowhere"), "there is no store in nowhere"),
        (("status", "--config", "missing.toml"), "cannot read missing.toml"),
    ],
)
def test_slip_is_one_line(place: Path, arguments: tuple[str, ...], said: str) -> None:
    done = todoku(place, *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr


@pytest.mark.parametrize(
    "url", ["postgresql://todoku:{}@127.0.0.1:1/x", "postgresql://todoku@127.0.0.1:1/x?password={}"]
)
def test_password_on_the_command_line_is_refused_and_not_repeated(place: Path, url: str) -> None:
    """C1."""
    done = todoku(place, "ingest", "reports", "--store", url.format(CANARY))
    assert done.returncode == 2
    assert "TODOKU_STORE_STATE" in done.stderr
    assert CANARY not in done.stdout + done.stderr


def test_password_is_in_no_error(place: Path) -> None:
    url = f"postgresql://todoku:{CANARY}@127.0.0.1:1/x"
    done = todoku(place, "ingest", "reports", TODOKU_STORE_STATE=url)
    assert done.returncode == 3
    assert "the database cannot be used" in done.stderr
    assert CANARY not in done.stdout + done.stderr
    assert all(CANARY.encode() not in path.read_bytes() for path in place.rglob("*") if path.is_file())


def test_password_with_an_at_sign_is_not_taken_for_a_host(place: Path) -> None:
    done = todoku(place, "ingest", "reports", TODOKU_STORE_STATE=f"postgresql://todoku:pass@{CANARY}@127.0.0.1:1/x")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "%40" in done.stderr
    assert CANARY not in done.stderr


@pytest.mark.parametrize("written", ["Example.COM", "example.com.", "EXAMPLE.com , example.net"])
def test_a_domain_is_ours_however_it_is_written(place: Path, written: str) -> None:
    todoku(place, "ingest", "reports", TODOKU_STORE_DOMAINS=written)
    assert json.loads(todoku(place, "status", "--format", "json").stdout)["unclaimed"] == 0


def test_reports_about_other_domains_are_not_told_as_if_none_had_come(place: Path) -> None:
    other = {"TODOKU_STORE_DOMAINS": "example.net"}
    todoku(place, "ingest", "reports", **other)
    shown = " ".join(todoku(place, "status", **other).stdout.split())
    assert "DMARC aggregate reports: 2. " in shown
    assert "2 reports are about domains that [store] domains does not name, and not counted." in shown
    assert "todoku status shows those set aside or of other domains" in todoku(place, "reports", **other).stderr


def test_a_domain_of_ours_that_is_none_is_a_slip(place: Path) -> None:
    done = todoku(place, "ingest", "reports", TODOKU_STORE_DOMAINS="exa mple.com")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "[store] domains: 'exa mple.com' is no domain name" in done.stderr


class TestSettings:
    def test_none(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        assert read_config(environ={}) == Config()

    def test_file_and_environment(self, tmp_path: Path) -> None:
        file = tmp_path / "todoku.toml"
        file.write_text('[store]\nfolder = "a"\nkeep_months = 3\n[ingest]\nsources = ["x"]\n')
        environ = {
            "TODOKU_CONFIG": str(file),
            "TODOKU_STORE_FOLDER": "b",
            "TODOKU_STORE_DOMAINS": "a.example, b.example",
        }
        read = read_config(environ=environ)
        assert (read.store.folder, read.store.keep_months, read.store.domains) == ("b", 3, ("a.example", "b.example"))
        assert read.ingest.sources == ("x",)
        assert read_config(file, {"TODOKU_STORE_KEEP_MONTHS": "9"}).store.keep_months == 9

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('[store]\nfoldr = "a"', "there is no setting [store] foldr. Did you mean folder?"),
            ("[stor]", "there is no setting [stor]. Did you mean store?"),
            ("[[routes]]\ne = []", "there is no setting [routes]."),
            ('store = "a"', "[store] must be a table"),
            ("[store]\nkeep_months = true", "keep_months"),
            ("[store", "is no TOML"),
            ("[store]\nkeep_months = -1", "keep_months must be from 0"),
            ("[store]\nkeep_months = 1201", "keep_months must be from 0"),
            ('[watch]\nsubjects = "example.com"', '[watch] subjects must be a list, such as ["..."]'),
            ("[watch]\nsubjects = [1]", "[watch] subjects must be text in quotation marks"),
            ('[watch]\nlanguage = "fr"', '[watch] language must be "en" or "ja"'),
            ('[[accept]]\nrequirement = "dkim"', "[[accept]] 1 lacks reason"),
            ("[[accept]]\nfoo = 1", "[[accept]] 1: there is no setting foo"),
            (
                '[[accept]]\nrequirement = "dkim"\nreason = "x"\nuntil = "soon"',
                "[[accept]] 1 until must be a date, such as 2027-03-31",
            ),
            ('[[alerts.routes]]\nurls = "x"', "[[alerts.routes]] 1 urls must be a list"),
            pytest.param("a = " + "[" * 5_000, "nested too deeply", id="nested"),
            pytest.param("a = " + "9" * 5_000, "is no TOML", id="endless-number"),
        ],
    )
    def test_slip_is_named(self, tmp_path: Path, text: str, said: str) -> None:
        file = tmp_path / "todoku.toml"
        file.write_text(text)
        with pytest.raises(UsageError) as caught:
            read_config(file, {})
        assert said in str(caught.value)
        assert "$" not in caught.value.text.ja

    @pytest.mark.parametrize(
        ("text", "environ", "said"),
        [
            ("", {"TODOKU_WATCH_LANGUAGE": "fr"}, 'TODOKU_WATCH_LANGUAGE: [watch] language must be "en" or "ja"'),
            ("[watch]\nminutes = 9", {"TODOKU_WATCH_LANGUAGE": "fr"}, "TODOKU_WATCH_LANGUAGE: [watch] language"),
            (
                "",
                {"TODOKU_STORE_KEEP_MONTHS": "-1"},
                "TODOKU_STORE_KEEP_MONTHS: [store] keep_months must be from 0 to 1200",
            ),
            (
                "",
                {"TODOKU_INGEST_MOST_OF_SENDER": "-1"},
                "TODOKU_INGEST_MOST_OF_SENDER: [ingest] most_of_sender must be from 0 to 1000000000",
            ),
            ("[store]\nkeep_months = -1", {"TODOKU_WATCH_MINUTES": "9"}, "todoku.toml: [store] keep_months must be"),
            (
                "[watch]\nminutes = 9",
                {"TODOKU_WATCH_RATES_MINUTES": "4"},
                "TODOKU_WATCH_RATES_MINUTES: [watch] rates_minutes must be from 5 to 10080",
            ),
        ],
    )
    def test_slip_is_where_it_was_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, environ: dict[str, str], said: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        if text:
            Path("todoku.toml").write_text(text)
        with pytest.raises(UsageError) as caught:
            read_config(environ=environ)
        assert str(caught.value).startswith(said)

    def test_number_in_the_environment(self) -> None:
        with pytest.raises(UsageError, match="TODOKU_STORE_KEEP_MONTHS must be a whole number"):
            read_config(environ={"TODOKU_STORE_KEEP_MONTHS": "many"})


class TestBackup:
    """The store was copied back from a backup."""

    def test_without_the_times_of_its_files(self, place: Path) -> None:
        todoku(place, "ingest", "reports")
        shown = json.loads(todoku(place, "reports", "sources", "--format", "json").stdout)
        for path in (place / "todoku-store" / "raw").rglob("*"):
            os.utime(path, (0, 0))
        assert todoku(place, "store", "check").stdout == "All is there, and as it was.\n"
        for path in (place / "todoku-store").glob("state.sqlite*"):
            path.unlink()
        done = todoku(place, "store", "rebuild")
        assert (done.returncode, done.stdout) == (
            1,
            "Read again: 2 reports with 4 rows; 1 item set aside (why: todoku status).\n",
        )
        assert json.loads(todoku(place, "reports", "sources", "--format", "json").stdout)["sources"] == shown["sources"]

    def test_into_another_place(self, place: Path) -> None:
        """Files lie there, and none is found: that is no success."""
        todoku(place, "ingest", "-", stdin=aggregate(1))
        (day,) = (place / "todoku-store" / "raw").iterdir()
        day.rename(place / "todoku-store" / "raw" / "backup")
        (place / "todoku-store" / "state.sqlite").unlink()
        done = todoku(place, "store", "rebuild")
        assert (done.returncode, "lies where an original does" in done.stderr) == (3, True)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def overwritten(path: Path) -> None:
    octets = path.read_bytes()
    path.write_bytes(octets[:4096] + b"\xff" * (len(octets) - 4096))


@pytest.mark.parametrize("damage", [cut, overwritten, lambda path: path.write_bytes(b"no database" * 999)])
def test_a_damaged_database_is_set_aside_and_made_anew(place: Path, damage: Callable[[Path], object]) -> None:
    todoku(place, "ingest", "reports")
    before = json.loads(todoku(place, "reports", "sources", "--format", "json").stdout)
    state = place / "todoku-store" / "state.sqlite"
    damage(state)
    octets = state.read_bytes()
    told = todoku(place, "ingest", "reports")
    assert (told.returncode, told.stderr.count("\n"), "todoku store rebuild" in told.stderr) == (3, 1, True)
    done = todoku(place, "store", "rebuild")
    assert (done.returncode, done.stdout.startswith("Read again: 2 reports with 4 rows; 1 item set aside")) == (1, True)
    (kept,) = (place / "todoku-store").glob("state.sqlite.damaged-*Z")
    assert str(kept.relative_to(place)) in done.stderr
    assert kept.read_bytes() == octets
    assert json.loads(todoku(place, "reports", "sources", "--format", "json").stdout) == before
    assert todoku(place, "store", "rebuild").stderr == ""
