"""Amazon SES itself, before any receiver is asked: refusals of a call or of an SMTP session, and what it did not send.

Official are its pages of sending errors and of SMTP response codes (docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html,
…/troubleshoot-smtp.html) and what it documents of bounces and events.
"""

from __future__ import annotations

from collections.abc import Mapping

from todoku.feedback.replies.rule import Rule, matching
from todoku.words.verdict import Text

_RATE = Text(
    "You call SES faster than the account may send a second. Nothing is lost if you send again after a pause that grows.",
    "アカウントの最大送信レート(1秒あたりの通数)を超えて呼び出しています。間隔を広げながら再試行してください。",
)
_PAUSED = Text(
    "SES has paused sending for this account, or for this configuration set. AWS writes the reason to the account's e-mail address.",
    "このアカウントまたは設定セットの送信が停止されています。理由はAWSアカウントのメールアドレスに届いています。",
)

SES = (
    Rule(
        "ses-suppressed",
        "ses",
        (),
        matching(r"suppression list|has suppressed sending|address blacklisted"),
        ("bounce-handling",),
        Text(
            "SES did not send: the address bounced or complained before and is on a suppression list, of your account or of SES. If the "
            "recipient has since changed a setting, take it off with DeleteSuppressedDestination.",
            "過去のバウンスまたは苦情によりサプレッションリスト(アカウントまたはSES全体)に載っている宛先のため、SESは送信しませんでした。"
            "受信者が設定を変更した後は、DeleteSuppressedDestination で解除してください。",
        ),
        "find-out",
        official=True,
    ),
    Rule(
        "ses-duplicate-header",
        "ses",
        (),
        matching(r"duplicate header '"),
        ("message-format",),
        Text(
            "A header field that is allowed once appears twice.",
            "1つしか許されないヘッダーフィールドが重複しています。",
        ),
        "account",
    ),
    Rule(
        "ses-mail-from",
        "ses",
        (),
        matching(r"MailFromDomainNotVerified|mail from domain (?:is )?not verified"),
        ("dmarc-alignment",),
        Text(
            "SES refused: the MX record of the custom MAIL FROM domain is missing, and the identity says to reject then.",
            "カスタム MAIL FROM ドメインのMXレコードが見つからず、その場合は拒否する設定のため、SESが送信しませんでした。",
        ),
        "account",
        official=True,
    ),
    Rule(
        "ses-not-verified",
        "ses",
        (),
        matching(r"(?:email address|domain|identit(?:y|ies)).{0,60}(?:not verified|failed the check)"),
        (),
        Text(
            "SES refused: the identity is not verified in this region. Verification holds for one region only. In the sandbox "
            "recipients must be verified too.",
            "IDがこのリージョンで検証されていないため、SESが拒否しました。検証はリージョンごとに必要です。サンドボックスでは宛先の検証も必要です。",
        ),
        "account",
        official=True,
    ),
    Rule(
        "ses-old-credentials",
        "ses",
        (),
        matching(r"SigV2 SMTP sending rate"),
        (),
        Text(
            "The SMTP credentials were made before 2019-01-10, and SES lets them send only slowly: make new ones.",
            "2019年1月10日より前に作成されたSMTP認証情報のため、送信レートが制限されています。新しく作成してください。",
        ),
        "account",
        official=True,
    ),
    Rule(
        "ses-sending-rate",
        "ses",
        (),
        matching(r"maximum (?:sending|send) rate exceeded"),
        (),
        _RATE,
        "account",
        official=True,
    ),
    Rule(
        "ses-quota",
        "ses",
        (),
        matching(r"daily message quota exceeded|daily sending quota"),
        (),
        Text(
            "The account has sent as much in 24 hours as it may. Wait, or ask AWS to raise the quota.",
            "24時間あたりの送信クォータに達しました。時間を置くか、AWSにクォータの引き上げを申請してください。",
        ),
        "account",
        official=True,
    ),
    Rule(
        "ses-throttled",
        "ses",
        (),
        matching(r"throttling(?: failure|exception)?\b|too many concurrent SMTP connections|TooManyRequests"),
        (),
        Text(
            "SES slows you down: too many calls, connections, or messages. Retry after a pause that grows.",
            "呼び出し、接続、通数のいずれかが多すぎるため、SESが制限しています。間隔を広げながら再試行してください。",
        ),
        "account",
        official=True,
    ),
    Rule(
        "ses-paused",
        "ses",
        (),
        matching(
            r"sending (?:has been |is )?(?:paused|suspended|disabled)|account is (?:paused|suspended)|SendingPaused|sending for the (?:account|configuration set).{0,80}paused"
        ),
        (),
        _PAUSED,
        "account",
        official=True,
    ),
    Rule(
        "ses-configuration-set",
        "ses",
        (),
        matching(r"configuration ?set.{0,80}(?:does not|doesn't) ?exist|ConfigurationSetDoesNotExist"),
        (),
        Text(
            "The configuration set that the call names does not exist in this region and account.",
            "指定した設定セットが、このリージョンのアカウントに存在しません。",
        ),
        "account",
        official=True,
    ),
    Rule(
        "ses-not-authorized",
        "ses",
        (),
        matching(r"not authorized to perform:? ['`]?ses:"),
        (),
        Text(
            "The IAM policy or the sending authorization policy of the identity does not allow this call.",
            "IAMポリシーまたはIDの送信承認ポリシーで、この操作が許可されていません。",
        ),
        "account",
        official=True,
    ),
    Rule(
        "ses-credentials",
        "ses",
        (),
        matching(r"authentication credentials invalid|not subscribed to SES|temporary authentication failure"),
        (),
        Text(
            "The SMTP credentials are wrong for this region (they are not AWS access keys), or could not be checked just now (454).",
            "SMTP認証情報がこのリージョンのものではないか、誤っています(AWSのアクセスキーとは別です)。454の場合は一時的に確認できていません。",
        ),
        "account",
        official=True,
    ),
    Rule(
        "ses-address-dots",
        "ses",
        (),
        matching(r"local address (?:contains dot-dot|(?:starts|ends) with dot)"),
        ("message-format",),
        Text(
            'The address has dots that RFC 5321 forbids. Quote the local part: "a..b"@docomo.ne.jp.',
            'RFC 5321に違反するドットを含む宛先です。ローカル部を二重引用符で囲んでください("a..b"@docomo.ne.jp)。',
        ),
        "fix",
    ),
    Rule(
        "ses-address",
        "ses",
        (),
        matching(
            r"missing final '@domain'|contains (?:control|illegal|whitespace).{0,40}|non-ascii characters in the email address|"
            r"no recipients specified|invalid mail from address|user name is missing|illegal (?:address|semicolon)"
        ),
        (),
        Text(
            "SES cannot read an address of the call: no recipient, no domain, or characters that an address cannot have.",
            "宛先がない、ドメインがない、使えない文字を含むなど、SESがアドレスを解釈できません。",
        ),
        "account",
        official=True,
    ),
    Rule(
        "ses-virus",
        "ses",
        (),
        matching(r"\Abad content\Z"),
        (),
        Text(
            "SES found a virus in the message and did not send it.",
            "SESがメールからウイルスを検知し、送信しませんでした。",
        ),
        "fix",
        official=True,
    ),
    Rule(
        "ses-template",
        "ses",
        (),
        matching(
            r"is not present in the rendering data|template.{0,60}(?:does not exist|doesn't exist)|(?:error|failed).{0,30}rendering"
        ),
        (),
        Text(
            "SES could not fill in the template: it names something that the data of the call does not have.",
            "テンプレートの変数が呼び出しのデータに含まれていないため、SESがメールを作成できませんでした。",
        ),
        "account",
        official=True,
    ),
    Rule(
        "ses-unavailable",
        "ses",
        ("451", "454"),
        matching(r"temporary service failure|timeout waiting for data from client"),
        (),
        Text(
            "SES did not receive the message whole: send it again.",
            "SESがメールを最後まで受け取れていません。再送してください。",
        ),
        "account",
        official=True,
    ),
)

