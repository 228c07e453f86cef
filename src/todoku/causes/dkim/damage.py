"""Why one DKIM signature does not verify, said by its cause, and what mends that."""

from __future__ import annotations

from todoku.auth.dkim.verify import DkimCause, DkimResult
from todoku.causes.circumstances import Circumstances
from todoku.causes.dkim.easy_dkim import DKIM_RECORDS, HEADER_DAMAGE
from todoku.causes.dkim.repair import damage_notes
from todoku.causes.dkim.sign_before_ses import SIGNED_BEFORE_SES, is_signed_before_ses
from todoku.causes.dkim.stronger_key import KEY_TOO_SHORT
from todoku.causes.exhibits import computed, dns_exhibit
from todoku.causes.identity_cache import remembered_few
from todoku.causes.missing_reasons import NO_CLOCK
from todoku.causes.witnesses.receiver import RECEIVER_SAID, passed_it
from todoku.words.change import Change, Instruction
from todoku.words.verdict import Exhibit, Finding, Fix, Note, Reason, Text, Values

KEY_KEPT_DAYS = 7
"""How long after a message's arrival its key may be expected to stand: senders rotate keys, and SES rotates Easy DKIM's."""


SAVE_AGAIN = Instruction(
    Text(
        "First make sure that the file is the message as it arrived: in Gmail save it with “Download Original”, in Outlook with "
        "“Download as EML”. What is copied from a window has lost blanks and line ends.",
        "まず、ファイルが届いたままのメールであることを確認してください。Gmailでは「元のメールをダウンロード」、Outlookでは「EMLとしてダウンロード」で"
        "保存します。画面からコピーしたものは、空白や改行が失われています。",
    )
)


def keep_body() -> tuple[Change, ...]:
    """Something between the signer and the receiver changes the body: only a person can find what."""
    return (
        SAVE_AGAIN,
        Instruction(
            Text(
                "Send the body as quoted-printable or base64 in lines of at most 76 characters, and let nothing that adds "
                "a footer, rewrites links or converts the character set stand behind the signer.",
                "本文はquoted-printableまたはbase64(1行76文字以内)で送信し、フッター追加、リンク書き換え、文字コード変換を"
                "署名の後に行わないようにしてください。",
            )
        ),
    )


def keep_header(dkim: tuple[DkimResult, ...]) -> tuple[Change, ...]:
    """Where the key is shown to be the signer's, it is the header that was changed; a key to publish would mend nothing."""
    found = next((one for one in dkim if one.damage is not None and one.damage.tag in HEADER_DAMAGE), None)
    if found is None or found.damage is None:
        return ()
    name = found.damage.field.title()
    field = Text(name or "the signed header fields", name or "署名対象のヘッダー")
    return (
        SAVE_AGAIN,
        Instruction(
            Text(
                f"Then find what changes {field.en} after {found.domain} signs, such as a gateway that marks the Subject or adds "
                "fields, and let it do so before the signature or not at all.",
                f"次に、{found.domain} の署名の後に{field.ja}を変えているもの(件名に印を付けるゲートウェイなど)を探し、"
                "署名より前に処理させるか、処理をやめてください。",
            )
        ),
    )


KEEP_BODY = Fix(
    "keep-body",
    Text("Leave the body as it was signed", "署名後に本文を変えない"),
    keep_body,
)
KEEP_HEADER = Fix(
    "keep-header",
    Text("Leave the header as it was signed", "署名後にヘッダーを変えない"),
    keep_header,
)

