"""``todoku check example.com``: what a user sees of a domain before anything is sent."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import todoku
import todoku.aio
from todoku.report import show
from todoku.report.render_options import Format

ROOT = Path(__file__).parent.parent
ZONE = f"zone:{ROOT / 'examples' / 'dns.zone'}"
DOMAIN = "sample-kuriyama.com"
TOKEN = "k4tq2vjw7mzr5hxn3ybd6pfs2clg7uea"
UNANSWERED = "\n".join(f"; !timeout {DOMAIN} {rdtype}" for rdtype in ("SOA", "MX", "TXT", "A", "AAAA"))


def run(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    command = [sys.executable, "-m", "todoku", "check", *arguments]
    return subprocess.run(
        command,
        check=False,
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
    )


def zone() -> todoku.Zone:
    return todoku.Zone.from_text((ROOT / "examples" / "dns.zone").read_text(encoding="utf-8"))


def test_a_domain_that_is_set_up_is_clean() -> None:
    done = run(DOMAIN, "--dns", ZONE, "--selector", TOKEN)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"todoku  {DOMAIN}" in done.stdout
    assert "What the domain publishes" in done.stdout
    assert f"{TOKEN}.dkim.amazonses.com -> RSA 2048" in done.stdout
    assert "Cannot be told from a domain alone" in done.stdout
    assert "Authentication" not in done.stdout


def test_what_fails_is_exit_1_and_says_how_to_mend_it(tmp_path: Path) -> None:
    done = run(DOMAIN, "--dns", ZONE, "--selector", "mistyped")
    assert done.returncode == 1
    assert f"No key stands at mistyped._domainkey.{DOMAIN} (NXDOMAIN)" in done.stdout


def test_what_was_not_answered_is_exit_3_and_never_missing(tmp_path: Path) -> None:
    silent = tmp_path / "silent.zone"
    silent.write_text(UNANSWERED)
    done = run(DOMAIN, "--dns", ZONE, "--dns", f"zone:{silent}", "--selector", TOKEN, "--json")
    assert done.returncode == 3
    found = {(one["requirement"], one["result"]) for one in json.loads(done.stdout)["verdicts"]}
    assert ("sender-domain", "unknown") in found
    assert "fail" not in {result for _, result in found}


def test_a_zone_file_holds_nothing_against_a_domain_that_it_lacks(tmp_path: Path) -> None:
    closed = tmp_path / "closed.zone"
    closed.write_text("example.net. A 192.0.2.1\n")
    done = run(DOMAIN, "--dns", f"zone:{closed}")
    assert done.returncode == 3
    said = " ".join(done.stdout.split())
    assert "the zone file lacks names that were asked for" in said
    assert f"_dmarc.{DOMAIN}" in said
    assert "1.1.1.1" not in said


@pytest.mark.parametrize(
    ("name", "shown"), [("Sample-Kuriyama.COM", DOMAIN), ("例え.jp", "xn--r8jz45g.jp"), (f"{DOMAIN}.", DOMAIN)]
)
def test_names_as_people_write_them(name: str, shown: str) -> None:
    assert run(name, "--dns", ZONE, "--fail-on", "never").stdout.startswith(f"todoku  {shown}\n")


@pytest.mark.parametrize("given", ["mail.sample-kuriyama.com", "bounce@mail.sample-kuriyama.com", "<>"])
def test_a_mail_from_domain_by_name_or_address(given: str) -> None:
    done = run(DOMAIN, "--dns", ZONE, "--mail-from", given, "--json")
    assert [one["domain"] for one in json.loads(done.stdout)["setup"]["mail_from"]] == ["mail.sample-kuriyama.com"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["info@example.com"], "todoku check example.com"),
        (["missing.eml"], "no file missing.eml"),
        (["-a.example"], "no option"),
        ([DOMAIN, "--dns", ZONE, "--mail-from", "not a name"], "not a domain name"),
    ],
)
def test_slips(arguments: list[str], says: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_file_of_that_name_comes_first(tmp_path: Path) -> None:
    (tmp_path / DOMAIN).write_bytes((ROOT / "examples" / "fully-set-up.eml").read_bytes())
    done = run(DOMAIN, "--dns", ZONE, "--json", folder=tmp_path)
    assert json.loads(done.stdout)["subject"]["kind"] == "message"


def test_messages_and_domains_side_by_side() -> None:
    done = run(str(ROOT / "examples" / "fully-set-up.eml"), DOMAIN, "--dns", ZONE, "--json")
    reports = json.loads(done.stdout)["reports"]
    assert [report["subject"]["kind"] for report in reports] == ["message", "domain"]
    assert [report["setup"] is None for report in reports] == [True, False]


def test_json_is_what_its_schema_says_and_its_authentication_is_empty() -> None:
    environment = {"PATH": os.environ["PATH"]}
    schema = subprocess.run(
        [sys.executable, "-m", "todoku", "schema", "report"], check=True, capture_output=True, env=environment
    )
    report = json.loads(run(DOMAIN, "--dns", ZONE, "--selector", TOKEN, "--json").stdout)
    jsonschema.validate(report, json.loads(schema.stdout))
    assert set(report["authentication"].values()) == {None}
    setup = report["setup"]
    assert setup["region"] == "ap-northeast-1"
    assert [(one["selector"], one["problem"], one["bits"]) for one in setup["selectors"]] == [(TOKEN, "", 2048)]
    assert setup["dmarc"]["policy"] == "none"
    assert setup["mta_sts"] == {"status": "none", "record": "", "detail": ""}


def test_record_and_replay(tmp_path: Path) -> None:
    bundle = tmp_path / "proof.zip"
    first = run(DOMAIN, "--dns", ZONE, "--selector", TOKEN, "--record", str(bundle), "--json")
    again = run(str(bundle), "--json")
    assert json.loads(first.stdout)["verdicts"] == json.loads(again.stdout)["verdicts"]
    replayed = subprocess.run(
        [sys.executable, "-m", "todoku", "replay", str(bundle)], check=False, capture_output=True, encoding="utf-8"
    )
    assert replayed.returncode == 0
    assert "the verdicts are those of the record" in replayed.stderr


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("form", ["text", "html", "markdown"])
def test_every_form_shows_what_is_published(form: Format, language: str) -> None:
    records = {
        f"_mta-sts.{DOMAIN}": [("TXT", "v=STSv1; id=1"), ("TXT", "v=STSv1; id=2")],
        f"_smtp._tls.{DOMAIN}": [("TXT", "v=TLSRPTv1; rua=mailto:<b>@example.com")],
        f"default._bimi.{DOMAIN}": [("TXT", todoku.TIMEOUT)],
    }
    source = todoku.Layers([zone(), todoku.Zone.from_dict(records)])
    report = todoku.check_domain(DOMAIN, selectors=[TOKEN], resolver=source)
    drawn = show.render([report], form, language)
    words = ("wrong", "no answer") if language == "en" else ("問題あり", "応答なし")
    for wanted in (
        f"_mta-sts.{DOMAIN}",
        "default.",
        *words,
        {"en": "What the domain publishes", "ja": "ドメインが公開"}[language],
    ):
        assert wanted in drawn.replace("\\", "")
    assert form != "html" or "<b>@" not in drawn


def test_the_same_from_python() -> None:
    report = todoku.check_domain(DOMAIN, selectors=[TOKEN], resolver=zone())
    awaited = asyncio.run(todoku.aio.check_domain(DOMAIN, selectors=[TOKEN], resolver=zone()))
    assert [one.reason.tag for one in report.verdicts] == [one.reason.tag for one in awaited.verdicts]
    with pytest.raises(todoku.UsageError, match="not a domain name"):
        todoku.check_domain("not a name", resolver=zone())
    alike = todoku.check_domain(
        DOMAIN, resolver=zone(), settings=todoku.Settings(selectors=(TOKEN,), receivers=("yahoo",))
    )
    assert {one.receiver for one in alike.verdicts} == {"yahoo"}
    assert [key.selector for key in alike.evidence.setup.selectors] == [TOKEN]
