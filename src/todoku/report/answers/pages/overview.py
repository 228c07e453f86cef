"""What a person wants to know on a Monday: how much passes, what does not, what a stricter policy would do, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from msgspec import UNSET
from msgspec.structs import replace

from todoku.feedback.answers import Affected, Bounces, DomainNow, WhatIf
from todoku.feedback.next_policy import MIN_DAYS, MIN_MESSAGES, MIN_REPORTERS, NextPolicy, next_policy
from todoku.report.answers.document import Answers
from todoku.report.answers.pages import bounces
from todoku.report.answers.pages.about import LAST, MESSAGES, NAMES, PASSING, named, network_note, titled
from todoku.report.answers.pages.reporters import silences
from todoku.report.answers.pages.whatif import apart, verdict
from todoku.report.answers.table import Page, column, share, share_text, table
from todoku.report.words import counted
from todoku.words.verdict import Text

LARGEST = 5  # streams that are shown
SES = ".amazonses.com"
FRESH = 7  # days that the newest report may be old without a word: most come on the next day
ASKED_ABOUT = 3  # of them, that somebody is to look into
ONE_FAILS = Text("The one message fails DMARC.", "メール1通は、DMARCに不合格でした。")
DOMAINS = (
    column("domain", "ドメイン", lambda one: one.domain),
    column("p=", "p=", lambda one: one.policy),
    column("sp=", "sp=", lambda one: one.subdomain_policy),
    *(MESSAGES, PASSING),
    column("fail", "不合格", lambda one: one.messages - one.passing, "number"),
)


def page(answers: Answers, limit: int) -> Page:
    """The overview."""
    domains = () if answers.domains is UNSET else answers.domains
    reporters = () if answers.reporters is UNSET else answers.reporters
    thought = None if answers.whatif is UNSET else answers.whatif
    failing = [] if thought is None else _largest(thought.streams)
    tables = [table(Text("Your domains", "ドメインごとの状況"), DOMAINS, domains, limit)]
    if failing:
        largest = Text("The largest sources that fail", "不合格の多い送信元")
        tables.append(table(largest, (*NAMES, MESSAGES, LAST), failing, 0))
    said = [
        _totals(domains),
        *_age(answers),
        *([] if thought is None else [verdict(thought, answers)]),
        *silences(reporters),
        *(_bounced(answers.bounces) if answers.bounces else ()),
    ]
    return Page(
        title=titled(answers, Text("DMARC reports", "DMARCレポート")),
        said=tuple(said),
        tables=tuple(tables),
        notes=() if thought is None else (*apart(thought), *network_note(failing)),
        steps=tuple(_steps(domains, thought)),
    )


def _bounced(found: Sequence[Bounces]) -> Iterable[Text]:
    """How much bounced, and what most of it means. The rest is another question's."""
    yield from bounces.totals(found)
    most = next((one for one in found if one.kind == "bounce"), None)
    if most is not None:
        who, what = bounces.receiver_name(most), bounces.meaning(most)
        yield Text(
            f"Most frequent, {counted(most.recipients, 'recipient')}: {who.en}. {what.en} All: todoku reports bounces",
            f"最も多いもの({most.recipients:,}件): {who.ja}。{what.ja}全体は todoku reports bounces で確認できます。",
        )


def _largest(streams: Sequence[Affected]) -> list[Affected]:
    """The streams with the most mail, each once, whatever would become of which part of it."""
    whole: dict[tuple[str, str, str], Affected] = {}
    for one in streams:
        before = whole.get(one.key)
        if before is not None:
            one = replace(one, messages=before.messages + one.messages, last=max(before.last, one.last))  # noqa: PLW2901
        whole[one.key] = one
    return sorted(whole.values(), key=lambda one: -one.messages)[:LARGEST]


def _totals(domains: Sequence[DomainNow]) -> Text:
    whole, passing = sum(one.messages for one in domains), sum(one.passing for one in domains)
    failing, rate = whole - passing, share_text(share(passing, whole))
    if whole == 1:
        return Text("The one message passes DMARC.", "メール1通は、DMARCに合格しました。") if passing else ONE_FAILS
    if not passing:
        return Text(f"None of {whole:,} messages passes DMARC.", f"メール{whole:,}通は、すべてDMARCに不合格でした。")
    if not failing:
        return Text(f"All {whole:,} messages pass DMARC.", f"メール{whole:,}通は、すべてDMARCに合格しました。")
    return Text(
        f"{rate} of {whole:,} messages pass DMARC; {failing:,} {'fails' if failing == 1 else 'fail'}.",
        f"メール{whole:,}通のうち、DMARCに合格したのは{rate}です。{failing:,}通は不合格でした。",
    )


def _age(answers: Answers) -> Iterable[Text]:
    """That what is shown is old, where somebody asked for the newest."""
    if answers.extent is None or answers.asked_on is None or answers.until is not None:
        return
    last = answers.extent.last
    days = (answers.asked_on - last).days
    if days > FRESH:
        yield Text(
            f"The newest report is of {last}, {days:,} days ago: see whether reports still come, and whether todoku ingest takes them.",
            f"最新のレポートは {last} のもので、{days:,}日前です。レポートが届いているか、todoku ingest で取り込んでいるかを"
            "確認してください。",
        )


