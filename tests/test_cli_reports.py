"""``todoku reports`` as a person meets it: every question in every form, what strangers write, and what is no answer."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import jsonschema
import lxml.html
import msgspec
import pytest
from click.testing import CliRunner

from ledger import ledger
from mint_reports import aggregate
from reports import xml
from ses_events import NOW, month_of_events
from store_bench import Given
from todoku.cli import reports_run
from todoku.cli.reports import FORMS, command
from todoku.cli.reports import QUESTIONS as OFFERED
from todoku.intake.receive import Taken, take
from todoku.intake.sample import COMPLAINT
from todoku.report.answers import text
from todoku.report.answers.csv import guarded
from todoku.report.answers.document import QUESTIONS, Answers
from todoku.report.answers.table import Column, Page, Table, share_text
from todoku.report.columns import cell_len, wrapped
from todoku.report.render_options import Manner
from todoku.store.store import Places, Store
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

DAYS = 12
HOSTILE = "=cmd|' /C calc'!A0<script>alert(1)</script>\u202e\x9b31m| `x` [y](http://z.example)"
JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


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


FAILURE = COMPLAINT.replace(
    b"Feedback-Type: abuse",
    b"Feedback-Type: auth-failure\r\nAuth-Failure: %b\r\nDelivery-Result: %b\r\nDKIM-Domain: d.example\r\nDKIM-Selector: s1\r\n"
    b"Original-Rcpt-To: someone@example.net",
).replace(b"Thu, 1 Jan 1970", b"%b")
FAILED = [
    (b"dmarc", b"reject", b"Fri, 28 Aug 2026"),
    (b"dmarc", b"reject", b"Wed, 2 Sep 2026"),
    (b"bodyhash", b"spam", b"Wed, 2 Sep 2026"),
    (b"unheard-of", b"", b"Wed, 2 Sep 2026"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of twelve days."""
    folder = tmp_path_factory.mktemp("twelve")
    arrived = folder / "arrived"
    arrived.mkdir()
    for number, octets in enumerate(ledger(DAYS).octets):
        (arrived / f"{number}").write_bytes(octets)
    for number, said in enumerate(FAILED):
        (arrived / f"failure-{number}").write_bytes(FAILURE % said)
    with Store(Places(folder=folder / "todoku-store")).prepare() as store:
        sum(take(store, Given(month_of_events(), authentic=True), lambda: NOW), Taken())
    assert todoku(folder, "ingest", "arrived").returncode == 0
    return folder


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a report whose every text means harm."""
    folder = tmp_path_factory.mktemp("hostile")
    written = HOSTILE.replace("<", "&lt;").replace("\x9b", "&#x9b;")
    made = xml(
        ("<org_name>receiver.example<", f"<org_name>{written}<"),
        ("<domain>bounce.example.com<", f"<domain>{written}<"),
        ("<selector>s1<", f"<selector>{written}<"),
        ("<header_from>example.com<", f"<header_from>{written}<"),
        ("<dkim>pass<", "<dkim>fail<"),
    )
    assert todoku(folder, "ingest", "-", stdin=made).returncode == 0
    return folder


def shown(folder: Path, *arguments: str) -> str:
    """What the command answers, asked in this process."""
    done = CliRunner().invoke(command, [*arguments, "--store", str(folder / "todoku-store")], catch_exceptions=False)
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout_bytes.decode()


def wanted(folder: Path, until: str | None = None) -> reports_run.Wanted:
    """An overview, by its options."""
    nothing = dict.fromkeys(("domain", "since", "by", "policy", "subdomain_policy", "output", "config"))
    return reports_run.Wanted(
        question="overview",
        until=until,
        limit=30,
        form="text",
        place=str(folder / "todoku-store"),
        language="en",
        **nothing,
    )


def test_the_questions_that_are_offered_are_those_that_are_answered():
    assert OFFERED == QUESTIONS


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_in_every_form(place: Path, question: str, form: str) -> None:
    if (question, form) == ("overview", "csv"):
        with pytest.raises(UsageError, match="--format csv goes with sources"):
            shown(place, question, "--format", form)
        return
    answer = shown(place, question, "--format", form, "--lang", "en")
    assert "example.com" in answer.replace("<wbr>", "") or question in ("reporters", "bounces")
    assert not JAPANESE.search(answer)


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_in_japanese(place: Path, question: str) -> None:
    answer = shown(place, question, "--lang", "ja")
    assert JAPANESE.search(answer)
    assert max(map(cell_len, answer.splitlines())) <= 80


def test_the_overview_says_what_the_ledger_says(place: Path) -> None:
    made = ledger(DAYS)
    whole, passing = made.messages(), made.messages(lambda one: one.passes)
    refused = made.messages(lambda one: not one.passes and not one.override and one.disposition != "reject")
    answer = " ".join(shown(place).split())
    assert f"of {whole:,} messages pass DMARC; {whole - passing:,} fail." in answer
    assert f"{refused:,} in {DAYS} days." in answer
    assert f"{-(-refused // DAYS):,} more messages a day" in answer


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_title_names_the_days(place: Path, question: str) -> None:
    title = shown(place, question, "--domain", "example.com").splitlines()[0]
    assert re.search(r"of example\.com, 2026-08-2\d to 2026-09-0\d \(UTC\)$", title)


@pytest.mark.parametrize("question", QUESTIONS)
def test_json_is_as_its_schema_says(place: Path, question: str) -> None:
    octets = shown(place, question, "--format", "json")
    jsonschema.validate(json.loads(octets), msgspec.json.schema(Answers))
    answers = msgspec.json.decode(octets, type=Answers)
    assert answers.question == question


@pytest.mark.parametrize(
    ("name", "form", "marked"),
    [
        ("a.csv", "csv", True),
        ("a.CSV", "csv", True),
        ("a.txt", "csv", False),
        ("-", "csv", False),
        ("a.csv", "json", False),
    ],
)
def test_a_file_for_excel_begins_with_a_byte_order_mark(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, form: str, marked: bool
) -> None:
    """Without one Excel shows Japanese wrongly; with one a pipe's reader finds a column of another name."""
    monkeypatch.chdir(tmp_path)
    told = shown(place, "sources", "--format", form, "-o", name)
    octets = told.encode() if name == "-" else (tmp_path / name).read_bytes()
    assert octets.startswith(b"\xef\xbb\xbf") is marked
    assert octets.removeprefix(b"\xef\xbb\xbf").decode() == shown(place, "sources", "--format", form)


