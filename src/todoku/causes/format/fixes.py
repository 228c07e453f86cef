"""How a malformed message is mended: each fix names the fields and the bytes where the message at hand goes wrong."""

from __future__ import annotations

from collections.abc import Iterable

from todoku.mail.address import Author
from todoku.mail.lint import Defect
from todoku.words.change import Change, Instruction
from todoku.words.verdict import Fix, Text

MAX_PLACES = 5


def _places(defects: Iterable[Defect], *tags: str) -> Text:
    """Where defects of these tags stand: ``Subject at byte 120, byte 340``."""
    found = [one for one in defects if one.tag in tags]
    en = [f"{name} at byte {at}" if name else f"byte {at}" for name, at in map(_place, found[:MAX_PLACES])]
    ja = [f"{name}({at}バイト目)" if name else f"{at}バイト目" for name, at in map(_place, found[:MAX_PLACES])]
    more = len(found) - MAX_PLACES
    if more > 0:
        en.append(f"{more} more")
        ja.append(f"ほか{more}か所")
    return Text(", ".join(en), "、".join(ja))


def _place(one: Defect) -> tuple[str, int]:
    name = str(one.values.get("name", "")).title()
    return name.replace("Message-Id", "Message-ID").replace("Mime-", "MIME-"), one.offset


def keep_one(defects: tuple[Defect, ...]) -> tuple[Change, ...]:
    """A field that may stand once stands there more often: usually the program sets it and its library adds it again."""
    where = _places(defects, "duplicate-field", "content-type-duplicate")
    return (
        Instruction(
            Text(
                f"Keep one of each: {where.en}. Usually the program writes the field and its mail library adds it again; set it in "
                "one place only.",
                f"重複を1つにしてください: {where.ja}。多くの場合、プログラムが書いたヘッダーを、メールライブラリがもう一度追加しています。"
                "設定する場所を1か所にします。",
            )
        ),
    )


def encode_words(defects: tuple[Defect, ...]) -> tuple[Change, ...]:
    """RFC 2047, and where it does not reach: addresses are plain ASCII."""
    where = _places(
        defects,
        "header-8bit",
        "header-utf8",
        "iso-2022-jp-raw",
        "encoded-word-misplaced",
        "encoded-word-quoted",
        "encoded-word-too-long",
        "encoded-word-invalid",
        "encoded-word-split-character",
    )
    return (
        Instruction(
            Text(
                f"Encode by RFC 2047 what is not ASCII ({where.en}): only the words that people read (Subject, the display name), as =?UTF-8?B?...?= of at "
                "most 75 characters each, without quotation marks, and never the address itself. Python's EmailMessage and "
                "SESv2's Content.Simple do so by themselves.",
                f"次の箇所をRFC 2047の形でエンコードしてください: {where.ja}。対象は人が読む部分(件名と表示名)だけで、=?UTF-8?B?...?= の形で"
                "1語75文字以内とし、引用符で囲まず、アドレス自体はエンコードしません。PythonのEmailMessageやSESv2の Content.Simple では"
                "自動で行われます。",
            )
        ),
    )


def write_one_author(author: Author) -> tuple[Change, ...]:
    """From as receivers want it: one address, plainly written; the first address that was found serves as the example."""
    found = next((one for one in author.addresses if one.local and one.domain), None)
    example = f": <{found.local}@{found.domain}>" if found is not None and found.local.isascii() else ""
    return (
        Instruction(
            Text(
                f"Write From as one address, after an optional display name{example}. The address is ASCII, without comments, groups "
                "or routes. Further authors belong into Reply-To.",
                f"Fromは、アドレスを1つだけ、必要なら表示名に続けて書いてください{example}。アドレスはASCIIとし、コメント、グループ、経路指定は"
                "使いません。ほかの差出人はReply-Toに書きます。",
            )
        ),
    )


def add_missing(defects: tuple[Defect, ...]) -> tuple[Change, ...]:
    """Which fields to add, and why SES's own do not show here."""
    names = ", ".join(
        {"missing-date": "Date", "missing-from": "From", "missing-message-id": "Message-ID"}[one.tag]
        for one in defects
        if one.tag in ("missing-date", "missing-from", "missing-message-id")
    )
    return (
        Instruction(
            Text(
                f"Add {names}. SES writes Date and Message-ID itself, so a message that lacks them did not keep what SES wrote, or came another way.",
                f"{names} を付けてください。DateとMessage-IDはSESが付けるため、これらがないメールは、SES以外から送られたか、"
                "SESが付けたものが失われています。",
            )
        ),
    )


