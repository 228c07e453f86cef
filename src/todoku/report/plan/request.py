"""What to send to whoever keeps the DNS: each record by host part and full name, ready to be entered at any provider.

It is Markdown: readable as it is in a mail, a table in a ticket. Values are those that a person enters in a form, so TXT
has no quotes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from todoku.plan.step import Plan
from todoku.report.markup import block, code, plain
from todoku.report.plan.records import (
    STRING,
    PlannedSet,
    awaited_values,
    known_after,
    master_value,
    planned_sets,
    shown_value,
)
from todoku.report.plan.words import headline, look
from todoku.report.render_options import Manner
from todoku.report.words import Language, harmless, say
from todoku.words.change import Instruction
from todoku.words.verdict import Text

TABLE = Text("| host part | full name | type | value | TTL |", "| ホスト名 | 完全な名前 | タイプ | 値 | TTL |")
HOST = Text(
    "Host part or full name: many panels append the domain by themselves, and want the host part; others want the full name. "
    "Afterwards the record must stand at the full name, and not at {twice}.",
    "ホスト名と完全な名前: ドメイン名を自動で補う管理画面ではホスト名を、そうでない画面では完全な名前を入力してください。"
    "登録後の名前が {twice} のように二重になっていないことを確認してください。",
)
CNAMES = Text(
    "CNAME: no other record may stand at the same name. At Cloudflare set it to DNS only (grey cloud), not to Proxied.",
    "CNAME: 同じ名前に他のレコードを置けません。Cloudflareではプロキシを使わず、「DNSのみ」(灰色の雲)に設定してください。",
)
PREFERENCE = Text(
    "MX: where the panel has a field of its own for the priority, enter the number there and the rest as the value. It must be "
    "the only MX record at its name.",
    "MX: 優先度の欄が別にある場合は、数字を優先度に、残りを値に入力してください。同じ名前のMXレコードはこの1件だけにしてください。",
)
TXTS = Text(
    "TXT: enter the value without quotes, as one line. There may be one SPF record and one DMARC record at a name.",
    "TXT: 引用符を付けず、1行で入力してください。SPFレコードとDMARCレコードは、同じ名前にそれぞれ1件だけです。",
)
LONG = Text(
    "This value is longer than 255 characters. Most panels split it by themselves; one that refuses it takes:",
    "この値は255文字を超えています。多くの管理画面では自動で分割されますが、登録できない場合は次の形で入力してください:",
)
OTHERS = Text(
    "Leave the other {rdtype} records at {name} as they are.", "{name} の他の{rdtype}レコードは変更しないでください。"
)
TTL_STAYS = Text("as it is", "変更なし")
"""Of a set that stands there already: a resolver's answer does not show it, its TTL runs down."""
LATER = Text(
    "Not yet: these values are known only after SES has made the identity. A new request with them will follow.",
    "次のレコードは、SESで検証済みIDを作成した後に値が決まります。確定後にあらためて依頼します。",
)


def render(plan: Plan, manner: Manner) -> str:
    """The request, zone by zone."""
    return "\n".join(_Request(plan, manner.language).lines()) + "\n"