def test_csv_holds_every_row_and_is_read_by_others(place: Path) -> None:
    made = shown(place, "sources", "--format", "csv", "--limit", "1")
    rows = list(csv.DictReader(io.StringIO(made)))
    assert sum(int(row["messages"]) for row in rows) == ledger(DAYS).messages()
    assert {row["dkim_domain"] for row in rows} >= {"example.com", "example.net", "example.org"}


def test_domain_days_and_limit(place: Path) -> None:
    only = ("--domain", "EXAMPLE.org.", "--since", "2026-08-27", "--until", "2026-08-28")
    answers = json.loads(shown(place, "passing", *only, "--by", "day", "--format", "json"))
    true = ledger(DAYS).by(lambda one: one.day, lambda one: one.domain == "example.org" and one.day in (1, 2))
    assert [one["messages"] for one in answers["passing"]] == [true[2], true[1]]
    assert answers["domain"] == "example.org"
    assert re.search(r"and \d+ more: --limit", shown(place, "sources", "--limit", "2"))
    assert "more: --limit" not in shown(place, "sources", "--limit", "0")


def test_a_file(place: Path, tmp_path: Path) -> None:
    done = todoku(place, "reports", "--format", "html", "-o", str(tmp_path / "a.html"))
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "a.html").read_text("utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sorces",), "Did you mean sources?"),
        (("--domain", "not a domain"), "not a domain is no domain name"),
        (("--since", "yesterday"), "is not a date"),
        (("--since", "2026-09-02", "--until", "2026-09-01"), "is after --until"),
        (("sources", "--by", "day"), "--by goes with passing, bounces"),
        (("passing", "--by", "tag"), "--by tag goes with bounces"),
        (("tls", "--policy", "reject"), "--policy goes with whatif"),
        (("--store", "nowhere"), "there is no store in nowhere"),
        (("-o", "missing/a.txt"), "cannot write missing/a.txt"),
    ],
)
def test_a_slip_is_one_line(place: Path, arguments: tuple[str, ...], said: str) -> None:
    done = todoku(place, "reports", *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--domain", "nobody.example"), "no report tells of nobody.example"),
        (("--until", "2001-01-01"), "no report tells of anything until 2001-01-01"),
        (("whatif", "--since", "2100-01-01"), "no report tells of anything since 2100-01-01"),
    ],
)
def test_nothing_to_answer_from_is_no_answer(place: Path, arguments: tuple[str, ...], said: str) -> None:
    done = todoku(place, "reports", *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (3, "", f"todoku: {said}\n")


def test_an_empty_store(tmp_path: Path) -> None:
    (tmp_path / "todoku-store").mkdir()
    done = todoku(tmp_path, "reports")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
    assert "holds no DMARC aggregate report that counts" in done.stderr
    assert "No SES events found." in todoku(tmp_path, "reports", "bounces").stdout
    assert "No complaint has come." in todoku(tmp_path, "reports", "complaints").stdout


class TestFailureReports:
    """Failure reports are told by source and by what failed, and show no person's address."""

    def test_text(self, place: Path) -> None:
        lines = shown(place, "failures").splitlines()
        assert lines[0] == "Failure reports, 2026-08-28 to 2026-09-02 (UTC)"
        assert [re.split(r"  +", line) for line in lines[4:7]] == [
            ["example.com", "192.0.2.1", "DMARC: none aligned", "rejected", "2", "2026-09-02"],
            ["example.com", "192.0.2.1", "not said", "not said", "1", "2026-09-02"],
            ["example.com", "192.0.2.1", "DKIM: body changed", "spam folder", "1", "2026-09-02"],
        ]
        assert "DMARC(一致なし)" in shown(place, "failures", "--lang", "ja")

    @pytest.mark.parametrize("form", ["text", "json", "csv", "markdown", "html"])
    def test_no_address_of_a_person(self, place: Path, form: str) -> None:
        answer = shown(place, "failures", "--format", form)
        assert "192.0.2.1" in answer.replace("<wbr>", "")
        assert "someone" not in answer
        assert "sender" not in answer

    def test_json_and_scope(self, place: Path) -> None:
        told = json.loads(shown(place, "failures", "--format", "json"))["failures"]
        assert [(one["auth_failure"], one["delivery_result"], one["incidents"]) for one in told] == [
            ("dmarc", "reject", 2),
            ("", "", 1),
            ("bodyhash", "spam", 1),
        ]
        assert {(one["dkim_domain"], one["dkim_selector"]) for one in told} == {("d.example", "s1")}
        for scope in (("--domain", "example.net"), ("--since", "2026-09-03"), ("--until", "2026-08-27")):
            assert json.loads(shown(place, "failures", *scope, "--format", "json"))["failures"] == []

    def test_complaints_are_other_reports(self, place: Path) -> None:
        told = json.loads(shown(place, "complaints", "--format", "json"))["complaints"]
        assert {one["feedback_type"] for one in told} == {"abuse"}
        assert "unwanted mail" in shown(place, "complaints")


class TestHtml:
    """A narrow screen shows a table's rows below each other, so each cell says what its column is called."""

    @pytest.mark.parametrize("question", [one for one in QUESTIONS if one != "overview"])
    def test_each_cell_bears_the_title_of_its_column(self, place: Path, question: str) -> None:
        for page in (shown(place, question, "--format", "html", "--lang", lang) for lang in ("en", "ja")):
            tables = lxml.html.fromstring(page).findall(".//table")
            assert tables
            for table in tables:
                head, *rows = table.findall(".//tr")
                titles = [cell.text for cell in head.findall("th")]
                assert rows
                assert all([cell.get("data-title") for cell in row.findall("td")] == titles for row in rows)
                assert (table.get("class") == "many") is (len(titles) > 7)


class TestStrangers:
    @pytest.mark.parametrize("question", ["overview", "sources", "unaligned", "reporters", "whatif"])
    def test_text_holds_no_control_character(self, hostile: Path, question: str) -> None:
        answer = shown(hostile, question)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", answer)

    @pytest.mark.parametrize("question", ["overview", "sources", "unaligned", "reporters", "whatif"])
    def test_html_runs_nothing(self, hostile: Path, question: str) -> None:
        answer = shown(hostile, question, "--format", "html")
        assert "<script" not in answer
        assert "&lt;script&gt;" in answer
        assert "default-src 'none'" in answer

    @pytest.mark.parametrize("question", ["sources", "reporters", "whatif"])
    def test_csv_computes_nothing(self, hostile: Path, question: str) -> None:
        rows = list(csv.reader(io.StringIO(shown(hostile, question, "--format", "csv"))))
        cells = [cell for row in rows for cell in row]
        assert any(cell.startswith("'=cmd") for cell in cells)
        assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in cells)

    def test_markdown_links_nothing(self, hostile: Path) -> None:
        answer = shown(hostile, "sources", "--format", "markdown")
        assert not re.search(r"(?<!\\)\](?=\()", answer)
        assert not re.search(r"(?<!\\)<script", answer)


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("rest", ["1+1", "cmd|'/c calc'!A1", "HYPERLINK(1)", ""])
def test_no_formula_reaches_a_spreadsheet(first: str, rest: str) -> None:
    for before in ("", " ", "  "):
        assert guarded(f"{before}{first}{rest}").startswith("'")
        assert not re.search(r";\s*[=+\-@＝＋－＠]", guarded(f"x;{before}{first}{rest}"))  # in Europe the next cell