def repair_fields(defects: tuple[Defect, ...]) -> tuple[Change, ...]:
    """The header as RFC 5322 has it: name, colon, value, nothing else."""
    where = _places(
        defects,
        "leading-blank",
        "no-body-separator",
        "field-syntax",
        "space-before-colon",
        "field-too-long",
        "field-empty",
        "blank-fold",
        "control-character",
        "nul",
        "message-id-syntax",
        "date-syntax",
        "date-range",
    )
    return (
        Instruction(
            Text(
                f"Fix the header ({where.en}): each field is a name, a colon and a value; a folded line begins with a blank and is not "
                "empty; one empty line ends the header. Build it with a mail library rather than by joining strings, or let "
                "SESv2 build it (Content.Simple).",
                f"ヘッダーを直してください: {where.ja}。各ヘッダーは「名前: 値」の形とし、折り返した行は空白で始めて空にせず、最後に空行を1つ置きます。"
                "文字列の連結ではなくメールライブラリで組み立てるか、SESv2の Content.Simple に任せてください。",
            )
        ),
    )


def end_lines(defects: tuple[Defect, ...]) -> tuple[Change, ...]:
    """CR LF, always both."""
    where = _places(defects, "bare-lf", "bare-cr")
    return (
        Instruction(
            Text(
                f"End every line of raw mail with CR LF; one of them stands alone here: {where.en}.",
                f"Raw形式のすべての行をCRLFで終えてください。単独のCRまたはLFがあります: {where.ja}。",
            )
        ),
    )


def encode_body(defects: tuple[Defect, ...]) -> tuple[Change, ...]:
    """A transfer encoding keeps lines short and octets below 0x80 all the way."""
    where = _places(
        defects, "line-too-long", "encoding-8bit-body", "encoding-undeclared-8bit", "content-encoding-invalid"
    )
    return (
        Instruction(
            Text(
                f"Send the part concerned ({where.en}) with Content-Transfer-Encoding quoted-printable or base64, which keeps lines short and "
                "ASCII on the whole way. Encode before anything signs.",
                f"次の箇所を含むパートは、Content-Transfer-Encoding を quoted-printable または base64 にして送ってください: {where.ja}。"
                "行が短く保たれ、途中で書き換えられません。エンコードは署名より前に行います。",
            )
        ),
    )


def mend_mime(defects: tuple[Defect, ...]) -> tuple[Change, ...]:
    """What a multipart needs."""
    where = _places(
        defects,
        "mime-version-missing",
        "content-type-syntax",
        "boundary-missing",
        "boundary-unused",
        "boundary-unclosed",
    )
    return (
        Instruction(
            Text(
                f"Fix the MIME structure ({where.en}): MIME-Version: 1.0, a Content-Type of the form type/subtype, and for a "
                "multipart a boundary that stands before each part and, with -- behind it, after the last.",
                f"MIMEの構造を直してください: {where.ja}。MIME-Version: 1.0 と type/subtype の形のContent-Typeを付け、multipartでは各パートの前に"
                "boundaryの行、最後のパートの後に -- を付けたboundaryの行を置きます。",
            )
        ),
    )


KEEP_ONE = Fix("one-of-each-field", Text("Send each field once", "ヘッダーの重複をなくす"), keep_one)
ENCODE_WORDS = Fix("encode-words", Text("Encode what is not ASCII", "ASCII以外の文字をエンコードする"), encode_words)
ONE_AUTHOR = Fix("one-author", Text("Write From as one address", "Fromのアドレスを1つにする"), write_one_author)
ADD_MISSING = Fix("add-missing-fields", Text("Add the missing fields", "不足しているヘッダーを付ける"), add_missing)
REPAIR_FIELDS = Fix("repair-header", Text("Fix the header", "ヘッダーを直す"), repair_fields)
END_LINES = Fix("crlf-line-ends", Text("End lines with CR LF", "改行をCRLFにする"), end_lines)
ENCODE_BODY = Fix("encode-body", Text("Encode the body", "本文をエンコードする"), encode_body)
MEND_MIME = Fix("mend-mime", Text("Fix the MIME structure", "MIMEの構造を直す"), mend_mime)
