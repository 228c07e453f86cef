"""What can be wrong with a message's lines and MIME parts, in words: one reason for each tag of ``mail/lint``."""

from __future__ import annotations

from todoku.causes.format.fixes import ENCODE_BODY, END_LINES, MEND_MIME, REPAIR_FIELDS
from todoku.mail.message import MAX_HEADER
from todoku.mail.mime import MAX_DEPTH, MAX_PARTS
from todoku.words.verdict import Reason, Text

MESSAGE_TOO_LARGE = Reason(
    "message-too-large",
    Text(
        "The message is larger than the {limit} bytes that this tool reads; the rest was not looked at.",
        "メールが本ツールの上限({limit}バイト)を超えており、それより後ろは確認していません。",
    ),
)
BARE_LF = Reason(
    "bare-lf",
    Text(
        "LF stands without CR ({count} in all); Exchange refuses such mail, others may split it.",
        "CRを伴わないLFが {count} か所あります。Exchangeは拒否し、ほかの受信側でも誤って解釈されることがあります。",
    ),
    fixes=(END_LINES,),
    case="F38",
)
BARE_CR = Reason(
    "bare-cr",
    Text(
        "CR stands without LF ({count} in all), which RFC 5322 forbids.",
        "LFを伴わないCRが {count} か所あります。RFC 5322で禁じられています。",
    ),
    fixes=(END_LINES,),
    case="F38",
)
NUL = Reason(
    "nul",
    Text("NUL bytes stand in the message ({count}).", "メールにNUL文字が{count}個あります。"),
    fixes=(REPAIR_FIELDS,),
)
LINE_TOO_LONG = Reason(
    "line-too-long",
    Text(
        "A line is {length} bytes long; above {limit} servers cut or wrap it, which breaks signatures, or refuse it.",
        "{length} バイトの行があります。{limit} バイトを超えると、切断や折り返しで署名が壊れたり、拒否されたりします。",
    ),
    fixes=(ENCODE_BODY,),
    case="F39",
)
MIME_VERSION_MISSING = Reason(
    "mime-version-missing",
    Text(
        "MIME fields are there without MIME-Version; some readers then show the parts as plain text.",
        "MIMEのヘッダーがありますが、MIME-Versionがありません。本文がそのまま表示されることがあります。",
    ),
    fixes=(MEND_MIME,),
)
CONTENT_TYPE_SYNTAX = Reason(
    "content-type-syntax",
    Text(
        "A Content-Type is not of the form type/subtype, so the part is read as plain text.",
        "Content-Typeが type/subtype の形ではないため、プレーンテキストとして扱われます。",
    ),
    fixes=(MEND_MIME,),
)
CONTENT_ENCODING_INVALID = Reason(
    "content-encoding-invalid",
    Text(
        "A Content-Transfer-Encoding is unknown, or one that a multipart must not have.",
        "Content-Transfer-Encodingが未知の値か、multipartでは許されない値です。",
    ),
    fixes=(ENCODE_BODY,),
)
BOUNDARY_MISSING = Reason(
    "boundary-missing",
    Text("A multipart names no boundary.", "multipartにboundaryの指定がありません。"),
    fixes=(MEND_MIME,),
)
BOUNDARY_UNUSED = Reason(
    "boundary-unused",
    Text(
        "The boundary that a multipart names never comes, so its parts cannot be found.",
        "multipartが指定したboundaryの行が本文にないため、各パートを読み取れません。",
    ),
    fixes=(MEND_MIME,),
)
BOUNDARY_UNCLOSED = Reason(
    "boundary-unclosed",
    Text(
        "A multipart is not closed by its boundary: the message may have been cut off.",
        "multipartの終わりを示すboundaryの行がありません。メールが途中で切れている可能性があります。",
    ),
    fixes=(MEND_MIME,),
)
ENCODING_8BIT_BODY = Reason(
    "encoding-8bit-body",
    Text(
        "A part goes out as {encoding}; some relays re-code it on the way, which breaks the signatures.",
        "{encoding} のパートがあります。中継時に変換され、署名が壊れることがあります。",
    ),
    fixes=(ENCODE_BODY,),
    case="F39",
)
ENCODING_UNDECLARED_8BIT = Reason(
    "encoding-undeclared-8bit",
    Text(
        "A part says that it is {encoding}, yet holds bytes that are not ASCII.",
        "{encoding} と宣言されたパートに、ASCII以外のバイトがあります。",
    ),
    fixes=(ENCODE_BODY,),
    case="F39",
)
MIME_LIMIT = Reason(
    "mime-limit",
    Text(
        f"The message is nested deeper than the {MAX_DEPTH} levels, has more than the {MAX_PARTS} parts, or a part with a longer "
        f"header than the {MAX_HEADER // 1024} KiB, that this tool reads; the rest was not looked at.",
        f"パートの入れ子が{MAX_DEPTH}段、数が{MAX_PARTS}個、または1つのパートのヘッダーが{MAX_HEADER // 1024} KiBという本ツールの上限を超えており、"
        "残りは確認していません。",
    ),
)