@pytest.mark.parametrize("harmless", ["example.com", "a=b", "192.0.2.1", "2001:db8::/48", "Receiver, Inc.", ""])
def test_what_is_no_formula_stays(harmless: str) -> None:
    assert guarded(harmless) == harmless


class TestText:
    TABLE = Table(
        Text("t", "t"),
        (Column(Text("name", "名前")), Column(Text("n", "数"), "number"), Column(Text("w", "広"), wide=True)),
        (("日本語のとても長い名前" * 9, 1234, "wide"), ("short", None, "")),
    )

    @pytest.mark.parametrize("width", [40, 80, 99])
    def test_narrow(self, width: int) -> None:
        shown = text.render(Page(title=Text("t", "t"), tables=(self.TABLE,)), Manner(language="ja", width=width))
        assert max(map(cell_len, shown.splitlines())) <= width
        assert "1,234" in shown
        assert "wide" not in shown

    def test_roomy(self) -> None:
        shown = text.render(Page(title=Text("t", "t"), tables=(self.TABLE,)), Manner(language="en", width=120))
        assert "wide" in shown
        assert max(map(cell_len, shown.splitlines())) <= 120

    def test_no_column_is_squeezed_for_one_that_may_be_left_out(self) -> None:
        names = tuple((f"mail-{number}.customers.example.com",) + (1,) * 8 for number in range(3))
        numbers = [Column(Text(f"number {n}", f"数 {n}"), "number", wide=True) for n in range(8)]
        page = Page(
            title=Text("t", "t"), tables=(Table(Text("t", "t"), (Column(Text("name", "名前")), *numbers), names),)
        )
        shown = text.render(page, Manner(language="en", width=100))
        assert "mail-0.customers.example.com  " in shown
        assert ("number 6" in shown, "number 7" in shown) == (True, False)

    def test_a_domain_breaks_at_a_dot(self) -> None:
        assert wrapped("bounce.example.com", 14) == ["bounce.", "example.com"]

    def test_colour_only_where_it_is_wanted(self) -> None:
        page = Page(title=Text("t", "t"), tables=(self.TABLE,))
        assert "\x1b" in text.render(page, Manner(language="en", colour=True))
        assert "\x1b" not in text.render(page, Manner(language="en"))


