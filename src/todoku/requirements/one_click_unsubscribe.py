"""One-click unsubscribe: an https address and a Post field that says so, both under a passing DKIM signature (RFC 8058).

Gmail asks for exactly that. Yahoo takes a ``mailto:`` address instead. Outlook.com wants a ``mailto:`` and reads nothing
else. What is wrong with the header is said before the signatures are looked at. Nothing is fetched.
"""

from __future__ import annotations

from datetime import date

import msgspec

from todoku.auth.dkim.verify import DkimResult
from todoku.causes.circumstances import Circumstances
from todoku.causes.dkim.damage import explain
from todoku.causes.dkim.signatures import as_notes
from todoku.causes.exhibits import header_exhibit
from todoku.causes.identity_cache import remembered
from todoku.causes.unsubscribe.fixes import LIST_MANAGEMENT, SET_HEADERS, SIGN_BOTH
from todoku.causes.unsubscribe.purpose import by_purpose
from todoku.causes.witnesses.google import google_witness
from todoku.mail.domain_name import is_domain_name
from todoku.mail.message import Message
from todoku.mail.unsubscribe import Unsubscribe
from todoku.receivers import clause, gmail, outlook
from todoku.words.pages import SES_GUIDE, ses_guide
from todoku.words.verdict import (
    Exhibit,
    Finding,
    Missing,
    Note,
    Reason,
    Requirement,
    SesDefault,
    Terms,
    Text,
    Values,
    Witness,
)

BOTH = frozenset({"list-unsubscribe", "list-unsubscribe-post"})
DUE = date(2024, 6, 1)