BODY_CHANGED = Reason(
    "dkim-body-changed",
    Text(
        "The body is not the one that {domain} signed: its hash differs from bh=.",
        "本文のハッシュが {domain} の署名のbh=と一致しません。署名の後に本文が変わっています。",
    ),
    fixes=(KEEP_BODY,),
    case="F39",
)
HEADER_CHANGED = Reason(
    "dkim-header-changed",
    Text(
        "The signature of {domain} does not verify: a signed header field ({signed}) was changed, or the key at {key_name} "
        "is not the signer's.",
        "{domain} の署名を検証できません。署名対象のヘッダー({signed})が変わっているか、{key_name} の公開鍵が署名に使った鍵と"
        "対になっていません。",
    ),
    fixes=(DKIM_RECORDS, KEEP_HEADER),
)
KEY_MISSING = Reason(
    "dkim-key-missing",
    Text(
        "The signature of {domain} has no key: there is no record at {key_name}. The record was never made, was lost in a DNS "
        "move, or stands under a doubled name.",
        "{domain} の署名の公開鍵が {key_name} にありません。レコードが未登録、DNS移転時の登録漏れ、"
        "またはドメイン名が二重に付いた名前で登録されている可能性があります。",
    ),
    fixes=(DKIM_RECORDS,),
    case="F06",
)
KEY_RETIRED = Reason(
    "dkim-key-retired",
    Text(
        "The key of {domain} is gone from {key_name}, but the message is {days} days old: the key may have been replaced "
        "since. Look at a fresh message.",
        "{domain} の公開鍵が {key_name} にありませんが、{days}日前のメールなので、その後に鍵が交換された可能性があります。"
        "新しいメールで確認してください。",
    ),
)
KEY_REVOKED = Reason(
    "dkim-key-revoked",
    Text(
        "The key at {key_name} is revoked: its p= is empty.",
        "{key_name} の公開鍵は失効しています(p= が空です)。",
    ),
    fixes=(DKIM_RECORDS,),
)
KEY_UNUSABLE = Reason(
    "dkim-key-unusable",
    Text(
        "The key record at {key_name} does not fit the signature of {domain}: {detail}.",
        "{key_name} の公開鍵レコードでは {domain} の署名を検証できません: {detail}",
    ),
    fixes=(DKIM_RECORDS,),
    case="F07",
)
ALGORITHM = Reason(
    "dkim-algorithm",
    Text(
        "The signature of {domain} uses {algorithm}, which receivers do not accept. Sign with rsa-sha256.",
        "{domain} の署名は {algorithm} を使っており、受信側に認められません。rsa-sha256で署名してください。",
    ),
)
EXPIRED = Reason(
    "dkim-expired",
    Text(
        "The signature of {domain} had expired (x=) before the message arrived.",
        "{domain} の署名は、到着時点で有効期限(x=)が切れていました。",
    ),
)
EXPIRED_SINCE = Reason(
    "dkim-expired-since",
    Text(
        "The signature of {domain} has expired (x=) since the message arrived, so that it can no longer be judged. Look at a "
        "fresh message.",
        "{domain} の署名は到着後に有効期限(x=)が切れたため、もう判定できません。新しいメールで確認してください。",
    ),
)
FROM_THE_FUTURE = Reason(
    "dkim-future",
    Text(
        "The signature of {domain} says that it will be made only later (t=): the signer's clock is wrong.",
        "{domain} の署名の日時(t=)が未来です。署名したサーバーの時計がずれています。",
    ),
)
MALFORMED = Reason(
    "dkim-malformed",
    Text(
        "The DKIM-Signature field of {domain} cannot be used: {detail}.",
        "{domain} のDKIM-Signatureヘッダーは無効です: {detail}",
    ),
)
DNS_FAILED = Reason(
    "dkim-dns-failed",
    Text(
        "DNS gave no answer about the key at {key_name}. Try again later.",
        "{key_name} の公開鍵についてDNSから応答がありませんでした。時間をおいて再実行してください。",
    ),
)
NOT_EVALUATED = Reason(
    "dkim-not-evaluated",
    Text(
        "The signature of {domain} was not evaluated: it is over a limit of ours ({detail}).",
        "{domain} の署名は本ツールの上限({detail})を超えるため、検証していません。",
    ),
)
COPY_CHANGED = Reason(
    "copy-changed",
    Text(
        "The receiver verified this very signature of {domain} when the message arrived, and in this copy it fails: your copy "
        "was changed since, most likely while it was saved. In Gmail use “Download Original” and not “Copy to clipboard”, "
        "which loses blanks at the ends of lines.",
        "受信側は到着時に {domain} のこの署名を検証できていますが、このファイルでは検証できません。到着後、おそらく保存時に内容が変わっています。"
        "Gmailでは「クリップボードにコピー」ではなく、「元のメールをダウンロード」で保存し直してください(コピーでは行末の空白が失われます)。",
    ),
)
KEY_REPLACED = Reason(
    "dkim-key-replaced",
    Text(
        "The receiver verified this very signature of {domain} when the message arrived; the key that now stands at {key_name} "
        "is another one. It was replaced since: look at a fresh message.",
        "受信側は到着時に {domain} のこの署名を検証できていますが、現在 {key_name} にあるのは別の公開鍵です。その後に鍵が交換されています。"
        "新しいメールで確認してください。",
    ),
)

FAILED_THERE = Reason(
    "dkim-failed-at-receiver",
    Text(
        "The signature of {domain} did not verify when the message arrived. To find out why, save the whole message: with its body "
        "the signature can be checked.",
        "到着時に {domain} の署名は検証に失敗しています。原因を調べるには、本文を含むメール全体を保存して確認してください。",
    ),
)

NO_LONGER_TOLD = frozenset({"copy-changed", "dkim-key-replaced", "dkim-key-retired", "dkim-expired-since"})
"""Tags of what the message showed when it arrived, and this copy of it, or its age, does not show any more."""

