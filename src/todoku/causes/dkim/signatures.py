"""What all DKIM signatures of a message say together: one that verifies is enough."""

from __future__ import annotations

from todoku.auth.dkim.verify import DkimResult
from todoku.causes.circumstances import Circumstances, is_amazon, passing_domains, unseen
from todoku.causes.dkim.damage import explain, signature_exhibits, signature_values
from todoku.causes.dkim.easy_dkim import EASY_DKIM, UNSIGNED
from todoku.causes.forwarded import detour
from todoku.causes.identity_cache import remembered
from todoku.mail.lint import Defect
from todoku.words.verdict import Finding, Missing, Note, Reason, Text

PASSED = Reason(
    "dkim-passed",
    Text("DKIM passes: {domains}.", "DKIMは成功しています({domains})。"),
)
PASSED_AS_SES = Reason(
    "dkim-passed-as-ses",
    Text(
        "DKIM passes, but only as {domains}, which every SES customer shares: the requirement is met, not in the name of your "
        "domain.",
        "DKIMは成功していますが、すべてのSES利用者に共通の {domains} の署名だけです。要件は満たしますが、自社ドメインの認証にはなりません。",
    ),
    fixes=(EASY_DKIM,),
)
LENGTH_TAG = Reason(
    "dkim-length-tag",
    Text(
        "The signature of {domain} covers only the first {length} octets of the body (l=): anyone can append to it. Sign "
        "without l=.",
        "{domain} の署名は本文の先頭{length}オクテットしか対象にしていません(l=)。後ろに追記されても検証に成功するため、l=なしで署名してください。",
    ),
)
TESTING = Reason(
    "dkim-testing",
    Text(
        "The key at {key_name} says t=y: the signer declares that it is only testing. Take it out.",
        "{key_name} の公開鍵に t=y(テスト中)が付いています。本番では外してください。",
    ),
)
EIGHT_BIT_BODY = Reason(
    "dkim-8bit-body",
    Text(
        "The body holds 8-bit octets. Relays that re-code them break the signature, and Outlook.com's check is known to trip "
        "over them: use quoted-printable or base64.",
        "本文に8ビットの文字がそのまま含まれています。中継時に変換されると署名が壊れ、Outlook.comでも検証に失敗することがあります。"
        "quoted-printableまたはbase64を使ってください。",
    ),
)
ISO_2022_JP = Reason(
    "dkim-iso-2022-jp",
    Text(
        "A part of the body is ISO-2022-JP. If something converts it after signing, the body hash no longer fits: use UTF-8 "
        "with base64.",
        "本文にISO-2022-JPのパートがあります。署名後に文字コードが変換されると本文ハッシュが一致しなくなるため、UTF-8とbase64を使ってください。",
    ),
)
NOT_THROUGH_SES = Reason(
    "not-through-ses",
    Text(
        "SES signs every message as amazonses.com. No such signature is here, and nothing else shows SES: the message did not go "
        "through SES. Find the server that sent it; send through SES, or authenticate that server.",
        "SESはすべてのメールに amazonses.com のDKIM署名を付けます。その署名がなく、SESから送信された形跡もないため、SESを経由していないメールです。"
        "送信したサーバーを確認し、SESから送信するか、そのサーバーを送信ドメイン認証に対応させてください。",
    ),
)
CHANGES = ("dkim-body-changed", "dkim-header-changed")


@remembered
def signatures(dkim: tuple[DkimResult, ...] | Missing, around: Circumstances) -> Finding:
    """Pass where one signature verifies; else why not, the sender's own signature first."""
    if isinstance(dkim, Missing):
        return unseen(dkim)
    elsewhere = () if around.ses.sent_by_ses else (Note(NOT_THROUGH_SES),)
    if not dkim:
        return Finding("fail", UNSIGNED, {"domains": ""}, notes=elsewhere)
    passed = passing_domains(dkim)
    broken = [(one, explain(one, around)) for one in dkim if one.result != "pass"]
    if passed:
        dark = any(one.result == "temperror" and not is_amazon(one.domain) for one in dkim)  # it may be one of your own
        reason = PASSED_AS_SES if all(map(is_amazon, passed)) and not dark else PASSED
        shown = tuple(exhibit for one in dkim if one.result == "pass" for exhibit in signature_exhibits(one))
        notes = [note for _, finding in broken for note in as_notes(finding)]
        notes += [note for one in dkim if one.result == "pass" for note in _remarks(one)]
        return Finding("pass", reason, {"domains": ", ".join(passed)}, shown, tuple(notes))
    findings = [finding for _, finding in sorted(broken, key=lambda pair: not around.is_own(pair[0].domain))]
    first = next((one for one in findings if one.result == "unknown"), findings[0])
    others = tuple(note for one in findings if one is not first for note in as_notes(one))
    on_the_way = detour(around.route) if first.reason.tag in CHANGES else ()
    return Finding(
        first.result,
        first.reason,
        first.values,
        first.exhibits,
        (*(elsewhere if first.result == "fail" else ()), *first.notes, *others, *on_the_way),
        first.missing,
    )


def own_signatures(dkim: tuple[DkimResult, ...], around: Circumstances) -> tuple[DkimResult, ...]:
    """The signatures whose d= is of the From's organization."""
    return tuple(one for one in dkim if around.is_own(one.domain))


def as_notes(finding: Finding) -> tuple[Note, ...]:
    """A finding that does not decide, as a note, with its own notes."""
    return (Note(finding.reason, finding.values, finding.exhibits), *finding.notes)


def _remarks(signature: DkimResult) -> tuple[Note, ...]:
    """What to mend in a signature that verifies."""
    if signature.body_length is None and not signature.testing:
        return ()
    values = {**signature_values(signature), "length": signature.body_length}
    length = (Note(LENGTH_TAG, values),) if signature.body_length is not None else ()
    testing = (Note(TESTING, values),) if signature.testing else ()
    return (*length, *testing)


def body_remarks(defects: tuple[Defect, ...] | Missing, charsets: tuple[str, ...]) -> tuple[Note, ...]:
    """What in the body is known to break signatures on the way."""
    tags = frozenset[str]() if isinstance(defects, Missing) else frozenset(one.tag for one in defects)
    eight_bit = (Note(EIGHT_BIT_BODY),) if tags & {"encoding-8bit-body", "encoding-undeclared-8bit"} else ()
    japanese = (Note(ISO_2022_JP),) if "iso-2022-jp" in charsets else ()
    return (*eight_bit, *japanese)
