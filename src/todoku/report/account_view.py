"""What a report on an SES account shows: a row for each identity, each cause once for all that share it, each fix once.

A report on a single identity is shown like one on a domain (``view.py``), with what is known of the account above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo

import msgspec

from todoku.auth.ask import Reply
from todoku.evidence.traffic import SERVICE
from todoku.judging.account_report import AccountReport
from todoku.judging.judge import ReadyFix, Report, catalogue
from todoku.receivers import RULES_READ
from todoku.report.account_facts import account_facts, identity_facts, sentence_of
from todoku.report.account_row import IdentityRow, identity_row
from todoku.report.fixes import ShownFix, shown_fixes
from todoku.report.headings import Headings, headings
from todoku.report.headline import dark, met_by_itself, none_in_force, titles
from todoku.report.view import ShownFinding, View, by_cause, each_once, finding, shown_time, view
from todoku.report.words import Language, harmless, say
from todoku.words.verdict import Text, Verdict

LISTED = 10
"""Names of identities that are shown of those that share something."""


class SharedFinding(msgspec.Struct, frozen=True):
    """A cause as it shows in the first of the identities that share it."""

    found: ShownFinding
    whose: str  # "12 identities: a.example, ... and 2 more"


class SharedFix(msgspec.Struct, frozen=True):
    """A fix with the names of the first of the identities that need it."""

    fix: ShownFix
    whose: str


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """A report on several identities, or on none, as it is shown."""

    language: Language
    subject: str
    headline: str
    headings: Headings
    facts: tuple[tuple[str, str], ...] = ()
    heads: tuple[str, ...] = ()  # of the columns of ``rows``
    rows: tuple[IdentityRow, ...] = ()  # the worst first
    findings: tuple[SharedFinding, ...] = ()
    fixes: tuple[SharedFix, ...] = ()
    further: tuple[str, ...] = ()  # how to come by the fixes of the other identities: a sentence, and commands
    met: str = ""  # the requirements that every identity meets
    untold: str = ""
    footer: str = ""


def view_of(report: Report | AccountReport, language: Language, zone: tzinfo | None) -> View | AccountView:
    """A report in one language, whatever it is on."""
    if isinstance(report, Report):
        return view(report, language, zone)
    return _of_one(report, language, zone) if len(report.identities) == 1 else account_view(report, language, zone)


def _of_one(report: AccountReport, language: Language, zone: tzinfo | None) -> View:
    """The report on the only identity, with the account above it and with the transcript that the account has."""
    one = report.identities[0]
    of_identity = view(one, language, zone)
    return msgspec.structs.replace(
        of_identity,
        subject=harmless(f"{report.name} {one.evidence.subject.name}"),
        facts=(*account_facts(report, language), *identity_facts(one.evidence, language), *of_identity.facts),
        footer=_footer(report, language),
    )


def account_view(report: AccountReport, language: Language, zone: tzinfo | None = None) -> AccountView:
    """The report on any number of identities; times in ``zone`` (default UTC)."""
    pairs = sorted(((identity_row(one, language), one) for one in report.identities), key=lambda pair: pair[0].order)
    rows = tuple(row for row, _ in pairs)
    common = AccountView(
        language=language,
        subject=harmless(report.name),
        headline=_headline(report, rows, language),
        headings=headings(language, "account"),
    )
    if not report.identities:
        return common
    ordered = [one for _, one in pairs]
    fixes = _fixes(ordered, language)
    numbers = {shared.fix.id: shared.fix.number for shared in fixes}
    return msgspec.structs.replace(
        common,
        facts=(*account_facts(report, language), *_dates(report, language, zone)),
        heads=_heads(language),
        rows=rows,
        findings=tuple(_findings(ordered, numbers, language)),
        fixes=fixes,
        further=_further(report, language) if fixes else (),
        met=_where_all(report.verdicts, {"pass"}, language),
        untold=_where_all(report.verdicts, {"unknown"}, language),
        footer=_footer(report, language),
    )


def _headline(report: AccountReport, rows: Sequence[IdentityRow], language: Language) -> str:
    if not rows:
        return harmless(say(_nothing(report), language))
    if not report.verdicts:
        return say(none_in_force(report.terms.as_of), language)
    failing = sum(row.failed > 0 for row in rows)
    doubtful = sum(not row.failed and not row.dark and row.warned > 0 for row in rows)
    blind = sum(not row.failed and row.dark > 0 for row in rows)
    parts = [*met_by_itself(report.verdicts), _failing(failing, len(rows))]
    if doubtful:
        more = f"{doubtful:,} more {_are(doubtful)}" if failing else f"{doubtful:,} {_are(doubtful)}"
        parts.append(Text(f"{more} worth a look", f"確認をおすすめするものが{doubtful:,}件"))
    if all(one.evidence.dns is not None for one in report.identities):
        parts += dark(report.identities[0])
    elif blind:
        parts.append(Text(f"{blind:,} could not be looked at in full", f"確認できなかった項目のあるものが{blind:,}件"))
    left = titles(verdict for verdict in report.verdicts if verdict.result == "fail")
    if left.en:
        parts.append(Text(f"left for you: {left.en}", f"対応が必要: {left.ja}"))
    words = [say(part, language) for part in parts]
    return "; ".join(words) + "." if language == "en" else "。".join(words) + "。"


def _failing(failing: int, total: int) -> Text:
    if not failing:
        return Text("no identity fails", "不適合のある検証済みIDはありません")
    verb = "fails" if failing == 1 else "fail"
    return Text(f"{failing:,} of {total:,} identities {verb}", f"検証済みID {total:,}件中{failing:,}件に不適合")


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _nothing(report: AccountReport) -> Text:
    """Why there is nothing to judge."""
    listed, wanted = report.reading.listed, report.reading.wanted
    if isinstance(listed, Reply):
        return sentence_of(listed)
    if not listed and wanted.tenant:
        return Text(
            f"The tenant {wanted.tenant} has no identities in {wanted.region}: there is nothing to check.",
            f"{wanted.region} のテナント {wanted.tenant} には検証済みIDがないため、判定する対象がありません。",
        )
    if not listed:
        return Text(
            f"There are no identities in {wanted.region}: there is nothing to check.",
            f"{wanted.region} には検証済みIDがないため、判定する対象がありません。",
        )
    asked = ", ".join((*wanted.identities, *("=".join(tag) for tag in wanted.tags)))
    return Text(
        f"No identity in {wanted.region} matches {asked} (there are {len(listed):,}): there is nothing to check.",
        f"{wanted.region} の検証済みID {len(listed):,}件の中に、{asked} に該当するものがないため、判定する対象がありません。",
    )


def _heads(language: Language) -> tuple[str, ...]:
    heads = (
        Text("Identity", "検証済みID"),
        Text("Kind", "種類"),
        Text("Verified", "検証"),
        Text("DKIM", "DKIM"),
        Text("MAIL FROM", "MAIL FROM"),
        Text("Aligned", "一致"),
        Text("Fail", "不適合"),
        Text("Warn", "注意"),
    )
    return tuple(say(head, language) for head in heads)


class _Group(msgspec.Struct):
    """A cause: its verdicts on the first identity, and all identities that share it."""

    verdicts: Sequence[Verdict]
    names: list[str]


def _findings(ordered: Sequence[Report], numbers: Mapping[str, int], language: Language) -> Iterator[SharedFinding]:
    """What fails, is in doubt or could not be looked at: each cause once, the worst first, then what most receivers ask for and
    most identities share. So what others rest on, as Postmaster Tools does on DMARC alignment, stands before them.
    """
    groups: dict[tuple[str, str, int], _Group] = {}
    for report in ordered:
        seen: dict[tuple[str, str], int] = {}
        for verdicts in by_cause([one for one in report.verdicts if _is_told(one)]):
            cause = (verdicts[0].result, verdicts[0].reason.tag)
            seen[cause] = seen.get(cause, -1) + 1  # of one identity the same cause may say two things
            group = groups.setdefault((*cause, seen[cause]), _Group(verdicts, []))
            group.names.append(report.evidence.subject.name)
    rank = {"fail": 0, "unknown": 1, "warn": 2}
    told = sorted(
        groups.values(),
        key=lambda group: (rank[group.verdicts[0].result], -_receivers(group.verdicts), -len(group.names)),
    )
    shown = each_once(finding(group.verdicts, numbers, language) for group in told)
    for found, group in zip(shown, told, strict=True):
        yield SharedFinding(found, whose(group.names, len(ordered), language))


def _receivers(verdicts: Iterable[Verdict]) -> int:
    """How many receivers ask for it."""
    return len({verdict.receiver for verdict in verdicts})


def _is_told(verdict: Verdict) -> bool:
    return verdict.result in ("fail", "warn") or verdict.missing == "could-not-look"


def whose(names: Sequence[str], total: int, language: Language) -> str:
    """How many identities of how many, the first names, and how many more there are."""
    some = ", ".join(harmless(name) for name in names[:LISTED])
    count, rest = len(names), len(names) - LISTED
    if rest > 0 and count == total:
        first = harmless(names[0])
        return say(
            Text(f"all {count:,} identities; here {first}", f"検証済みID {count:,}件すべて(例: {first})"), language
        )
    more = Text(f" and {rest:,} more", f" ほか{rest:,}件") if rest > 0 else Text("", "")
    counted = "1 identity" if count == 1 else f"{count:,} identities"
    return say(Text(f"{counted}: {some}{more.en}", f"検証済みID {count:,}件: {some}{more.ja}"), language)


def _fixes(ordered: Sequence[Report], language: Language) -> tuple[SharedFix, ...]:
    """Each fix once, with the names of the first identity that has to have it, or to which it is advised if none has to."""
    ready: dict[str, ReadyFix] = {}
    names: dict[str, list[str]] = {}
    for report in ordered:
        for one in report.fixes:
            first = ready.setdefault(one.fix.id, one)
            named = names.setdefault(one.fix.id, [])
            if first.advice and not one.advice:
                ready[one.fix.id] = one
                named.insert(0, report.evidence.subject.name)
            else:
                named.append(report.evidence.subject.name)
    needed_first = sorted(ready.values(), key=lambda one: one.advice)
    return tuple(
        SharedFix(fix, whose(names[fix.id], len(ordered), language)) for fix in shown_fixes(needed_first, language)
    )


def _further(report: AccountReport, language: Language) -> tuple[str, ...]:
    told = Text(
        "Each is shown for the first identity that needs it. For another one, and for a domain with every step in order:",
        "それぞれ、該当する最初の検証済みIDの例です。ほかの検証済みIDについては1行目、ドメインの全手順は2行目のコマンドで表示できます。",
    )
    name = harmless(report.name)
    return (
        say(told, language),
        f"todoku check {name} --identity NAME",
        f"todoku plan DOMAIN --ses {name} -o plan.json",
    )


def _where_all(verdicts: Iterable[Verdict], results: set[str], language: Language) -> str:
    """The titles of the requirements of which every verdict is one of these, those left aside that concern nothing."""
    seen: dict[str, set[str]] = {}
    for verdict in verdicts:
        if verdict.result != "notapplicable":
            seen.setdefault(verdict.requirement, set()).add(verdict.missing or verdict.result)
    words = {"not-asked"} if results == {"unknown"} else results
    found = [one.title for one in catalogue() if seen.get(one.id) == words]
    return ("、" if language == "ja" else ", ").join(say(title, language) for title in found)


def _dates(report: AccountReport, language: Language, zone: tzinfo | None) -> tuple[tuple[str, str], ...]:
    rows = [(Text("Rules of", "ルールの日付"), report.terms.as_of.isoformat())]
    if report.at is not None:
        rows.insert(0, (Text("Checked", "判定日時"), shown_time(report.at, zone)))
    return tuple((say(label, language), value) for label, value in rows)


def _footer(report: AccountReport, language: Language) -> str:
    asked, read = len(report.answers), RULES_READ.isoformat()
    calls = sum(reply.call.service != SERVICE for reply in report.replies)
    return say(
        Text(
            f"{calls:,} calls read the account and changed nothing; {asked:,} DNS questions were asked. Rules as read on {read}. "
            "todoku explain ID tells more of each.",
            f"アカウントの読み取り: {calls:,}件(変更はしていません)。DNSへの問い合わせ: {asked:,}件。ルールの確認日: {read}。"
            "各要件の詳細は todoku explain ID で表示できます。",
        ),
        language,
    )