ONE_CLICK = Reason(
    "one-click-offered",
    Text(
        "The message offers one-click unsubscribe at {host}, and the passing signature of {signer} covers both fields.",
        "{host} でのワンクリック登録解除に対応しており、両方のヘッダーが {signer} の有効な署名の対象になっています。",
    ),
)
BY_MAILTO = Reason(
    "unsubscribe-by-mailto",
    Text(
        "List-Unsubscribe gives a mailto: address, which is enough for this receiver.",
        "List-Unsubscribeにmailto:のアドレスがあり、この受信側ではこれで十分です。",
    ),
)
NO_HEADER = Reason(
    "one-click-missing",
    Text(
        "The message that arrived has no List-Unsubscribe field.",
        "届いたメールにList-Unsubscribeヘッダーがありません。",
    ),
    fixes=(SET_HEADERS, LIST_MANAGEMENT),
    case="F29",
)
MAILTO_ONLY = Reason(
    "one-click-mailto-only",
    Text(
        "List-Unsubscribe gives only a mailto: address; one-click needs an https one.",
        "List-Unsubscribeにmailto:のアドレスしかありません。ワンクリック登録解除にはhttpsのURLが必要です。",
    ),
    fixes=(SET_HEADERS, LIST_MANAGEMENT),
    case="F30",
)
HTTP_ONLY = Reason(
    "one-click-http",
    Text(
        "The address at {host} is http; one-click needs https.",
        "{host} のURLがhttpです。ワンクリック登録解除にはhttpsのURLが必要です。",
    ),
    fixes=(SET_HEADERS,),
    case="F30",
)
NO_POST = Reason(
    "one-click-no-post",
    Text(
        "List-Unsubscribe-Post is missing, so {host} is only a landing page, not one-click.",
        "List-Unsubscribe-Postヘッダーがないため、{host} は通常のページへのリンクとして扱われ、ワンクリックになりません。",
    ),
    fixes=(SET_HEADERS,),
    case="F30",
)
POST_VALUE = Reason(
    "one-click-post-value",
    Text(
        "List-Unsubscribe-Post says “{post}”; it must say exactly “List-Unsubscribe=One-Click”.",
        "List-Unsubscribe-Postの値が「{post}」です。正確に「List-Unsubscribe=One-Click」でなければなりません。",
    ),
    fixes=(SET_HEADERS,),
    case="F30",
)
SEVERAL_HTTPS = Reason(
    "one-click-several-https",
    Text(
        "List-Unsubscribe gives several https addresses; RFC 8058 allows one.",
        "List-UnsubscribeにhttpsのURLが複数あります。RFC 8058では1つに限られます。",
    ),
    fixes=(SET_HEADERS,),
)
REPEATED = Reason(
    "list-unsubscribe-repeated",
    Text(
        "List-Unsubscribe or List-Unsubscribe-Post appears more than once, so receivers may ignore it.",
        "List-UnsubscribeまたはList-Unsubscribe-Postが複数あり、受信側に無視されることがあります。",
    ),
    fixes=(SET_HEADERS,),
)
ENCODED = Reason(
    "list-unsubscribe-encoded",
    Text(
        "List-Unsubscribe is written as an encoded word (=?...?=), which must not stand there: receivers see no address.",
        "List-Unsubscribeがエンコード(=?...?=)されています。この形は許されておらず、受信側はURLを読み取れません。",
    ),
    fixes=(SET_HEADERS,),
)
UNREADABLE = Reason(
    "list-unsubscribe-unreadable",
    Text(
        "List-Unsubscribe holds no address in angle brackets that a receiver can use.",
        "List-Unsubscribeに、受信側が使える <> 付きのURLやアドレスがありません。",
    ),
    fixes=(SET_HEADERS,),
)
NOT_SIGNED = Reason(
    "one-click-not-signed",
    Text(
        "No DKIM signature covers both List-Unsubscribe and List-Unsubscribe-Post, so receivers will not act on them.",
        "List-UnsubscribeとList-Unsubscribe-Postの両方を対象とするDKIM署名がなく、受信側はこれらのヘッダーを信用しません。",
    ),
    fixes=(SIGN_BOTH,),
    case="F33",
)
SIGNATURE_BROKEN = Reason(
    "one-click-signature-broken",
    Text(
        "The signature of {signer} covers both fields but does not pass, so receivers will not act on them.",
        "{signer} の署名は両方のヘッダーを対象にしていますが、検証に失敗しているため、受信側はこれらのヘッダーを信用しません。",
    ),
    case="F33",
)
SIGNATURE_UNSEEN = Reason(
    "one-click-signature-unseen",
    Text(
        "Both fields are right; whether the signature of {signer} covers them with a pass could not be verified. Try again later.",
        "ヘッダーは正しく付いていますが、{signer} の署名を検証できませんでした。時間をおいて再実行してください。",
    ),
)
THIRD_PARTY = Reason(
    "one-click-third-party-signature",
    Text(
        "Only {signer} signs these fields, which is not the From domain's own; receivers may trust that less.",
        "これらのヘッダーに署名しているのは {signer} だけで、ヘッダーFromのドメインの署名ではないため、信用されないことがあります。",
    ),
    fixes=(SIGN_BOTH,),
    case="F33",
)
NO_MAILTO = Reason(
    "unsubscribe-no-mailto",
    Text(
        "List-Unsubscribe has no mailto: address; Outlook.com reads nothing else.",
        "List-Unsubscribeにmailto:のアドレスがありません。Outlook.comはmailto:だけを読み取ります。",
    ),
    fixes=(SET_HEADERS,),
)
NO_PUBLIC_HOST = Reason(
    "unsubscribe-host-not-public",
    Text(
        "The address to unsubscribe leads to {host}, which is no host name of the public DNS: mailbox providers cannot reach it.",
        "登録解除のURLのホスト {host} は、インターネットのDNSで引けるホスト名ではないため、受信側のサービスから接続できません。",
    ),
)
ELSEWHERE = Reason(
    "one-click-elsewhere",
    Text("Only a message that arrived shows this.", "届いたメールから確認できます。"),
)


def decide(
    variant: str,
    message: Message,
    unsubscribe: Unsubscribe,
    dkim: tuple[DkimResult, ...] | Missing,
    around: Circumstances,
    terms: Terms,
) -> Finding:
    """What the two fields offer to a receiver that asks so, then who signed them."""
    exhibits = _exhibits(message)
    signed = _signed(unsubscribe, dkim, around, exhibits)
    return by_purpose(_for_variant(variant, unsubscribe, signed, exhibits), terms)


@remembered
def _exhibits(message: Message) -> tuple[Exhibit, ...]:
    """The two fields."""
    names = ("list-unsubscribe", "list-unsubscribe-post")
    return tuple(header_exhibit(field) for name in names for field in message.all(name)[:3])


