"""Why a report is refused. A report is taken whole or not at all: half of its counts would be a wrong number.

A tag never changes and is never reused. What was refused is kept as it came by whoever stores reports, so that a person
can look at it. What only a message could have caused (an odd From domain, a selector of 5,000 characters) is no reason to
refuse: else a stranger's mail could silence a receiver's report.
"""

from __future__ import annotations

import msgspec

from todoku.words.verdict import Reason, Text, Values


class Refused(msgspec.Struct, frozen=True):
    """What was refused and why. ``name`` is the member or file that it is about, as it was written, for display only."""

    reason: Reason
    values: Values = {}
    name: str = ""

    @property
    def tag(self) -> str:
        """The reason's tag: ``report-truncated`` ..."""
        return self.reason.tag

    @property
    def text(self) -> Text:
        """One sentence in each language."""
        return Text(self.reason.text.en.format(**self.values), self.reason.text.ja.format(**self.values))


class Refusal(Exception):  # noqa: N818 -- it carries a Refused out of the depth of a parser, and never leaves feedback/
    """Raised where a parser cannot go on; each public function of ``feedback/`` turns it into its ``Refused``."""

    def __init__(self, reason: Reason, **values: str | int) -> None:
        """Keep what to say."""
        super().__init__(reason.tag)
        self.refused = Refused(reason, values)