@pytest.mark.parametrize(
    ("value", "said"),
    [(1.0, "100.0%"), (0.99999, "99.9%"), (0.29, "29.0%"), (0.0, "0.0%"), (0.0004, "0.0%"), (None, "–")],
)
def test_a_share_is_rounded_down(value: float | None, said: str) -> None:
    assert share_text(value) == said


def test_a_single_message_is_counted(tmp_path: Path) -> None:
    todoku(tmp_path, "ingest", "-", stdin=aggregate(1, records=1))
    assert "The one message passes DMARC." in todoku(tmp_path, "reports").stdout


def test_mail_of_ses_that_is_not_aligned_leads_to_the_plan(tmp_path: Path) -> None:
    todoku(tmp_path, "ingest", str(Path(__file__).parent.parent / "examples" / "aggregate.xml"))
    answer = " ".join(todoku(tmp_path, "reports").stdout.split())
    assert "None of 120 messages passes DMARC." in answer
    assert "todoku plan sample-kuriyama.com." in answer
    assert "A network is shown" not in answer  # no source has one


class TestOldReports:
    """The last day of the store is 2026-09-06."""

    @pytest.mark.parametrize(
        ("today", "said"), [(date(2026, 9, 13), False), (date(2026, 9, 14), True), (date(2026, 9, 5), False)]
    )
    def test_the_newest_are_asked_for(self, place: Path, capfd, today: date, said: bool) -> None:
        assert reports_run.run(wanted(place), today) == 0
        assert ("The newest report is of 2026-09-06, 8 days ago" in " ".join(capfd.readouterr().out.split())) == said

    def test_days_that_were_chosen_may_be_old(self, place: Path, capfd) -> None:
        assert reports_run.run(wanted(place, until="2026-09-05"), date(2026, 11, 24)) == 0
        assert "days ago" not in capfd.readouterr().out


def test_the_schema_is_printed(tmp_path: Path) -> None:
    schema = json.loads(todoku(tmp_path, "schema", "reports").stdout)
    assert set(QUESTIONS) - {"overview"} <= set(schema["$defs"]["Answers"]["properties"])