BY_MAIL = "by-mail"
MAIL_TOO = "mail-too"
"""The variants of clauses that look at a mailto: address alone, or are content with one."""


def _for_variant(variant: str, unsubscribe: Unsubscribe, signed: Finding, exhibits: tuple[Exhibit, ...]) -> Finding:
    """What the fields lack for a receiver that asks so; where they lack nothing, what was ``signed``."""
    values = _values(unsubscribe)
    unusable = _unusable(unsubscribe)
    if unusable is not None:
        return Finding("fail", unusable, values, exhibits)
    if variant == BY_MAIL:
        if unsubscribe.mailto:
            return Finding("pass", BY_MAILTO, values, exhibits)
        return Finding("fail", NO_MAILTO, values, exhibits)
    lacking = _not_one_click(unsubscribe)
    finding = Finding("fail", lacking, values, exhibits) if lacking else signed
    if unsubscribe.https and not _is_public(str(values["host"])):
        finding = msgspec.structs.replace(finding, notes=(*finding.notes, Note(NO_PUBLIC_HOST, values)))
    if variant == MAIL_TOO and unsubscribe.mailto and finding.result != "pass":
        return Finding("pass", BY_MAILTO, values, exhibits, notes=(Note(finding.reason, finding.values),))
    return finding


def _is_public(host: str) -> bool:
    """Whether a host, with its port if one is given, is a name that anyone can look up. Nothing is looked up, nor asked."""
    name = host.rpartition("@")[2].partition(":")[0].lower().removesuffix(".")
    labels = name.split(".")
    return is_domain_name(name) and len(labels) > 1 and labels[-1] not in SPECIAL


def _unusable(unsubscribe: Unsubscribe) -> Reason | None:
    """What makes List-Unsubscribe useless to every receiver."""
    defects = {tag for tag, _ in unsubscribe.defects}
    if not unsubscribe.present:
        return NO_HEADER
    if "several-fields" in defects:
        return REPEATED
    if "encoded-word" in defects:
        return ENCODED
    if not (unsubscribe.https or unsubscribe.mailto or unsubscribe.http):
        return UNREADABLE
    return None


def _not_one_click(unsubscribe: Unsubscribe) -> Reason | None:
    """What RFC 8058 section 3.1 asks for and the two fields lack."""
    if not unsubscribe.https:
        return HTTP_ONLY if unsubscribe.http else MAILTO_ONLY
    defects = {tag for tag, _ in unsubscribe.defects}
    if "several-https" in defects:
        return SEVERAL_HTTPS
    if unsubscribe.post is None:
        return NO_POST
    if "several-posts" in defects:
        return REPEATED
    return POST_VALUE if "post-value" in defects or not unsubscribe.one_click else None


SPECIAL = frozenset({"localhost", "local", "internal", "invalid", "test", "onion", "alt"})
"""Last labels that no public DNS knows: RFC 6761, 6762, 7686, 9476, and ICANN's for private use."""


@remembered
def _signed(
    unsubscribe: Unsubscribe,
    dkim: tuple[DkimResult, ...] | Missing,
    around: Circumstances,
    exhibits: tuple[Exhibit, ...],
) -> Finding:
    """Whether one passing signature covers both fields: RFC 8058 section 4."""
    if isinstance(dkim, Missing):
        return Finding("unknown", dkim.reason, dkim.values, exhibits, missing=dkim.kind)
    covering = [one for one in dkim if BOTH.issubset(one.signed)]
    passing = [one for one in covering if one.result == "pass"]
    values = _values(unsubscribe)
    shown = (*exhibits, *(_signature_exhibit(one) for one in passing or covering or dkim))
    if passing:
        own = [one for one in passing if around.is_own(one.domain)]
        values = {**values, "signer": (own or passing)[0].domain}
        notes = () if own else (Note(THIRD_PARTY, values),)
        return Finding("pass", ONE_CLICK, values, shown, notes=notes)
    if not covering:
        return Finding("fail", NOT_SIGNED, values, shown)
    values = {**values, "signer": covering[0].domain}
    return _undecided(covering, around, values, shown) or Finding(
        "fail", SIGNATURE_BROKEN, values, shown, as_notes(explain(covering[0], around))
    )