DEFINITE: dict[DkimCause, Reason] = {
    "body-hash-differs": BODY_CHANGED,
    "signature-differs": HEADER_CHANGED,
    "key-missing": KEY_MISSING,
    "key-revoked": KEY_REVOKED,
    "key-invalid": KEY_UNUSABLE,
    "key-too-short": KEY_TOO_SHORT,
    "key-service": KEY_UNUSABLE,
    "key-hash": KEY_UNUSABLE,
    "key-type": KEY_UNUSABLE,
    "key-strict": KEY_UNUSABLE,
    "sha1": ALGORITHM,
    "algorithm-unsupported": ALGORITHM,
    "expired": EXPIRED,
    "future": FROM_THE_FUTURE,
    "syntax": MALFORMED,
    "version": MALFORMED,
    "from-not-signed": MALFORMED,
    "identity-mismatch": MALFORMED,
}
"""Causes that are the sender's to mend. All others mean that we could not look."""


def explain(signature: DkimResult, around: Circumstances) -> Finding:
    """Why a signature that did not pass failed, or why that cannot be told."""
    values = signature_values(signature)
    exhibits = signature_exhibits(signature)
    cause = _cause(signature, around)
    if cause == "reported":
        return Finding("fail", FAILED_THERE, values)
    if cause is None:
        return Finding("unknown", EXPIRED_SINCE, values, exhibits, missing="not-asked")
    if cause not in DEFINITE:
        reason = DNS_FAILED if cause == "dns-failed" else NOT_EVALUATED
        return Finding("unknown", reason, values, exhibits, missing="could-not-look")
    if cause == "key-missing" and around.age_days is not None and around.age_days > KEY_KEPT_DAYS:
        aged = {**values, "days": int(around.age_days)}
        return Finding("unknown", KEY_RETIRED, aged, exhibits, missing="not-asked")
    done: tuple[Note, ...] = ()
    if cause in ("body-hash-differs", "signature-differs"):
        done = damage_notes(signature, signature.damage)
        if (said := passed_it(around.route, signature, around.signers)) is not None:
            note = Note(RECEIVER_SAID, said.values, said.exhibits)
            replaced = signature.damage is not None and signature.damage.tag == "key-does-not-match"
            reason = KEY_REPLACED if replaced else COPY_CHANGED
            return Finding("unknown", reason, values, exhibits, (note, *done), missing="not-asked")
        if around.author_domain and is_signed_before_ses(signature, around.ses):  # without a From no signature verifies
            return Finding("fail", SIGNED_BEFORE_SES, values, exhibits, done)
    undated = (Note(NO_CLOCK),) if cause == "key-missing" and around.age_days is None else ()
    return Finding("fail", DEFINITE[cause], values, exhibits, (*undated, *done))


def _cause(signature: DkimResult, around: Circumstances) -> DkimCause | None:
    """The cause as it was at the arrival; None where the signature has expired since and nothing else is wrong with it."""
    if signature.cause != "expired" or not _arrived_in_time(signature, around):
        return signature.cause
    if signature.body_intact is False:
        return "body-hash-differs"
    return "signature-differs" if signature.header_intact is False else None


def _arrived_in_time(signature: DkimResult, around: Circumstances) -> bool:
    return signature.expires is not None and around.arrived is not None and around.arrived <= signature.expires


@remembered_few
def signature_values(signature: DkimResult) -> Values:
    """What the texts about a signature name."""
    return {
        "domain": signature.domain or "?",
        "selector": signature.selector,
        "key_name": f"{signature.selector}._domainkey.{signature.domain}",
        "algorithm": signature.algorithm or "?",
        "signed": ", ".join(dict.fromkeys(signature.signed)),
        "bits": signature.key_bits,
        "detail": signature.detail or signature.cause,
    }


@remembered_few
def signature_exhibits(signature: DkimResult) -> tuple[Exhibit, ...]:
    """The signature field by its main tags, and the key's DNS answer; of a receiver's result there is its own field."""
    if signature.cause == "reported":
        return ()
    tags = f"d={signature.domain}; s={signature.selector}; a={signature.algorithm}; h={':'.join(signature.signed)}"
    result = computed(f"DKIM of {signature.domain}", f"{signature.result} ({signature.cause})")
    field = Exhibit("header", "DKIM-Signature", tags, signature.offset)
    if signature.key is None:
        return (field, result)
    chain = signature.key.chain
    followed = (computed(f"CNAME of {signature.key.question.name}", " -> ".join(chain)),) if chain else ()
    return (field, *followed, dns_exhibit(signature.key), result)