SES_AFTERWARDS = (
    Rule(
        "ses-expired",
        "ses",
        (),
        matching(r"unable to deliver in [0-9]+ minutes"),
        (),
        Text(
            "SES tried for as long as it does, and the receiver's server did not take the message: it is down, slow, or keeps the sending "
            "address waiting.",
            "SESが再送を続けましたが、受信側のサーバーに受け取られませんでした。サーバーの停止、混雑、または送信元IPアドレスの制限が考えられます。",
        ),
        "later",
        ambiguous=True,
    ),
)
"""Around a receiver's reply of a temporary kind, which decides nothing."""

SES_COVER = (
    Rule(
        "ses-bounce-cover",
        "ses",
        (),
        matching(r"an error occurred while trying to deliver the mail to the following recipients"),
        (),
        Text(
            "This is the cover that SES puts around a bounce. The receiver's reply is further down: Diagnostic-Code in the mail, "
            "diagnosticCode in the event.",
            "SESがバウンスメールに付ける定型文です。受信側の応答は、メールの Diagnostic-Code、またはイベントの diagnosticCode にあります。",
        ),
        "find-out",
        ambiguous=True,
    ),
)
"""Around a receiver's reply, which says more where it is there."""

SUBTYPES: Mapping[str, str] = {
    "Suppressed": "ses-suppressed",
    "OnAccountSuppressionList": "ses-suppressed",
    "NoEmail": "recipient-unknown",
    "MailboxFull": "mailbox-full",
    "MessageTooLarge": "too-big",
    "ContentRejected": "content-refused",
    "AttachmentRejected": "content-refused",
    "ExchangeGeneral": "temporary",
    "SpamDetected": "reputation",
    "RecipientServerError": "temporary",
    "IPFailure": "temporary",
    "TransientCommunicationFailure": "temporary",
}
"""SES's word for a bounce or a delay, where it has no reply -> the tag of what it means."""