def _undecided(
    covering: list[DkimResult], around: Circumstances, values: Values, shown: tuple[Exhibit, ...]
) -> Finding | None:
    """What could not be looked at, or can no longer be told from this copy, where it may have passed."""
    for one in covering:
        if one.result == "temperror":
            return Finding(
                "unknown", SIGNATURE_UNSEEN, {**values, "signer": one.domain}, shown, missing="could-not-look"
            )
        if (said := explain(one, around)).result == "unknown":
            return Finding("unknown", said.reason, {**values, **said.values}, shown, said.notes, said.missing)
    return None


@remembered
def _values(unsubscribe: Unsubscribe) -> Values:
    url = unsubscribe.https or unsubscribe.http
    return {"host": url.partition("//")[2].partition("/")[0] or "-", "post": unsubscribe.post or ""}


def _signature_exhibit(signature: DkimResult) -> Exhibit:
    """Who signed which fields, and what became of the signature."""
    value = f"d={signature.domain}; h={':'.join(signature.signed)}: {signature.result} ({signature.cause})"
    return Exhibit("header", "DKIM-Signature", value, signature.offset)


RULE = Text(
    "Marketing and subscribed mail offers one-click unsubscribe in its header: an https address and List-Unsubscribe-Post, both signed.",
    "販促・メルマガのヘッダーでワンクリック登録解除を提供すること(httpsのURLとList-Unsubscribe-Post。両方ともDKIM署名の対象)。",
)
HEADLINE = Text(
    "One-click unsubscribe, due on 2024-06-01 (Gmail, Yahoo)", "ワンクリック登録解除(Gmail・Yahoo。期限は2024年6月1日)"
)

REQUIREMENT = Requirement(
    id="one-click-unsubscribe",
    title=Text("One-click unsubscribe", "ワンクリック登録解除"),
    google_row="ONE_CLICK_UNSUBSCRIBE",
    clauses=(
        clause(
            "gmail",
            "bulk",
            "should",
            Text(
                "Marketing and subscribed mail offers one-click unsubscribe in its header; senders whose mail already has a link "
                "have until June 2024.",
                "販促・メルマガのヘッダーでワンクリック登録解除を提供すること(すでに配信停止リンクがある場合は2024年6月まで猶予)。",
            ),
            until=DUE,
            headline=HEADLINE,
            consequence=gmail.NO_SUPPORT,
        ),
        clause("gmail", "bulk", "must", RULE, since=DUE, headline=HEADLINE, consequence=gmail.NO_SUPPORT),
        clause(
            "yahoo",
            "bulk",
            "must",
            Text(
                "Marketing and subscribed mail offers one-click unsubscribe in its header; a mailto: address is accepted too.",
                "販促・メルマガのヘッダーでワンクリック登録解除を提供すること(mailto:のアドレスでも可)。",
            ),
            since=DUE,
            headline=HEADLINE,
            variant=MAIL_TOO,
        ),
        clause(
            "outlook",
            "all",
            "should",
            Text(
                "To be told of it when a reader unsubscribes, give a mailto: address in List-Unsubscribe; http addresses are ignored.",
                "登録解除の通知を受け取るには、List-Unsubscribeにmailto:のアドレスを指定すること(httpのURLは使われない)。",
            ),
            since=outlook.SEEN,
            since_seen=True,
            source=outlook.JUNK,
            variant=BY_MAIL,
            consequence=outlook.BLOCKS_SENDER,
        ),
    ),
    ses_default=SesDefault(
        met=False,
        text=Text(
            "Set both fields yourself (SESv2 Headers), or use list management, with which SES sets them.",
            "List-UnsubscribeとList-Unsubscribe-Postを付けるか(SESv2の Headers)、SESのリスト管理で自動付与します。",
        ),
        source=f"{SES_GUIDE}sending-email-subscription-management.html",
    ),
    witnesses=(Witness("message", decide), google_witness("ONE_CLICK_UNSUBSCRIBE")),
    elsewhere=ELSEWHERE,
    setup_page=ses_guide("sending-email-subscription-management"),
)