TOO_LARGE = Reason(
    "report-too-large",
    Text(
        "It is larger than the {limit} bytes that are read of a report.",
        "レポートとして読み取る上限の{limit}バイトを超えています。",
    ),
)
BOMB = Reason(
    "report-bomb",
    Text(
        "It unpacks to more than {limit} bytes: a compression bomb.",
        "展開すると{limit}バイトを超えます(圧縮爆弾)。",
    ),
)
NESTED = Reason(
    "report-nested",
    Text(
        "It is packed more than {limit} times over.",
        "{limit}重を超えて圧縮されています。",
    ),
)
MEMBERS = Reason(
    "report-members",
    Text(
        "The archive, or the message, has more than {limit} members.",
        "アーカイブまたはメールに含まれるファイルが{limit}個を超えています。",
    ),
)
TRUNCATED = Reason(
    "report-truncated",
    Text(
        "It breaks off: it was cut short on the way.",
        "途中で切れています。転送中に失われた可能性があります。",
    ),
)
CORRUPT = Reason(
    "report-corrupt",
    Text(
        "Its compressed octets are damaged.",
        "圧縮データが壊れています。",
    ),
)
ENCRYPTED = Reason(
    "report-encrypted",
    Text(
        "The archive's member is encrypted.",
        "アーカイブ内のファイルが暗号化されています。",
    ),
)
COMPRESSION = Reason(
    "report-compression",
    Text(
        "The archive's member is compressed by method {method}, which reports are not.",
        "アーカイブ内のファイルの圧縮方式({method})には対応していません。",
    ),
)
EMPTY = Reason(
    "report-empty",
    Text(
        "It is empty.",
        "中身が空です。",
    ),
)
NONE_INSIDE = Reason(
    "report-none",
    Text(
        "There is no report in it.",
        "レポートが含まれていません。",
    ),
)
ATTACHMENT = Reason(
    "report-attachment",
    Text(
        "An attachment ({kind}) is in no form that reports come in.",
        "レポートに使われない形式の添付ファイル({kind})があります。",
    ),
)
NOT_XML = Reason(
    "report-not-xml",
    Text(
        "It is neither XML nor anything else that reports come in.",
        "XMLでも、レポートに使われるほかの形式でもありません。",
    ),
)
MALFORMED = Reason(
    "report-malformed",
    Text(
        "It is not well-formed: {error}",
        "XMLの書式が正しくありません: {error}",
    ),
)
DTD = Reason(
    "report-dtd",
    Text(
        "It has a document type declaration, which no report needs and which can make a parser read other files.",
        "文書型宣言(DTD)があります。レポートには不要で、ほかのファイルを読み込ませる攻撃に使われます。",
    ),
)
CHARSET = Reason(
    "report-charset",
    Text(
        "It is written in the charset {charset}, which is not known.",
        "文字コード {charset} は読み取れません。",
    ),
)
NOT_AGGREGATE = Reason(
    "report-not-aggregate",
    Text(
        "Its root element is {element}, so it is no DMARC aggregate report.",
        "ルート要素が {element} ですので、DMARC集約レポートではありません。",
    ),
)
STRUCTURE = Reason(
    "report-structure",
    Text(
        "A record stands where none may be, so that others may have been missed.",
        "record要素の位置が正しくないため、ほかのレコードを見落としている可能性があります。",
    ),
)
SPARSE = Reason(
    "report-sparse",
    Text(
        "More than {limit} bytes of XML hold no whole record.",
        "{limit}バイトを超えるXMLに、完結したレコードがありません。",
    ),
)
RECORDS = Reason(
    "report-records",
    Text(
        "It has more than {limit} records.",
        "レコードが{limit}件を超えています。",
    ),
)
ROWS = Reason(
    "report-rows",
    Text(
        "It has more than {limit} rows, too many for its {size} bytes: a compression bomb.",
        "{size}バイトのデータとしては多すぎる{limit}行超のレコードがあります(圧縮爆弾)。",
    ),
)
SLOW = Reason(
    "report-slow",
    Text(
        "Reading it takes more than {limit} seconds of processor time.",
        "読み取りにかかるCPU時間が{limit}秒を超えます。",
    ),
)
INCOMPLETE = Reason(
    "report-incomplete",
    Text(
        "It lacks {element}, which every report must have.",
        "必須の要素 {element} がありません。",
    ),
)
REPEATED = Reason(
    "report-repeated",
    Text(
        "{element} appears more than once; only one is allowed.",
        "1回しか使えない {element} が重複しています。",
    ),
)
DATES = Reason(
    "report-dates",
    Text(
        "Its period makes no sense: {begin} to {end}.",
        "対象期間が正しくありません: {begin}〜{end}。",
    ),
)
FUTURE = Reason(
    "report-future",
    Text(
        "Its period ends in the future: {end}.",
        "対象期間の終わりが未来の日時です: {end}。",
    ),
)
OLD = Reason(
    "report-old",
    Text(
        "Its period ended more than fifteen years ago: {end}.",
        "対象期間の終わりが15年以上前の日時です: {end}。",
    ),
)
NEGATIVE_COUNT = Reason(
    "report-negative-count",
    Text(
        "A count is negative: {count}.",
        "件数が負の値です: {count}。",
    ),
)
HUGE_COUNT = Reason(
    "report-huge-count",
    Text(
        "A count is larger than any receiver's mail: {count}.",
        "件数が実際にはありえない大きさです: {count}。",
    ),
)
NOT_A_COUNT = Reason(
    "report-count",
    Text(
        "A count is no whole number: {count}.",
        "件数が整数ではありません: {count}。",
    ),
)
ADDRESS = Reason(
    "report-address",
    Text(
        "A source address is no IP address: {address}.",
        "送信元がIPアドレスではありません: {address}。",
    ),
)
DOMAIN = Reason(
    "report-domain",
    Text(
        "The domain that it is about is no domain name: {domain}.",
        "対象のドメインがドメイン名ではありません: {domain}。",
    ),
)
NOT_TLS = Reason(
    "report-not-tls",
    Text(
        "It is JSON, but no SMTP TLS report: {error}",
        "JSONですが、SMTP TLSレポートではありません: {error}",
    ),
)
NOT_FEEDBACK = Reason(
    "report-not-feedback",
    Text(
        "The message has no part that says what is reported (message/feedback-report).",
        "報告内容を示すパート(message/feedback-report)がないメールです。",
    ),
)
NOT_AN_EVENT = Reason(
    "event-unknown",
    Text(
        "It is no event of SES: {error}",
        "SESのイベントではありません: {error}",
    ),
)