def _steps(domains: Sequence[DomainNow], thought: WhatIf | None) -> Iterable[Text]:
    refused = [one for one in thought.streams if one.fate == "refused"] if thought is not None else []
    for authors, streams in groupby(refused[:ASKED_ABOUT], _claimed):
        if authors:
            yield _find_servers(authors, dict.fromkeys(one.network for one in streams))
        else:
            yield from map(_look_into, streams)
    for one in domains:
        if (step := next_policy(one)) is not None:
            yield _raise(one, step) if step.enough else _not_enough(one, step)
    if refused:
        yield Text(
            "See all that a policy would keep out: todoku reports whatif",
            "ポリシーの強化で届かなくなるメールの全体は todoku reports whatif で確認できます。",
        )


def _raise(domain: DomainNow, step: NextPolicy) -> Text:
    """The next step, never two at once."""
    seen = Text(
        f"{counted(step.messages, 'message')} on {counted(step.days, 'day')}, told of by {counted(step.reporters, 'verified reporter')}",
        f"検証済みレポーター{step.reporters:,}者のレポートで{step.days:,}日間、{step.messages:,}通",
    )
    return Text(
        f"All mail of {domain.domain} passes ({seen.en}): change p= at _dmarc.{domain.domain} to {step.policy}, and keep reading the reports.",
        f"{domain.domain} のメールはすべて合格しています({seen.ja})。_dmarc.{domain.domain} の p= を {step.policy} に変更し、引き続きレポートを確認してください。",
    )


def _not_enough(domain: DomainNow, step: NextPolicy) -> Text:
    """What is still wanting before a stricter policy can be advised."""
    large = Text("", "")
    if not step.has_large_reporter:
        large = Text(", none of them Google, Yahoo, Microsoft or Apple", "、Google・Yahoo・Microsoft・Appleを含まない")
    return Text(
        f"All mail of {domain.domain} passes, but not enough has been seen yet to raise its policy to {step.policy}: {step.days:,} of "
        f"{MIN_DAYS} days, {step.messages:,} of {MIN_MESSAGES} messages, {step.reporters:,} of {MIN_REPORTERS} verified "
        f"reporters{large.en}.",
        f"{domain.domain} のメールはすべて合格していますが、ポリシーを {step.policy} に引き上げるにはまだ不十分です(日数 {step.days:,}/{MIN_DAYS}、"
        f"メール {step.messages:,}/{MIN_MESSAGES}通、検証済みレポーター {step.reporters:,}/{MIN_REPORTERS}{large.ja})。",
    )


def _claimed(stream: Affected) -> Sequence[str]:
    """The domains that servers of a network claim; none where a signature or SPF names who sends."""
    return stream.authors if stream.network and stream.dkim_domain not in stream.authors else ()


def _find_servers(authors: Sequence[str], networks: Iterable[str]) -> Text:
    """What to find out of networks that send as the same domains."""
    places, author = [*networks], ", ".join(authors)
    many = len(places) > 1
    server, mine = ("servers of yours", "they are") if many else ("a server of yours", "it is")
    where = f"{', '.join(places[:-1])} and {places[-1]}" if many else places[0]
    return Text(
        f"Find out whether {server} in {where} {'send' if many else 'sends'} as {author}. If {mine} yours, send "
        f"{'their' if many else 'its'} mail through SES or sign it with DKIM; if not, a stricter policy keeps it out, as it should.",
        f"{'、'.join(places)} から {author} を名乗って送っているサーバーが自社のものか確認してください。自社のものなら、SES経由に"
        "切り替えるかDKIM署名を付けます。心当たりがなければ、ポリシーの強化で届かなくなるのが本来の姿です。",
    )


def _look_into(stream: Affected) -> Text:
    """What to find out of a stream that would be kept out."""
    name, author = named(stream), ", ".join(stream.authors)
    if stream.dkim_domain in stream.authors:
        return Text(
            f"Mail with a DKIM signature of {author} failed, last on {stream.last}. If it is yours ({name.en}), see whether the key "
            f"is published and the mail left as it was signed: todoku check {author}",
            f"{author} のDKIM署名が付いたメールが不合格になっています(最終 {stream.last})。自社のメール({name.ja})であれば、"
            f"公開鍵が公開されているか、署名後に本文が変わっていないかを確認してください(todoku check {author})。",
        )
    if any(f".{domain}".endswith(SES) for domain in (stream.spf_domain, stream.dkim_domain)):
        return Text(
            f"SES sends mail as {author} that is not authenticated as {author}. If your account sends it, set up Easy DKIM and a "
            f"MAIL FROM domain: todoku plan {stream.authors[0]}. If not, a stricter policy keeps it out.",
            f"SESから {author} として送られたメールが、SPFでもDKIMでも {author} と一致していません。自社のアカウントから送ったものなら、"
            f"todoku plan {stream.authors[0]} でEasy DKIMとカスタム MAIL FROM ドメインを設定できます。"
            "心当たりがなければ、ポリシーの強化で届かなくなります。",
        )
    return Text(
        f"{name.en} sends as {author}. If you asked for it, have it sign with DKIM as {author}; if not, a stricter policy keeps it out.",
        f"{name.ja} が {author} を名乗って送っています。自社で利用中のサービスなら、{author} でDKIM署名するよう設定してください。"
        "心当たりがなければ、ポリシーの強化で届かなくなります。",
    )
