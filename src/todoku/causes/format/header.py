"""What can be wrong with a message's header, in words: one reason for each tag of ``mail/lint`` that concerns it."""

from __future__ import annotations

from todoku.causes.format.fixes import (
    ADD_MISSING,
    ENCODE_WORDS,
    KEEP_ONE,
    ONE_AUTHOR,
    REPAIR_FIELDS,
)
from todoku.words.verdict import Reason, Text

LEADING_BLANK = Reason(
    "leading-blank",
    Text(
        "Something stands before the first field (a byte order mark, a blank or an empty line), so receivers take the header for body.",
        "最初のヘッダーの前に余分な文字(BOM、空白、空行)があり、受信側がヘッダーを本文とみなします。",
    ),
    fixes=(REPAIR_FIELDS,),
    case="F37",
)
NO_BODY_SEPARATOR = Reason(
    "no-body-separator",
    Text("No empty line ends the header.", "ヘッダーと本文を分ける空行がありません。"),
    fixes=(REPAIR_FIELDS,),
)
HEADER_TOO_LARGE = Reason(
    "header-too-large",
    Text(
        "The header is longer than the {limit} bytes that this tool reads; what stands beyond was not looked at.",
        "ヘッダーが本ツールの上限({limit}バイト)を超えており、それより後ろは確認していません。",
    ),
)
TOO_MANY_FIELDS = Reason(
    "too-many-fields",
    Text(
        "The header has more than the {limit} fields that this tool reads; the rest was not looked at.",
        "ヘッダーの数が本ツールの上限({limit}個)を超えており、残りは確認していません。",
    ),
)
FIELD_SYNTAX = Reason(
    "field-syntax",
    Text(
        "A line of the header is no field: it has no name and colon.",
        "ヘッダーの中に「名前: 値」の形でない行があります。",
    ),
    fixes=(REPAIR_FIELDS,),
    case="F37",
)
SPACE_BEFORE_COLON = Reason(
    "space-before-colon",
    Text(
        "A blank stands between “{name}” and its colon, which RFC 5322 no longer allows.",
        "「{name}」とコロンの間に空白があります。RFC 5322では許されていません。",
    ),
    fixes=(REPAIR_FIELDS,),
)
FIELD_TOO_LONG = Reason(
    "field-too-long",
    Text(
        "{name} is {length} bytes long; above {limit} receivers may refuse it.",
        "{name} が {length} バイトあります。{limit} バイトを超えると拒否されることがあります。",
    ),
    fixes=(REPAIR_FIELDS,),
)
FIELD_EMPTY = Reason(
    "field-empty",
    Text("{name} is there and holds no address.", "{name} はありますが、アドレスが書かれていません。"),
    fixes=(REPAIR_FIELDS,),
)
BLANK_FOLD = Reason(
    "blank-fold",
    Text(
        "A folded line holds white space only; some receivers take it for the end of the header.",
        "折り返した行が空白だけです。ヘッダーの終わりとみなす受信側があります。",
    ),
    fixes=(REPAIR_FIELDS,),
)
DUPLICATE_FIELD = Reason(
    "duplicate-field",
    Text(
        "{name} appears {count} times; only one is allowed. Receivers refuse such mail, since each of them could show another one.",
        "{name}ヘッダーが{count}つあります(許されるのは1つ)。どれを表示するかが定まらないため、受信側は拒否します。",
    ),
    fixes=(KEEP_ONE,),
    case="F37",
)
CONTENT_TYPE_DUPLICATE = Reason(
    "content-type-duplicate",
    Text(
        "Content-Type appears {count} times. SES refuses such a message, and receivers may read it differently.",
        "Content-Typeヘッダーが{count}つあります。SESは受け付けず、受信側によって解釈が変わります。",
    ),
    fixes=(KEEP_ONE,),
    case="F37",
)
MISSING_DATE = Reason(
    "missing-date", Text("There is no Date field.", "Dateヘッダーがありません。"), fixes=(ADD_MISSING,)
)
MISSING_FROM = Reason(
    "missing-from",
    Text("There is no From field.", "Fromヘッダーがありません。"),
    fixes=(ADD_MISSING,),
    case="F37",
)
MISSING_MESSAGE_ID = Reason(
    "missing-message-id",
    Text("There is no Message-ID field.", "Message-IDヘッダーがありません。"),
    fixes=(ADD_MISSING,),
)
MESSAGE_ID_SYNTAX = Reason(
    "message-id-syntax",
    Text(
        "Message-ID is not of the form <left@right>: {value}",
        "Message-IDが <左辺@右辺> の形ではありません: {value}",
    ),
    fixes=(REPAIR_FIELDS,),
)
DATE_SYNTAX = Reason(
    "date-syntax",
    Text("Date is no date: {value}", "Dateが日付として正しくありません: {value}"),
    fixes=(REPAIR_FIELDS,),
)
DATE_RANGE = Reason(
    "date-range",
    Text(
        "Date says {value}, which is {days} days from the arrival (minus: before it).",
        "Dateは {value} で、到着日時から {days} 日ずれています(マイナスは到着より前)。",
    ),
    fixes=(REPAIR_FIELDS,),
)
HEADER_8BIT = Reason(
    "header-8bit",
    Text(
        "{name} holds bytes that are not ASCII and not encoded by RFC 2047; receivers show garbage or refuse it.",
        "{name} に、RFC 2047でエンコードされていない非ASCII文字があります。文字化けや拒否の原因になります。",
    ),
    fixes=(ENCODE_WORDS,),
    case="F40",
)
HEADER_UTF8 = Reason(
    "header-utf8",
    Text(
        "{name} holds raw UTF-8, which only servers with SMTPUTF8 pass on.",
        "{name} にUTF-8がそのまま書かれています。SMTPUTF8に対応したサーバーにしか配送できません。",
    ),
    fixes=(ENCODE_WORDS,),
    case="F40",
)
ISO_2022_JP_RAW = Reason(
    "iso-2022-jp-raw",
    Text(
        "{name} holds ISO-2022-JP escape sequences without an encoded word; receivers show them as they are.",
        "{name} に、エンコードされていないISO-2022-JP(エスケープシーケンス)があります。そのまま表示され、文字化けします。",
    ),
    fixes=(ENCODE_WORDS,),
    case="F40",
)
CONTROL_CHARACTER = Reason(
    "control-character",
    Text("{name} holds a control character.", "{name} に制御文字があります。"),
    fixes=(REPAIR_FIELDS,),
)
ENCODED_WORD_MISPLACED = Reason(
    "encoded-word-misplaced",
    Text(
        "{name} has an encoded word (=?...?=) where none may stand, such as in an address; receivers find no address there.",
        "{name} の、エンコードが許されない場所(アドレスなど)に =?...?= があります。受信側はアドレスを読み取れません。",
    ),
    fixes=(ENCODE_WORDS,),
    case="F40",
)
ENCODED_WORD_QUOTED = Reason(
    "encoded-word-quoted",
    Text(
        "{name} has an encoded word inside quotation marks, where it must not be decoded: some readers show it raw.",
        "{name} で、引用符の中にエンコードされた語があります。デコードされず、そのまま表示されることがあります。",
    ),
    fixes=(ENCODE_WORDS,),
    case="F40",
)
ENCODED_WORD_TOO_LONG = Reason(
    "encoded-word-too-long",
    Text(
        "{name} has an encoded word of {length} characters; 75 is the limit of RFC 2047, and relays re-fold longer ones, which breaks signatures.",
        "{name} に {length} 文字のエンコードされた語があります(RFC 2047の上限は75文字)。中継時に折り返され、署名が壊れることがあります。",
    ),
    fixes=(ENCODE_WORDS,),
    case="F40",
)
ENCODED_WORD_INVALID = Reason(
    "encoded-word-invalid",
    Text(
        "{name} has an encoded word that cannot be decoded (charset {charset}).",
        "{name} に、デコードできないエンコード語があります(文字コード {charset})。",
    ),
    fixes=(ENCODE_WORDS,),
    case="F40",
)
ENCODED_WORD_SPLIT_CHARACTER = Reason(
    "encoded-word-split-character",
    Text(
        "{name} has an encoded word that ends in the middle of a character (charset {charset}); readers show garbage there.",
        "{name} のエンコード語が、文字の途中で区切られています(文字コード {charset})。その箇所が文字化けします。",
    ),
    fixes=(ENCODE_WORDS,),
    case="F40",
)
FROM_SEVERAL_ADDRESSES = Reason(
    "from-several-addresses",
    Text("From names several addresses; it must name one.", "Fromに複数のアドレスがあります。1つにしてください。"),
    fixes=(ONE_AUTHOR,),
    case="F37",
)
FROM_SYNTAX = Reason(
    "from-syntax",
    Text("From is not an address by RFC 5322.", "Fromのアドレスの書き方がRFC 5322に従っていません。"),
    fixes=(ONE_AUTHOR,),
    case="F40",
)
FROM_EMPTY = Reason(
    "from-empty", Text("From holds no address.", "Fromにアドレスがありません。"), fixes=(ONE_AUTHOR,), case="F37"
)
FROM_ROUTE = Reason(
    "from-route",
    Text(
        "From gives a route (<@host:user@domain>), which has long been obsolete.",
        "Fromに経路指定(<@host:user@domain>)があります。廃止された書き方です。",
    ),
    fixes=(ONE_AUTHOR,),
)
FROM_CONTROL_CHARACTER = Reason(
    "from-control-character",
    Text("The address in From holds a control character.", "Fromのアドレスに制御文字があります。"),
    fixes=(ONE_AUTHOR,),
    case="F40",
)
GROUP_FROM = Reason(
    "group-from",
    Text(
        "From names a group instead of an address; there is then no domain to authenticate.",
        "Fromがアドレスではなくグループです。認証するドメインがありません。",
    ),
    fixes=(ONE_AUTHOR,),
)
UTF8_ADDRESS = Reason(
    "utf8-address",
    Text(
        "The part of the From address before the @ is not ASCII; most receivers cannot take it.",
        "Fromのアドレスの @ より前がASCIIではありません。受け取れない受信側が大半です。",
    ),
    fixes=(ONE_AUTHOR,),
    case="F40",
)
ADDRESS_EXOTIC = Reason(
    "address-exotic",
    Text(
        "The From address {address} has characters that no mailbox of these receivers has.",
        "Fromのアドレス {address} に、受信側のメールボックスで使われない文字があります。",
    ),
    fixes=(ONE_AUTHOR,),
)
ADDRESS_DOTS = Reason(
    "address-dots",
    Text(
        "{name} has the address {address}, whose dots RFC 5322 does not allow (doubled, or before the @).",
        "{name} のアドレス {address} は、ドットの連続または @ の直前のドットがあり、RFC 5322に従っていません。",
    ),
    case="F41",
)
DOMAIN_INVALID = Reason(
    "domain-invalid",
    Text("{domain} in From is no domain name.", "Fromの {domain} はドメイン名として正しくありません。"),
    fixes=(ONE_AUTHOR,),
)
DOMAIN_MIXED_SCRIPT = Reason(
    "domain-mixed-script",
    Text(
        "The From domain {domain} mixes scripts in one label, as look-alike domains do (UTS #39).",
        "Fromのドメイン {domain} は1つのラベルに異なる文字体系が混在しており、紛らわしいドメインとみなされます(UTS #39)。",
    ),
)