class _Request:
    """One request in one language."""

    def __init__(self, plan: Plan, language: Language) -> None:
        self.plan = plan
        self.language = language
        self.sets = planned_sets(plan)

    def say(self, text: Text) -> str:
        return say(text, self.language)

    def lines(self) -> Iterator[str]:
        domain = plain(self.plan.domain)
        yield f"# {self.say(Text(f'DNS records for {domain}', f'{domain} のDNSレコード登録のお願い'))}\n"
        if not self.plan.ready:
            yield f"**{plain(self.say(headline(self.plan)))}**"
            return
        if not self.sets:
            yield self.say(Text("There is nothing to change in the DNS.", "DNSの変更は必要ありません。"))
        else:
            why = Text(
                f"With these records Amazon SES sends mail as {domain}, and receivers can verify it.",
                f"Amazon SESから {domain} としてメールを送り、受信側で認証されるために必要なレコードです。",
            )
            yield self.say(why)
        for zone in dict.fromkeys(one.zone for one in self.sets):
            yield from self.zone(zone, [one for one in self.sets if one.zone == zone])
        yield from self.elsewhere()

    def zone(self, zone: str, sets: Sequence[PlannedSet]) -> Iterator[str]:
        """The changes of one zone: what goes first, then what comes, then what cannot be said yet."""
        known = [one for one in sets if not one.awaited]
        yield f"\n## {self.say(Text('Zone', 'ゾーン'))}: {plain(zone)}"
        remove = Text("Remove first", "先に削除するレコード")
        yield from self.table(remove, [(one, value) for one in known for value in one.removed])
        add = Text("Add", "追加するレコード")
        yield from self.table(add, [(one, value) for one in known for value in one.came])
        yield from self.notes(zone, known)
        later = [one for one in sets if one.awaited]
        if later:
            yield f"\n{self.say(LATER)}"
            yield from self.table(None, [(one, value) for one in later for value in one.came])
            yield ""
            for one in later:
                yield f"- {self.say(known_after(one, self.plan))}: {', '.join(map(code, awaited_values(one)))}"
        if known:
            yield f"\n{self.say(Text('To check afterwards:', '登録後の確認方法:'))}\n"
            looks = (look(one.step) for one in known)
            yield from block(dict.fromkeys(seen.command for seen in looks if seen))

    def table(self, heading: Text | None, rows: Sequence[tuple[PlannedSet, str]]) -> Iterator[str]:
        if not rows:
            return
        yield f"\n### {self.say(heading)}\n" if heading else ""
        yield self.say(TABLE)
        yield "|---|---|---|---|---|"
        for one, value in rows:
            ttl = self.say(TTL_STAYS) if one.change.before.values else str(one.change.ttl)
            cells = (code(one.host), code(one.name), one.rdtype, code(shown_value(value)), ttl)
            yield f"| {' | '.join(cell.replace('|', BAR) for cell in cells)} |"

    def notes(self, zone: str, sets: Sequence[PlannedSet]) -> Iterator[str]:
        """What to mind at the provider's panel."""
        if not sets:
            return
        types = {one.rdtype for one in sets}
        twice = code(f"{sets[0].name}.{zone}")
        notes = [Text(HOST.en.format(twice=twice), HOST.ja.format(twice=twice))]
        notes += [text for rdtype, text in (("CNAME", CNAMES), ("MX", PREFERENCE), ("TXT", TXTS)) if rdtype in types]
        notes += [_others(one) for one in sets if one.kept]
        yield ""
        yield from (f"- {self.say(note)}" for note in notes)
        for one in sets:
            yield from self.long(one, [value for value in one.came if one.rdtype == "TXT" and len(value) > STRING])

    def long(self, one: PlannedSet, values: Iterable[str]) -> Iterator[str]:
        for value in values:
            yield f"- {code(one.name)}: {plain(self.say(LONG))}\n"
            yield from (f"  {line}" for line in block([master_value("TXT", value)]))

    def elsewhere(self) -> Iterator[str]:
        """What somebody else is to publish."""
        for step in self.plan.steps:
            if isinstance(step.action, Instruction) and step.id in PUBLISHED_BY_HAND:
                yield f"\n## {self.say(PUBLISHED_BY_HAND[step.id])}\n"
                yield plain(self.say(step.action.text))
                if step.action.lines:
                    yield ""
                    yield from block(map(harmless, step.action.lines))


PUBLISHED_BY_HAND = {
    "report-permission": Text("For another zone", "別のゾーンへの登録"),
    "publish-own-key": Text("With a key of your own", "独自の鍵のレコード"),
}
"""What only a person can do and that is a DNS record, by the step's id."""

BAR = r"\|"
"""A bar inside a cell of a table."""


def _others(one: PlannedSet) -> Text:
    name = code(one.name)
    return Text(OTHERS.en.format(rdtype=one.rdtype, name=name), OTHERS.ja.format(rdtype=one.rdtype, name=name))
