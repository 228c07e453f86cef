"""The command line as a user meets it: exit codes, one clear line for each slip, forms, languages, record and replay."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import jsonschema
import pytest

from todoku.cli.main import main
from todoku.cli.subjects import MAX_LIST, MAX_NAME
from todoku.judging.judge import catalogue
from todoku.receivers import ASKED_BY_DEFAULT
from todoku.report.columns import cell_len

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
ZONE = f"zone:{EXAMPLES / 'dns.zone'}"
DEFAULT = str(EXAMPLES / "ses-default.eml")
SET_UP = str(EXAMPLES / "fully-set-up.eml")
FORWARDED = str(EXAMPLES / "forwarded.eml")


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


Todoku = Callable[..., Outcome]


@pytest.fixture
def todoku(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Todoku:
    """Run the command in this process: arguments in, exit code and both streams out."""
    for name in ("TODOKU_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["todoku", *arguments])
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        sys.stdout.flush()
        captured = capfdbinary.readouterr()
        return Outcome(code, captured.out.decode(), captured.err.decode())

    return run


def verdicts(text: str) -> dict[tuple[str, str], tuple[str, str]]:
    return {(v["requirement"], v["receiver"]): (v["result"], v["reason"]) for v in json.loads(text)["verdicts"]}


def test_the_articles_message(todoku: Todoku) -> None:
    outcome = todoku("check", DEFAULT, "--dns", ZONE, "--json")
    found = verdicts(outcome.out)
    assert outcome.code == 1
    assert outcome.err == ""
    for requirement, receiver, result in [
        ("spf-or-dkim", "gmail", "pass"),
        ("dmarc-record", "gmail", "pass"),
        ("dmarc-record", "icloud", "pass"),
        ("reverse-dns", "gmail", "pass"),
        ("reverse-dns", "outlook", "pass"),
        ("tls", "gmail", "pass"),
        ("dmarc-alignment", "gmail", "fail"),
        ("dmarc-alignment", "yahoo", "fail"),
        ("dmarc-alignment", "outlook", "fail"),
        ("postmaster-registration", "gmail", "warn"),
    ]:
        assert found[requirement, receiver][0] == result, (requirement, receiver)
    assert found["dmarc-alignment", "gmail"][1] == "ses-default"
    document = json.loads(outcome.out)
    assert document["requirements"]["spf-or-dkim"]["ses_default"]["met"] is True
    shown = [e for v in document["verdicts"] if v["requirement"] == "reverse-dns" for e in v["exhibits"]]
    assert {"4.234.251.23.in-addr.arpa PTR", "e234-4.smtp-out.ap-northeast-1.amazonses.com A"} <= {
        e["source"] for e in shown
    }


def test_a_message_that_is_set_up_in_full_is_clean(todoku: Todoku) -> None:
    outcome = todoku("check", SET_UP, "--dns", ZONE, "--json")
    failed = {key: found for key, found in verdicts(outcome.out).items() if found[0] == "fail"}
    assert (outcome.code, failed) == (0, {})


def test_a_changed_body_fails_dkim_while_spf_is_still_judged(todoku: Todoku, tmp_path: Path) -> None:
    changed = tmp_path / "changed.eml"
    lines = Path(SET_UP).read_bytes().splitlines(keepends=True)
    changed.write_bytes(b"".join([*lines[:-1], b"QUJD" + lines[-1]]))
    found = verdicts(todoku("check", str(changed), "--dns", ZONE, "--json", "--trust", "none").out)
    assert found["dkim", "gmail"][0] == "fail"
    assert found["spf", "gmail"][0] == "pass"


def test_two_from_fields_fail(todoku: Todoku, tmp_path: Path) -> None:
    twice = tmp_path / "twice.eml"
    twice.write_bytes(Path(SET_UP).read_bytes().replace(b"Reply-To:", b"From: other@example.org\r\nReply-To:", 1))
    assert verdicts(todoku("check", str(twice), "--dns", ZONE, "--json").out)["message-format", "gmail"][0] == "fail"


def test_forwarded_mail_without_arc_is_judged_by_the_day(todoku: Todoku) -> None:
    then = verdicts(todoku("check", FORWARDED, "--dns", ZONE, "--json", "--as-of", "2024-02-15").out)
    today = verdicts(todoku("check", FORWARDED, "--dns", ZONE, "--json", "--as-of", "2026-11-24").out)
    assert then["arc", "gmail"][0] == "fail"
    assert ("arc", "gmail") not in today
    assert today["arc", "icloud"][0] == "fail"


def test_rules_diff_says_exactly_what_changed(todoku: Todoku) -> None:
    outcome = todoku("rules", "diff", "2024-02-15", "2026-07-02")
    days = [line.split("  ")[0] for line in outcome.out.splitlines() if not line.startswith(" ")]
    assert days == [
        "2024-04-01",
        "2024-06-01",
        "2024-07-10",
        "2024-12-11",
        "2025-01-01",
        "2025-02-25",
        "2025-04-10",
        "2025-04-11",
        "2025-04-19",
        "2025-05-05",
        "2026-02-15",
        "2026-03-11",
    ]
    assert [word in outcome.out for word in ("one-click", "dkim-key", "arc", "display-name")] == [True] * 4
    assert "spam-rate" not in outcome.out  # 0.30% throughout: 2024-03-16 changed the wording only


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["check"], "nothing to check"),
        (["check", "no-such.eml"], "no file no-such.eml"),
        (["check", "ses:us-east-9"], "no SES in a region"),
        (["check", "."], "folder"),
        (["check", "{empty}"], "empty"),
        (["check", "{jpeg}"], "JPEG"),
        (["check", "{page}"], "web page"),
        (["check", "{huge}"], "MiB"),
        (["check", DEFAULT, "--dns", "zone:{badzone}"], "line 2"),
        (["check", DEFAULT, "--dns", "zone:no-such.zone"], "no-such.zone"),
        (["check", DEFAULT, "--dns", "nonsense:1"], "nonsense"),
        (["check", DEFAULT, "--dns", ZONE, "--receiver", "gmial"], "gmial"),
        (["check", DEFAULT, "--dns", ZONE, "--as-of", "soon"], "not a date"),
        (["check", DEFAULT, "--dns", ZONE, "--ip", "1.2.3"], "not an IP address"),
        (["check", DEFAULT, "--dns", ZONE, "--ip", "fe80::1%eth0"], "has a zone"),
        (["check", DEFAULT, "--dns", ZONE, "-o", "/no/such/folder/report"], "cannot write"),
        (["check", DEFAULT, "--subjects", "no-such-list"], "no-such-list"),
        (["replay", "no-such.zip"], "no-such.zip"),
        (["replay", DEFAULT], "bundle"),
        (["explain", "no-such-thing"], "no-such-thing"),
        (["rules", "diff", "2026-01-01", "2024-01-01"], "earlier day first"),
        (["rules", "--as-of", "2026-02-30"], "not a date"),
        (["chek", DEFAULT], "Did you mean check? See `todoku --help`"),
        (["--lang", "en"], "a command is missing. See `todoku --help`"),
        (["message.eml"], "Did you mean todoku check message.eml?"),
        (["rules", "dif"], "Did you mean diff?"),
        (["check", "--volum", "bulk"], "Did you mean --volume? See `todoku check --help`"),
        (["check", "--zzz"], "there is no option --zzz. See"),
        (["check", DEFAULT, "--volume", "bulks"], "Did you mean bulk? Choose from bulk, small"),
        (["check", DEFAULT, "--ip"], "--ip needs a value"),
        (["check", DEFAULT, "--json=yes"], "--json takes no value"),
        (["check", DEFAULT, "--lang", "fr"], "Choose from en, ja"),
        (["replay"], "BUNDLE is missing"),
        (["schema"], "choose from report, plan, bundle"),
        (["schema", "reprot"], "Did you mean report?"),
        (["schema", "report", "bundle"], "too many arguments: bundle"),
        (["check", DEFAULT, "--dns", ZONE, "-o", "/dev/full"], "cannot write /dev/full: No space left on device"),
        (["check", DEFAULT, "--dns", ZONE, "-o", "."], "cannot write .: Is a directory"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_slips_are_one_clear_line_and_exit_2(todoku: Todoku, tmp_path: Path, arguments: list[str], says: str) -> None:
    files = {
        "empty": b"",
        "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(100),
        "page": b"<!DOCTYPE html><html><head><title>Gmail</title></head><body>From: me</body></html>",
        "huge": b"From: a@example.com\r\n\r\n" + b"x" * (60 * 1024 * 1024),
        "badzone": b"example.com. TXT ok\nexample.com. A 1.2.3.999\n",
    }
    for name, content in files.items():
        if any(f"{{{name}}}" in argument for argument in arguments):
            (tmp_path / name).write_bytes(content)
    outcome = todoku(*(argument.format_map({name: tmp_path / name for name in files}) for argument in arguments))
    assert outcome.code == 2
    assert outcome.out == ""
    assert says in outcome.err
    assert len(outcome.err.strip().splitlines()) == 1, outcome.err
    assert "Traceback" not in outcome.err


def test_without_dns_nothing_passes_or_fails_on_it_and_the_exit_code_says_so(todoku: Todoku) -> None:
    outcome = todoku("check", SET_UP, "--dns", "127.0.0.1:1", "--trust", "none", "--json")
    found = verdicts(outcome.out)
    assert outcome.code == 3
    for requirement in ("spf", "dkim", "dmarc-record", "reverse-dns", "sender-domain", "spf-or-dkim"):
        for (name, receiver), (result, _) in found.items():
            if name == requirement:
                assert result == "unknown", (name, receiver)


def test_without_dns_what_the_receiver_reported_is_marked_as_its_word(todoku: Todoku) -> None:
    outcome = todoku("check", SET_UP, "--dns", "127.0.0.1:1", "--json")
    assert outcome.code == 3, "reverse DNS and more are nobody's word"
    said = [one for one in json.loads(outcome.out)["verdicts"] if one["requirement"] in ("spf", "dkim", "dmarc-record")]
    assert {(one["result"], one["reported_by"]) for one in said} == {("pass", "Gmail")}
    assert all({"kind": "receiver", "result": "pass", "reason": one["reason"]} in one["witnesses"] for one in said)


def test_json_is_what_its_schema_says(todoku: Todoku) -> None:
    schema = json.loads(todoku("schema", "report").out)
    for subject in (DEFAULT, SET_UP, FORWARDED):
        jsonschema.validate(json.loads(todoku("check", subject, "--dns", ZONE, "--json").out), schema)
    jsonschema.Draft202012Validator.check_schema(json.loads(todoku("schema", "bundle").out))


def test_several_subjects_print_several_reports_and_the_worst_code(todoku: Todoku, tmp_path: Path) -> None:
    listed = tmp_path / "subjects"
    listed.write_text(f"# two\n{SET_UP}\n{DEFAULT}\n")
    outcome = todoku("check", "--subjects", str(listed), "--dns", ZONE, "--json")
    assert outcome.code == 1
    assert [report["subject"]["name"] for report in json.loads(outcome.out)["reports"]] == [SET_UP, DEFAULT]


def test_a_subject_that_is_not_there_is_told_before_others_are_looked_at(todoku: Todoku) -> None:
    outcome = todoku("check", DEFAULT, "no-such-message.eml", "--dns", "127.0.0.1:1")
    assert outcome.code == 2
    assert "no-such-message.eml" in outcome.err


def test_one_message_is_held_at_a_time(todoku: Todoku, tmp_path: Path) -> None:
    size = 4 * 2**20
    for number in range(8):
        (tmp_path / f"{number}.eml").write_bytes(b"From: a@example.com\r\n\r\n" + b"x" * 70 + b"\r\n" * (size // 2))
    subjects = [str(tmp_path / f"{number}.eml") for number in range(8)]
    tracemalloc.start()
    try:
        outcome = todoku("check", *subjects, "--dns", ZONE, "--details", "all")
        assert tracemalloc.get_traced_memory()[1] < 6 * size
    finally:
        tracemalloc.stop()
    assert outcome.out.count("a@example.com") >= 8


@pytest.mark.parametrize("listed", [b"\0" * (MAX_LIST + 1), b"x" * (MAX_NAME + 1), b"a.eml\n" * (MAX_LIST // 6 + 1)])
def test_what_is_no_list_of_subjects_is_refused_in_one_short_line(
    todoku: Todoku, tmp_path: Path, listed: bytes
) -> None:
    (tmp_path / "listed").write_bytes(listed)
    outcome = todoku("check", "--subjects", str(tmp_path / "listed"), "--dns", ZONE)
    assert outcome.code == 2
    assert "no list of subjects" in outcome.err
    assert len(outcome.err) < 1_000


@pytest.mark.parametrize(("fail_on", "code"), [("fail", 0), ("warn", 1), ("never", 0)])
def test_fail_on(todoku: Todoku, fail_on: str, code: int) -> None:
    assert todoku("check", SET_UP, "--dns", ZONE, "--fail-on", fail_on).code == code


def test_record_and_replay(todoku: Todoku, tmp_path: Path) -> None:
    bundle = str(tmp_path / "proof.zip")
    first = todoku("check", DEFAULT, "--dns", ZONE, "--json", "--record", bundle)
    again = todoku("replay", bundle, "--format", "json")
    assert again.code == first.code == 1
    assert "those of the record" in again.err
    assert json.loads(again.out) == json.loads(first.out)
    assert json.loads(todoku("check", bundle, "--json").out) == json.loads(first.out)


def test_the_domains_stand_side_by_side_with_the_decisive_part_underlined(todoku: Todoku) -> None:
    lines = todoku("check", DEFAULT, "--dns", ZONE).out.splitlines()
    start = next(number for number, line in enumerate(lines) if "From domain:" in line)
    assert [line.strip() for line in lines[start : start + 6]] == [
        "From domain: sample-kuriyama.com",
        "~~~~~~~~~~~~~~~~~~~",
        "SPF domain : ap-northeast-1.amazonses.com",
        "~~~~~~~~~~~~~",
        "DKIM domain: amazonses.com",
        "~~~~~~~~~~~~~",
    ]


def test_standard_input() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "todoku", "check", "-", "--dns", ZONE],
        input=Path(DEFAULT).read_bytes(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert b"ses-default" in done.stdout
    assert b"\x1b" not in done.stdout


@pytest.mark.parametrize("form", ["text", "html", "markdown"])
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_every_form_speaks_both_languages(todoku: Todoku, form: str, lang: str) -> None:
    outcome = todoku("check", DEFAULT, "--dns", ZONE, "--format", form, "--lang", lang)
    assert outcome.code == 1
    assert ("対応が必要" in outcome.out) == (lang == "ja")
    assert ("left for you" in outcome.out) == (lang == "en")
    assert "sample-kuriyama.com" in outcome.out


def test_text_holds_at_80_columns(todoku: Todoku) -> None:

    for lang in ("en", "ja"):
        lines = todoku("check", DEFAULT, "--dns", ZONE, "--lang", lang).out.splitlines()
        # what is typed or pasted, and addresses of pages, are never broken
        long = [
            line
            for line in lines
            if cell_len(line) > 80 and " IN " not in line and "aws " not in line and "http" not in line
        ]
        assert not long


@pytest.mark.parametrize("command", ["check", "explain", "rules", "replay", "schema", "completion"])
def test_every_command_has_help_with_an_example(todoku: Todoku, command: str) -> None:
    assert f"todoku {command}" in todoku(command, "--help").out


HELP = ("", "check", "ingest", "watch", "status", "reports", "store", "postmaster", "postmaster login", "plan", "apply")


@pytest.mark.parametrize("command", HELP)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_help_fits_a_screen_and_no_sentence_is_cut(command: str, language: str) -> None:
    lines = shell(f"todoku {command} --help", TODOKU_LANG=language)[1].splitlines()
    beside = [
        line for line in lines if not re.fullmatch(r" +todoku \S+( \S+)*", line)
    ]  # a command alone is as long as it is
    assert [line for line in beside if cell_len(line) > 80] == []
    assert [line for line in lines if line.endswith("...") and not line.startswith(("Usage", "使い方"))] == []


def test_explain_knows_requirements_reasons_and_bounces(todoku: Todoku) -> None:
    assert "Gmail" in todoku("explain", "dmarc-alignment").out
    assert "amazonses.com" in todoku("explain", "not-through-ses").out
    bounce = todoku(
        "explain",
        "550-5.7.26",
        "This",
        "mail",
        "has",
        "been",
        "blocked",
        "because",
        "the",
        "sender",
        "is",
        "unauthenticated.",
    )
    assert bounce.code == 0
    assert "spf-or-dkim" in bounce.out
    assert "Likely causes" in bounce.out
    assert "not-through-ses" in bounce.out
    assert "Fix: " in todoku("explain", "550-5.7.30 DKIM did not pass - gsmtp").out
    assert "delivered copy" in bounce.out
    assert "送信者" in todoku("explain", "dmarc-alignment", "--lang", "ja").out


@pytest.mark.parametrize("arguments", [[], ["explain"]])
def test_a_command_without_what_it_needs_shows_its_help_and_exits_2(todoku: Todoku, arguments: list[str]) -> None:
    outcome = todoku(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(" ".join(["Usage: todoku", *arguments]))


def shell(command: str, **variables: str) -> tuple[int, str, str]:
    """What a shell makes of a command line: exit code and both streams."""
    found = {"PATH": os.environ["PATH"], "PYTHONWARNINGS": "error", **variables}
    todoku = shlex.join([sys.executable, "-m", "todoku"])
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command.replace("todoku", todoku)],
        capture_output=True,
        cwd=ROOT,
        env=found,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize(
    "command",
    [
        "check examples/ses-default.eml --dns zone:examples/dns.zone",
        "--help",
        "--version",
        "rules",
        "schema report",
        "completion bash",
    ],
)
def test_a_full_disk_is_one_line_and_exit_2(command: str) -> None:
    assert shell(f"todoku {command} > /dev/full") == (2, "", "todoku: cannot write: No space left on device\n")


@pytest.mark.parametrize(
    "command", ["check examples/ses-default.eml --dns zone:examples/dns.zone --json", "--help", "rules"]
)
def test_a_pipe_that_nobody_reads_ends_the_program_as_it_ends_any_other(command: str) -> None:
    # the reader is gone before anything is written: it waits for nothing, and the writer for it
    assert shell(f"(sleep 0.5; exec todoku {command}) | true") == (128 + signal.SIGPIPE, "", "")


def test_a_closed_standard_stream_is_one_line_and_exit_2() -> None:
    check = "todoku check examples/ses-default.eml --dns zone:examples/dns.zone"
    assert shell(f"{check} >&-") == (2, "", "todoku: cannot write: Bad file descriptor\n")
    code, _, told = shell("todoku check - <&-")
    assert (code, "empty" in told) == (2, True)
    assert shell("todoku chek 2>&-")[0] == 2
    assert shell("todoku 2> /dev/full")[0] == 2


@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        (
            "todoku --lang ja --help",
            0,
            ["使い方: todoku", "\nオプション:\n", "\nコマンド:\n", "この説明を表示します。"],
        ),
        ("todoku check --lang=ja -h", 0, ["使い方: todoku check", "[既定: text]", "メールの種類"]),
        ("todoku rules diff --help --lang ja", 0, ["使い方: todoku rules diff"]),
        ("todoku chek --lang ja", 2, ["もしかして check ですか? 使い方は `todoku --help` で表示できます"]),
        ("todoku --lang ja", 2, ["コマンドを指定してください。使い方は `todoku --help` で表示できます"]),
        ("todoku check --volum --lang ja", 2, ["もしかして --volume ですか?"]),
        ("todoku check x --volume b --lang ja", 2, ["bulk, small から選んでください"]),
        ("todoku check --lang ja --ip", 2, ["--ip には値が必要です。"]),
        ("todoku replay --lang ja", 2, ["BUNDLE を指定してください。"]),
        ("todoku schema --json=1 --lang ja", 2, ["--json というオプションはありません。"]),
        ("todoku rules diff 1 2 3 --lang ja", 2, ["余分な引数があります: 3。"]),
        ("todoku explain --lang ja", 2, ["使い方: todoku explain"]),
        ("todoku explain nothing --lang ja", 2, ["当てはまる要件"]),
    ],
)
def test_help_and_slips_in_japanese(command: str, code: int, says: list[str]) -> None:
    found, out, err = shell(command, LANG="C.UTF-8")
    assert found == code
    for words in says:
        assert words in out + err
    assert not {"Usage:", "Options:", "Error:", "Show this"} & {*(out + err).replace("\n", " ").split(" ")}
    assert "did you mean" not in (out + err).lower()


@pytest.mark.parametrize(
    ("variables", "japanese"),
    [
        ({}, False),
        ({"LANG": "ja_JP.UTF-8"}, True),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, False),
        ({"LC_ALL": "C", "TODOKU_LANG": "ja"}, True),
    ],
)
def test_the_language_of_a_run(variables: dict[str, str], japanese: bool) -> None:
    _, out, _ = shell("todoku --help", **variables)
    assert ("使い方" in out) == japanese
    assert "Usage" in shell("todoku --help --lang en", **variables)[1]


def test_completion(todoku: Todoku) -> None:
    assert "_TODOKU_COMPLETE" in todoku("completion", "bash").out


def test_explain_knows_the_tags_of_diagnoses(todoku: Todoku) -> None:
    answer = todoku("explain", "docomo-unknown-or-refused")
    assert answer.code == 0
    assert answer.out.startswith("docomo-unknown-or-refused\n  docomo: ")
    assert "Keep the address" in answer.out
    assert "bounce-handling" in answer.out


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_text_for_recipients_at_japanese_carriers(todoku: Todoku, lang: str) -> None:
    answer = todoku("explain", "recipient-settings", "Example.com", "news.example.org", "--lang", lang)
    assert answer.code == 0
    assert "  example.com、news.example.org\n" in answer.out
    assert all(word in answer.out for word in ("受信設定のお願い", "docomo.ne.jp", "必ず受信", "救済リスト"))
    assert "delete-suppressed-destination" in answer.out


def test_a_text_for_recipients_names_domains_alone(todoku: Todoku) -> None:
    assert "  example.com\n" in todoku("explain", "recipient-settings").out
    refused = todoku("explain", "recipient-settings", "not a\x1b domain")
    assert (refused.code, refused.out) == (2, "")
    assert "\x1b" not in refused.err


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_rules_begin_with_a_matrix_on_one_screen(todoku: Todoku, language: str) -> None:
    lines = todoku("rules", "--lang", language).out.splitlines()
    end = next(number for number, line in enumerate(lines) if line.startswith("arc  "))
    screen = lines[:end]
    assert len(screen) <= 40
    assert max(map(cell_len, screen)) <= 80
    asked = {one.id for one in catalogue() if any(clause.receiver in ASKED_BY_DEFAULT for clause in one.clauses)}
    shown = {line.split()[-1] for line in screen if line.strip()}
    assert asked <= shown


def test_the_matrix_tells_all_senders_from_bulk_senders_and_must_from_should(todoku: Todoku) -> None:
    rows = {line.split()[-1]: line for line in todoku("rules", "--lang", "en").out.splitlines()[:32] if line.strip()}
    cells = {name: (line[30:38].strip(), line[38:46].strip(), line[46:57].strip()) for name, line in rows.items()}
    assert cells["spf-or-dkim"] == ("G Y", "G Y", "yes")
    assert cells["dkim"] == ("", "G Y O I", "yes")
    assert cells["dmarc-alignment"] == ("g", "G Y O", "no")
    assert cells["postmaster-registration"] == ("", "g", "no")


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_before_the_first_rule_nothing_was_in_force(todoku: Todoku, form: str) -> None:
    outcome = todoku("check", DEFAULT, "--dns", ZONE, "--as-of", "2018-01-01", "--format", form, "--lang", "en")
    assert "No requirement was in force on 2018-01-01." in outcome.out
    assert "0 of 0" not in outcome.out
    assert "No requirement was in force on 2018-01-01." in todoku("rules", "--as-of", "2018-01-01", "--lang", "en").out
