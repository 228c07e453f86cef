"""What a stricter policy would have done."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import UNSET

from todoku.feedback.answers import Fate, WhatIf
from todoku.report.answers.document import Answers
from todoku.report.answers.pages.about import LAST, MESSAGES, NAMES, network_note, titled
from todoku.report.answers.table import Page, column, table
from todoku.report.words import counted
from todoku.words.verdict import Text

FATES: dict[Fate, Text] = {
    "refused": Text("kept out", "届かない"),
    "exempt": Text("excepted", "例外扱い"),
    "already": Text("already", "適用済み"),
}
COLUMNS = (
    column("would be", "扱い", lambda one: FATES[one.fate], "whole"),
    *(*NAMES, MESSAGES, LAST),
    column("reason", "例外の理由", lambda one: one.reason, wide=True),
    column("From domains", "Fromのドメイン", lambda one: ", ".join(one.authors), wide=True),
)
DONE = {"reject": Text("refused", "拒否されて"), "quarantine": Text("put into spam folders", "迷惑メールに入って")}


def page(answers: Answers, limit: int) -> Page:
    """What would have become of which mail."""
    title = titled(answers, Text("What a policy would have done", "ポリシーを変えた場合の試算"))
    found = answers.whatif
    if found is UNSET:
        return Page(title=title)
    order = tuple(FATES)
    streams = sorted(found.streams, key=lambda one: (order.index(one.fate), -one.messages))
    listed = Text("Mail that fails, by what would become of it", "不合格のメールの内訳")
    tables = (table(listed, COLUMNS, streams, limit),) if streams else ()
    notes = (*apart(found), SUBDOMAINS, *network_note(streams)) if streams else ()
    return Page(title=title, said=(verdict(found, answers),), tables=tables, notes=notes)


SUBDOMAINS = Text(
    "Reports do not tell whether a subdomain exists: sp= stands for np= too.",
    "サブドメインが実在するかどうかはレポートからは分からないため、np= も sp= と同じとみなしています。",
)


def tags(found: WhatIf) -> str:
    """The policies as a record has them."""
    return (
        f"p={found.policy}"
        if found.subdomain_policy == found.policy
        else f"p={found.policy} sp={found.subdomain_policy}"
    )


def verdict(found: WhatIf, answers: Answers) -> Text:
    """How many messages a day would not have reached their readers, and from how many sources."""
    since = answers.extent.first if answers.extent is not None else answers.since
    sources = len({one.key for one in found.streams if one.fate == "refused"})
    harshest = "reject" if "reject" in (found.policy, found.subdomain_policy) else "quarantine"
    done = DONE[harshest]
    if not found.refused:
        return Text(
            f"With {tags(found)} since {since}, no further message would have been {done.en}.",
            f"{since} から {tags(found)} にしていたとしても、新たに{done.ja}いたメールはありません。",
        )
    number = found.refused_a_day
    if found.refused < found.days:  # less than one a day
        return Text(
            f"With {tags(found)} since {since}, {counted(found.refused, 'more message')} from {counted(sources, 'source')} would have "
            f"been {done.en} in {counted(found.days, 'day')}.",
            f"{since} から {tags(found)} にしていた場合、{sources:,}か所の送信元からのメールが、{found.days:,}日間で{found.refused:,}通、"
            f"新たに{done.ja}いたはずです。",
        )
    return Text(
        f"With {tags(found)} since {since}, {counted(number, 'more message')} a day from "
        f"{counted(sources, 'source')} would have been {done.en}: {found.refused:,} in {counted(found.days, 'day')}.",
        f"{since} から {tags(found)} にしていた場合、{sources:,}か所の送信元からのメールが1日平均{number:,}通、新たに{done.ja}"
        f"いたはずです({found.days:,}日間で計{found.refused:,}通)。",
    )


def apart(found: WhatIf) -> Iterable[Text]:
    """What is told apart from that number."""
    if found.exempt:
        yield Text(
            f"Not counted: {counted(found.exempt, 'message')} that receivers excepted (mailing lists, forwarders they trust, rules of their "
            "own). They may do so again, but need not.",
            f"このほか{found.exempt:,}通は、受信側がメーリングリスト・信頼する転送元・独自の判断などを理由に例外として扱ったため、数に含めて"
            "いません。今後も例外になるとは限りません。",
        )
    if found.already:
        yield Text(
            f"Not counted: {counted(found.already, 'message')} that met at least this policy in fact.",
            f"実際にこのポリシー以上の扱いを受けていた{found.already:,}通も、数に含めていません。",
        )
