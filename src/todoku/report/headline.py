"""The first sentence of every report: how much SES meets by itself, what is left to do and for whom, what stayed dark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from todoku.causes.dkim.damage import COPY_CHANGED, NO_LONGER_TOLD
from todoku.causes.forwarded import BROKEN_BY_FORWARDING, FORWARDERS_TO_MEND
from todoku.causes.unreliable_dns import DNS_CLOSED, DNS_UNPROVEN, ZONE_FILE_LACKS
from todoku.judging.judge import Report, catalogue
from todoku.report.words import Language, harmless, say
from todoku.words.verdict import Missing, Text, Verdict


def headline(report: Report, language: Language) -> str:
    """The sentence in one language."""
    begin = say(_no_sign_of_ses(report), language)
    if not report.verdicts:
        return begin + say(none_in_force(report.terms.as_of), language)
    parts = [
        say(part, language)
        for part in (
            *met_by_itself(report.verdicts),
            *_left(report),
            *_reported(report.verdicts),
            *_no_longer_told(report),
            *dark(report),
        )
    ]
    return begin + ("; ".join(parts) + "." if language == "en" else "。".join(parts) + "。")


def _no_sign_of_ses(report: Report) -> Text:
    """That a message which was sent bears no mark of SES; nothing of one that was not."""
    stamp, route = report.evidence.ses, report.evidence.route
    if isinstance(stamp, Missing) or isinstance(route, Missing) or stamp.sent_by_ses or not route.hops:
        return Text("", "")
    return Text(
        "This message shows no sign of Amazon SES. ",
        "このメールにはAmazon SESから送信された形跡がありません。",
    )


def none_in_force(day: date) -> Text:
    """That none of the receivers asked for anything on the day by whose rules it was judged."""
    return Text(f"No requirement was in force on {day}.", f"{day} の時点で有効な要件はありません。")


def met_by_itself(verdicts: Iterable[Verdict]) -> Iterator[Text]:
    """Of how many of the requirements that are asked for SES takes care."""
    asked = {verdict.requirement for verdict in verdicts}
    by_ses = [one for one in catalogue() if one.id in asked and one.ses_default.met]
    yield Text(
        f"SES meets {len(by_ses)} of {len(asked)} requirements by itself",
        f"{len(asked)}件の要件のうち、SESが既定で満たすのは{len(by_ses)}件です",
    )


def _left(report: Report) -> Iterator[Text]:
    """What fails, by whose doing, or what is worth a look where nothing fails."""
    failed = [verdict for verdict in report.verdicts if verdict.result == "fail" and not verdict.accepted]
    broken = titles(verdict for verdict in failed if verdict.reason.tag in BROKEN_BY_FORWARDING)
    theirs = titles(verdict for verdict in failed if verdict.reason.tag in FORWARDERS_TO_MEND)
    left = titles(verdict for verdict in failed if verdict.reason.tag not in BROKEN_BY_FORWARDING | FORWARDERS_TO_MEND)
    if broken.en:
        yield Text(f"forwarding broke: {broken.en}", f"転送により失敗: {broken.ja}")
    if theirs.en:
        yield Text(f"left for whoever forwarded it: {theirs.en}", f"転送元の対応が必要: {theirs.ja}")
    if left.en:
        yield Text(f"left for you: {left.en}", f"対応が必要: {left.ja}")
    if failed:
        return
    open_ones = len({verdict.requirement for verdict in report.verdicts if verdict.result == "unknown"})
    if open_ones:
        yield Text(f"no failures; {open_ones} not checked", f"不適合0件、判定不能{open_ones}件")
    else:
        yield Text("no failures", "不適合0件")
    doubtful = titles(verdict for verdict in report.verdicts if verdict.result == "warn")
    if doubtful.en:
        yield Text(f"worth a look: {doubtful.en}", f"確認をおすすめ: {doubtful.ja}")


def _reported(verdicts: Iterable[Verdict]) -> Iterator[Text]:
    """How many rest on what the receiver reported, because we could not look ourselves."""
    theirs = {verdict.requirement: verdict.reported_by for verdict in verdicts if verdict.reported_by}
    if theirs:
        who = harmless(next(iter(theirs.values())))
        yield Text(f"{len(theirs)} checks rest on what {who} reported", f"{len(theirs)}件は{who}の判定に基づきます")


def _no_longer_told(report: Report) -> Iterator[Text]:
    """What another copy or a fresh message would show."""
    tags = {verdict.reason.tag for verdict in report.verdicts if not verdict.reported_by}
    tags |= {note.reason.tag for verdict in report.verdicts if verdict.reported_by for note in verdict.notes}
    tags &= NO_LONGER_TOLD
    if COPY_CHANGED.tag in tags:
        yield Text(
            "your copy was changed after the message arrived, so that its signature cannot be judged: save it again",
            "保存したファイルの内容が受信時から変わっており、署名を判定できません(保存し直してください)",
        )
    elif tags:
        yield Text(
            "the signature can no longer be judged: look at a fresh message",
            "時間が経過しているため署名を判定できません(新しいメールで確認してください)",
        )


def dark(report: Report) -> Iterator[Text]:
    """What could not be looked at: everything that rests on a DNS that tells nothing, or single facts."""
    dns = report.evidence.dns
    if dns is not None and dns.reason is DNS_CLOSED:
        yield Text(
            "the DNS that was asked does not see the public one, so that the rest is not known (try --dns 1.1.1.1)",
            "インターネット上のDNSを参照できず、残りは確認できませんでした(--dns 1.1.1.1 を試してください)",
        )
    elif dns is not None and dns.reason is ZONE_FILE_LACKS:
        yield Text(
            "the zone file lacks names that were asked for, so that the rest is not known",
            "ゾーンファイルに必要な名前がなく、残りは確認できませんでした",
        )
    elif dns is not None and dns.reason is DNS_UNPROVEN:
        yield Text(
            "it is not known whether the DNS that was asked sees the public one, nor is the rest (try --dns 1.1.1.1)",
            "インターネット上のDNSを参照できているか分からず、残りは確認できませんでした(--dns 1.1.1.1 を試してください)",
        )
    elif dns is not None:
        yield Text(
            "no DNS server answered, so that the rest is not known (try --dns 1.1.1.1)",
            "DNSサーバーから応答がなく、残りは確認できませんでした(--dns 1.1.1.1 を試してください)",
        )
    elif any(verdict.missing == "could-not-look" for verdict in report.verdicts):
        yield Text("some could not be looked at", "確認できなかった項目があります")


def titles(verdicts: Iterable[Verdict]) -> Text:
    """The titles of the requirements that verdicts are about, each once."""
    known = {one.id: one.title for one in catalogue()}
    found = [known[name] for name in dict.fromkeys(verdict.requirement for verdict in verdicts)]
    return Text(", ".join(title.en for title in found), "、".join(title.ja for title in found))
