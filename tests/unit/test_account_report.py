"""A large account as it is shown: each cause and each fix once, the worst first, in bounds of memory, harmless."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from io import StringIO

import msgspec
import pytest

import todoku
import todoku.aio
from todoku.account.read import Wanted
from todoku.account.reputation import Rate, Reputation
from todoku.account.suppression import SuppressionList, read_suppression_list, without_address
from todoku.api import Settings, checking_accounts
from todoku.auth.ask import Call, Reply
from todoku.cli.progress import Bar
from todoku.judging.account_report import AccountReport
from todoku.net.aws.ses import Progress
from todoku.net.drivers import run_look
from todoku.report import show
from todoku.report.account_facts import account_facts, unread
from todoku.report.account_view import AccountView, account_view, whose
from todoku.report.columns import cell_len
from todoku.report.document import ReportDocument
from todoku.report.json_pieces import written
from todoku.report.render_options import FORMATS, Format, Manner
from todoku.report.words import Language

NOW = datetime(2026, 11, 24, tzinfo=UTC)
TOKYO, OREGON = "ap-northeast-1", "us-west-2"
MANY = 200
LANGUAGES: tuple[Language, ...] = ("en", "ja")
KEY = (
    "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwMIyIwrdBJ4qW6pHzPnHpYyQ1E9wYzF1YVbKAaQcYl3BqL"
    "9zQ7oUu1FZ0cD8CqB8G8mH8XfWjZ8cQkq8iFv3iFQ5Jr4yDsXcKp3w"
)


class Account:
    """SES and its replies, identity by identity. ``refused`` are operations that it denies, ``gone`` what it hangs up on."""

    def __init__(self, names: Sequence[str], *, regions: Sequence[str] = (TOKYO,), per_day: float = 50_000.0) -> None:
        self.names = names
        self.regions = regions
        self.per_day = per_day
        self.refused: set[str] = set()
        self.rates: list[dict[str, object]] = []
        self.asked = 0

    def replies(self, calls: Sequence[Call]) -> Sequence[Reply]:
        self.asked += len(calls)
        return [self._reply(call) for call in calls]

    def _reply(self, call: Call) -> Reply:
        if call.operation in self.refused:
            detail = f"AccessDeniedException: no; missing permission: ses:{call.operation}"
            return Reply(call, status="denied", detail=detail)
        name = dict(call.parameters).get("EmailIdentity", "")
        said = {
            "GetMetricData": {"MetricDataResults": self.rates},
            "GetCallerIdentity": {"Account": "123456789012"},
            "GetAccount": {
                "ProductionAccessEnabled": True,
                "EnforcementStatus": "HEALTHY",
                "SendQuota": {"Max24HourSend": self.per_day, "MaxSendRate": 14.0},
            },
            "ListEmailIdentities": {"EmailIdentities": self._listed(call.region)},
            "GetEmailIdentity": identity(name),
        }
        return Reply(call, said.get(call.operation, {}))

    def _listed(self, region: str) -> list[dict[str, str]]:
        return [{"IdentityName": name} for name in self.names] if region in self.regions else []


def identity(name: str) -> dict[str, object]:
    """One in three has no DKIM; none has a MAIL FROM domain."""
    signs = sum(name.encode()) % 3 != 0
    return {
        "IdentityType": "EMAIL_ADDRESS" if "@" in name else "DOMAIN",
        "VerifiedForSendingStatus": True,
        "VerificationStatus": "SUCCESS",
        "DkimAttributes": {
            "SigningEnabled": signs,
            "Status": "SUCCESS" if signs else "NOT_STARTED",
            "Tokens": ["a", "b", "c"] if signs else [],
            "SigningHostedZone": "dkim.amazonses.com",
            "SigningAttributesOrigin": "AWS_SES",
        },
    }


def zone(names: Sequence[str]) -> todoku.Zone:
    records: dict[str, list[tuple[str, str]]] = {"amazonses.com": [("TXT", "v=spf1 ip4:199.255.192.0/22 -all")]}
    records |= {f"{token}.dkim.amazonses.com": [("TXT", KEY)] for token in "abc"}
    for name in names:
        domain = name.rpartition("@")[2]
        records[domain] = [("A", "192.0.2.1"), ("MX", f"10 mx.{domain}")]
        records[f"mx.{domain}"] = [("A", "192.0.2.2")]
        for token in "abc":
            records[f"{token}._domainkey.{domain}"] = [("CNAME", f"{token}.dkim.amazonses.com")]
    return todoku.Zone.from_dict(records)


def look(account: Account, settings: Settings | None = None) -> tuple[AccountReport, ...]:
    wanted = [Wanted(profile="", region=region) for region in account.regions]
    engine = checking_accounts(wanted, settings or Settings(now=NOW))
    return run_look(engine, zone(account.names), account)


def names(count: int) -> list[str]:
    return [f"d{number:03}.example" if number % 10 else f"info@d{number:03}.example" for number in range(count)]


@pytest.fixture(scope="module")
def large() -> AccountReport:
    (report,) = look(Account(names(MANY)))
    return report


@pytest.fixture(scope="module")
def shown(large: AccountReport) -> AccountView:
    return account_view(large, "en")


def test_every_identity_has_a_row_and_the_worst_comes_first(large: AccountReport, shown: AccountView) -> None:
    assert len(shown.rows) == MANY
    counts = [(row.failed, row.dark, row.warned) for row in shown.rows]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]
    by_name = {one.evidence.subject.name: one for one in large.identities}
    for row in shown.rows[::20]:
        failing = {one.requirement for one in by_name[row.name].verdicts if one.result == "fail"}
        assert row.failed == len(failing)
        assert row.cells[-2][1] == str(row.failed)


def test_each_cause_is_told_once_with_those_that_share_it(large: AccountReport, shown: AccountView) -> None:
    told = [(one.found.result, one.found.tag) for one in shown.findings]
    assert len(told) == len(set(told))
    causes = {(one.result, one.reason.tag) for one in large.verdicts if one.result in ("fail", "warn")}
    assert causes == set(told)
    for shared in shown.findings:
        sharing = {
            one.about[0]
            for one in large.verdicts
            if (one.result, one.reason.tag) == (shared.found.result, shared.found.tag) and one.about
        }
        count = re.match(r"(?:all )?([\d,]+) identit", shared.whose)
        assert count is not None
        assert int(count[1].replace(",", "")) == len(sharing)
    assert [one.found.result for one in shown.findings] == sorted(one.found.result for one in shown.findings)


def test_what_others_rest_on_stands_before_them(shown: AccountView) -> None:
    tags = [one.found.tag for one in shown.findings]
    for root in ("dmarc-missing", "nothing-will-align", "selector-key-unusable"):  # the last one of two thirds only
        assert tags.index(root) < tags.index("postmaster-shows-nothing")


def test_each_fix_is_told_once_and_every_finding_leads_to_its_own(large: AccountReport, shown: AccountView) -> None:
    ids = [one.fix.id for one in shown.fixes]
    assert sorted(ids) == sorted({ready.fix.id for one in large.identities for ready in one.fixes})
    assert [one.fix.number for one in shown.fixes] == list(range(1, len(ids) + 1))
    advice = [one.fix.advice for one in shown.fixes]
    assert advice == sorted(advice)
    numbers = {number for one in shown.findings for number in one.found.fixes}
    assert numbers <= {one.fix.number for one in shown.fixes}
    assert numbers


def test_a_fix_shows_the_first_of_its_identities(shown: AccountView) -> None:
    of_a_domain = []
    for shared in shown.fixes:
        lines = " ".join(line for step in shared.fix.steps for line in step.lines)
        first = re.match(r"(?:all )?[\d,]+ identit(?:y: |ies: |ies; here )([^, ]+)", shared.whose)
        assert first is not None
        if ".example" in lines:  # or else it is one for the whole account
            of_a_domain.append(first[1].rpartition("@")[2] in lines)
    assert len(of_a_domain) > 2
    assert all(of_a_domain)


@pytest.mark.parametrize(
    ("count", "en", "ja"),
    [
        (1, "1 identity: i0", "検証済みID 1件: i0"),
        (10, "10 identities: i0, i1, i2, i3, i4, i5, i6, i7, i8, i9", "i8, i9"),
        (11, "i8, i9 and 1 more", "i9 ほか1件"),
        (2_000, "2,000 identities: i0", "検証済みID 2,000件: i0"),
    ],
)
def test_ten_names_and_how_many_more(count: int, en: str, ja: str) -> None:
    named = [f"i{number}" for number in range(count)]
    assert en in whose(named, 5_000, "en")
    assert ja in whose(named, 5_000, "ja")
    assert whose(named, 5_000, "en").count(", ") <= 9


def test_all_of_them() -> None:
    named = [f"i{number}" for number in range(2_000)]
    assert whose(named, 2_000, "en") == "all 2,000 identities; here i0"
    assert whose(named, 2_000, "ja") == "検証済みID 2,000件すべて(例: i0)"
    assert whose(named[:3], 3, "en") == "3 identities: i0, i1, i2"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [60, 80, 120])
def test_only_what_is_pasted_is_wider_than_the_terminal(large: AccountReport, language: Language, width: int) -> None:
    lines = show.render([large], "text", language, width=width).splitlines()
    wide = [line for line in lines if cell_len(line) > width]
    pasted = (" IN ", "aws ", "http", "todoku ")
    assert [line for line in wide if not any(word in line for word in pasted)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_headline_stands_first_and_last(large: AccountReport, language: Language) -> None:
    paragraphs = show.render([large], "text", language).strip().split("\n\n")
    assert paragraphs[0].split("\n", 1)[1] == paragraphs[-1]


def test_json_holds_everything_and_reads_as_its_type(large: AccountReport) -> None:
    text = show.render([large], "json", "en")
    document = msgspec.json.decode(text, type=ReportDocument)
    assert len(document.verdicts) == len(large.verdicts)
    assert len(document.identities) == MANY
    assert len(document.transcript) == len(large.answers)
    assert len(document.calls) == len(large.replies)
    assert text == msgspec.json.format(text, indent=2) + "\n"
    several = json.loads(show.render([large, large], "json", "en"))
    assert several["reports"] == [json.loads(text)] * 2


def test_json_comes_in_pieces(large: AccountReport) -> None:
    sizes = [len(piece) for piece in show.pieces([large], "json", Manner(language="en"))]
    assert max(sizes) < sum(sizes) / 10


@pytest.mark.parametrize("form", FORMATS)
def test_names_of_strangers_are_harmless(form: Format) -> None:
    names = [
        "b\u202e\x9b.example",
        "<script>x</script>@a.example",
        "*bold*|@a.example",
        '"><img src=x onerror=alert(1)>@a.example',
        "[here](javascript:alert(1))@a.example",
        "\x1b]0;title\x07\x1b[2J.example",
        "a\r\n\u2028# heading@b.example",
        "\u2066\u202d\ufeff.example",
        "c.example",
    ]
    text = show.render(look(Account(names)), form, "en")
    if form == "csv":
        text = text.replace("\r\n", "\n")  # RFC 4180: its lines end so
    assert re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202d\u202e\u2066\ufeff]", text) == []
    assert not [line for line in text.splitlines() if line.startswith("# heading")]
    if form == "html":
        assert "<script" not in text
        assert "<img" not in text
    if form == "markdown":
        assert "\\*bold\\*\\|" in text
        outside = re.sub(r"^(`{3,})\n.*?^\1$|`[^`\n]+`", "", text, flags=re.MULTILINE | re.DOTALL)  # of code
        assert re.findall(r"(?<!\\)(?:<(?:script|img)|\]\(javascript)", outside) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("\u202e", '"\\u202e"'),
        ("\x9b\u200b", '"\\u009b\\u200b"'),
        ("\U000e0041", '"\\udb40\\udc41"'),
        ("届く\n", '"届く\\n"'),
    ],
)
def test_json_escapes_what_acts_and_says_the_same(value: str, text: str) -> None:
    whole = "".join(written({"a": value, "b": iter([value, value]), "c": iter(())}))
    assert f'"a": {text}' in whole
    assert json.loads(whole) == {"a": value, "b": [value, value], "c": []}


def test_what_could_not_be_read_stands_once_and_names_the_permission() -> None:
    account = Account(names(30))
    account.refused = {"GetEmailIdentity", "ListRecommendations"}
    (report,) = look(account)
    view = account_view(report, "en")
    unread = [value for label, value in view.facts if label == "Not read"]
    assert len(unread) == 2
    assert sum("ses:GetEmailIdentity" in value and "(30 times)" in value for value in unread) == 1
    assert all(row.dark for row in view.rows)
    assert {row.cells[1][1] for row in view.rows} == {"not read"}


def test_the_rates_by_which_ses_judges_the_account() -> None:
    account = Account(["a.example"])
    account.rates = [
        {"Id": "bounce_rate", "Timestamps": ["2026-11-22T00:00:00+00:00"], "Values": [0.0123]},
        {"Id": "complaint_rate", "Timestamps": [], "Values": []},
    ]
    (report,) = look(account)
    facts = dict(account_view(report, "en").facts)
    assert facts["Bounce rate"] == "1.23% by SES's own count on 2026-11-22, which reviews an account from 5% on"
    assert "Complaint rate" not in facts
    assert dict(account_view(report, "ja").facts)["バウンス率"].startswith("1.23%(2026-11-22")
    part = msgspec.json.decode(show.render([report], "json", "en"), type=ReportDocument).account
    assert part is not None
    assert part.reputation == Reputation(bounces=Rate(0.0123, date(2026, 11, 22)))


def test_the_regions_of_an_account_are_compared_and_their_quotas_added() -> None:
    alone = look(Account(names(3), regions=(TOKYO,), per_day=3_000.0))
    both = look(Account(names(3), regions=(TOKYO, OREGON), per_day=3_000.0))
    assert [one.terms.volume for one in alone] == ["small"]
    assert [one.terms.volume for one in both] == ["bulk", "bulk"]
    assert {one.evidence.elsewhere for one in alone[0].identities} == {None}
    assert {one.evidence.elsewhere for one in both[0].identities} == {(OREGON,)}
    forced = look(Account(names(3), per_day=200.0), Settings(now=NOW, volume="bulk"))
    assert [one.terms.volume for one in forced] == ["bulk"]


def test_an_account_without_a_limit_is_a_bulk_sender() -> None:
    (report,) = look(Account(names(2), per_day=-1.0))
    assert report.terms.volume == "bulk"
    assert "no limit a day" in show.render([report], "text", "en")


def test_the_coroutine_gives_the_same() -> None:
    arguments = {"resolver": zone(names(3)), "now": NOW, "identities": ["d00[12].*"]}
    awaited = asyncio.run(todoku.aio.check_account(f"ses:{TOKYO}", api=Account(names(3)), **arguments))
    assert awaited == todoku.check_account(f"ses:{TOKYO}", api=Account(names(3)), **arguments)
    assert [one.evidence.subject.name for one in awaited.identities] == ["d001.example", "d002.example"]


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_tells_how_long_it_may_still_take() -> None:
    terminal = Terminal()
    now = [0.0]
    call = Call("sesv2", "", TOKYO, "GetEmailIdentity")
    with Bar("en", 100, stream=terminal, clock=lambda: now[0]) as bar:
        for done in range(1, 101):
            now[0] += 1.0
            bar(Progress(done, 2_000, call))
    drawn = terminal.getvalue().split("\r\x1b[K")
    assert drawn[1].startswith("SES [------------------------] 1/2,000, about 33 min left")
    assert "100/2,000, about 32 min left" in drawn[-2]
    assert drawn[-1] == ""


def test_what_was_kept_says_nothing_of_the_pace() -> None:
    terminal = Terminal()
    now = [0.0]
    call = Call("sesv2", "", TOKYO, "GetEmailIdentity")
    with Bar("ja", 100, stream=terminal, clock=lambda: now[0]) as bar:
        for done in range(1, 1_001):  # from the file, at once
            bar(Progress(done, 2_000, call))
        for done in range(1_001, 1_101):
            now[0] += 1.0
            bar(Progress(done, 2_000, call))
    assert "、残り約15分" in terminal.getvalue().split("\r\x1b[K")[-2]


@pytest.mark.parametrize(("language", "said"), [("en", "taken: 1,200"), ("ja", "取り込み中: 1,200件")])
def test_the_bar_tells_how_many_items_were_taken(language: Language, said: str) -> None:
    terminal = Terminal()
    now = [0.0]
    with Bar(language, 80, stream=terminal, clock=lambda: now[0]) as bar:
        bar.took(400)  # sooner than anybody could read it
        now[0] += 1.0
        bar.took(1_200)
    assert terminal.getvalue().split("\r\x1b[K") == ["", said, ""]


def test_no_bar_where_standard_error_is_no_terminal() -> None:
    stream = StringIO()
    with Bar("en", 80, stream=stream) as bar:
        bar(Progress(1, 1, Call("sesv2", "", TOKYO, "GetAccount")))
        bar.looked_up(5)
        bar.took(5)
    assert stream.getvalue() == ""


SUPPRESSED = "ListSuppressedDestinations"
ON_THE_LIST = ["taro@docomo.ne.jp", "Hana@EZWEB.ne.jp", "jiro@t.vodafone.ne.jp", "x@example.com", "y@docomo.ne.jp"]


class Suppressing(Account):
    """An account with these addresses on its list, as the adapter hands them on."""

    def _reply(self, call: Call) -> Reply:
        if call.operation == SUPPRESSED and call.operation not in self.refused:
            entries = [without_address({"EmailAddress": one, "Reason": "BOUNCE"}) for one in ON_THE_LIST]
            return Reply(call, {"SuppressedDestinationSummaries": entries})
        return super()._reply(call)


def test_counts_by_carrier() -> None:
    entries = [without_address({"EmailAddress": one, "Reason": "BOUNCE"}) for one in ON_THE_LIST]
    assert read_suppression_list(entries) == SuppressionList(
        addresses=5, carriers={"docomo": 2, "au": 1, "softbank": 1}
    )
    assert read_suppression_list([]) == SuppressionList(addresses=0)


def test_the_report_has_the_counts_and_what_to_do() -> None:
    (report,) = look(Suppressing(names(1)))
    told = {lang: dict(account_facts(report, lang)) for lang in ("en", "ja")}
    assert "5 addresses, of them docomo 2, au 1, SoftBank 1" in told["en"]["Suppression list"]
    assert "DeleteSuppressedDestination" in told["ja"]["サプレッションリスト"]
    assert report.reading.suppressed == SuppressionList(addresses=5, carriers={"docomo": 2, "au": 1, "softbank": 1})


def test_without_carriers_on_it_nothing_is_said() -> None:
    (report,) = look(Account(names(1)))
    assert "Suppression list" not in dict(account_facts(report, "en"))


def test_what_may_not_be_read_is_said_with_its_permission() -> None:
    account = Suppressing(names(1))
    account.refused = {SUPPRESSED}
    (report,) = look(account)
    assert isinstance(report.reading.suppressed, Reply)
    assert [(one.operation, one.permission) for one in unread(report)] == [(SUPPRESSED, f"ses:{SUPPRESSED}")]
    assert {verdict.missing for verdict in report.identities[0].verdicts} == {
        verdict.missing for verdict in look(Account(names(1)))[0].identities[0].verdicts
    }
