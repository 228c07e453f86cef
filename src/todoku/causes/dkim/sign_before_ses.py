"""A program signed the message before it gave it to SES, and signed fields that SES then wrote anew."""

from __future__ import annotations

from todoku.auth.dkim.verify import DkimResult
from todoku.causes.circumstances import is_amazon
from todoku.mail.ses import SesStamp
from todoku.words.change import Change, Instruction
from todoku.words.verdict import Fix, Reason, Text

OVERWRITTEN = frozenset({"date", "message-id"})
"""The fields that SES writes anew in every message."""


def is_signed_before_ses(signature: DkimResult, ses: SesStamp) -> bool:
    """Whether a signature that fails was made by the sender's own program and covers what SES overwrites.

    SES's own signatures cover the same fields, but SES makes those last.
    """
    made_by_ses = is_amazon(signature.domain) or (ses.easy_dkim and signature.selector == ses.own_selector)
    covered = not OVERWRITTEN.isdisjoint(signature.signed)
    return ses.sent_by_ses and covered and not made_by_ses and signature.cause == "signature-differs"


def leave_out_what_ses_writes(dkim: tuple[DkimResult, ...], ses: SesStamp) -> tuple[Change, ...]:
    """The change in the program's DKIM settings."""
    signature = next((one for one in dkim if one.result != "pass" and is_signed_before_ses(one, ses)), None)
    if signature is None:
        return ()
    left = ":".join(dict.fromkeys(name for name in signature.signed if name not in OVERWRITTEN))
    return (
        Instruction(
            Text(
                f"In the program that signs with selector {signature.selector}, leave Date and Message-ID out: h={left}. "
                "Or turn that signing off and let SES sign (Easy DKIM, or your own key by BYODKIM).",
                f"セレクター {signature.selector} で署名しているプログラムの署名対象からDateとMessage-IDを外してください(h={left})。"
                "または、その署名をやめてSESに署名させます(Easy DKIM、自分の鍵を使うならBYODKIM)。",
            )
        ),
    )


SIGN_WITHOUT_DATE = Fix(
    "sign-without-date",
    Text("Do not sign Date and Message-ID before SES", "SESに渡す前の署名からDateとMessage-IDを外す"),
    leave_out_what_ses_writes,
)

SIGNED_BEFORE_SES = Reason(
    "dkim-signed-before-ses",
    Text(
        "Your own signature for {domain} (selector {selector}) covers Date or Message-ID, and SES writes both anew after you "
        "signed: it can never verify.",
        "{domain} の署名(セレクター {selector})はDateまたはMessage-IDを対象に含みますが、SESは受け取った後に両方を書き換えます。"
        "このままでは検証に成功しません。",
    ),
    fixes=(SIGN_WITHOUT_DATE,),
    case="F36",
)
