"""What only time shows: a record that changed, a rate that rose, a stream that is new, somebody who fell silent.

No single look at a message or a domain finds these; ``watching/`` does, from what was kept of earlier looks.
"""

from __future__ import annotations

from todoku.words.verdict import Reason, Text

RECORD_CHANGED = Reason(
    "record-changed",
    Text(
        "{name} {rdtype} was {before} when all was well. It is now {after}.",
        "{name} の {rdtype} が変わりました。正常時の値は「{before}」、現在の値は「{after}」です。",
    ),
)
SETTING_CHANGED = Reason(
    "ses-setting-changed",
    Text(
        "SES: {setting} of {identity} in {region} was {before} when all was well. It is now {after}.",
        "SES: {region} の {identity} の設定 {setting} が変わりました。正常時の値は「{before}」、現在の値は「{after}」です。",
    ),
)
IDENTITY_GONE = Reason(
    "ses-identity-gone",
    Text(
        "SES: the identity {identity} is no longer in {region}. SES sends nothing from it there, unless a parent domain is verified.",
        "SES: 検証済みID {identity} が {region} からなくなりました。上位ドメインが検証済みでない限り、このリージョンからは送信できません。",
    ),
)
SPAM_RATE_OVER = Reason(
    "spam-rate-over-limit",
    Text(
        "Gmail users reported {rate} of the mail on {day} as spam. From 0.30% on Gmail helps nobody whose mail it refuses; it helps "
        "again after seven days in a row below (now: {quiet}).",
        "{day} に、Gmailの利用者がメールの{rate}を迷惑メールとして報告しました。0.30%に達すると、Gmailによる緩和措置の対象外になります。"
        "7日続けて下回ると、対象に戻ります(現在{quiet}日)。",
    ),
)
SPAM_RATE_ELEVATED = Reason(
    "spam-rate-elevated",
    Text(
        "Gmail users reported {rate} of the mail on {day} as spam. Gmail asks to keep below 0.10%.",
        "{day} に、Gmailの利用者がメールの{rate}を迷惑メールとして報告しました。Gmailは0.10%未満に保つよう求めています。",
    ),
)
COMPLAINTS_OVER = Reason(
    "complaint-rate-over-limit",
    Text(
        "SES counts {rate} complaints on {day}. SES puts an account under review from {review} on, and may pause it from {pause} on.",
        "{day} のSESの苦情率は{rate}です。SESは{review}以上でアカウントを審査対象とし、{pause}以上で送信を停止することがあります。",
    ),
)
BOUNCES_OVER = Reason(
    "bounce-rate-over-limit",
    Text(
        "SES counts {rate} bounces on {day}. SES puts an account under review from {review} on, and may pause it from {pause} on.",
        "{day} のSESのバウンス率は{rate}です。SESは{review}以上でアカウントを審査対象とし、{pause}以上で送信を停止することがあります。",
    ),
)
BOUNCE_DIAGNOSIS_NEW = Reason(
    "bounce-diagnosis-new",
    Text(
        "Since {first} mail from {domain} bounces at {receiver} for a reason not seen there before: {diagnosis} ({recipients} recipients "
        "up to {last}). `todoku explain {diagnosis}` tells what it means and what to do with the addresses.",
        "{first} から、{domain} のメールが {receiver} でこれまでにない理由でバウンスしています: {diagnosis}({last} までに{recipients}件)。"
        "意味と宛先の扱いは `todoku explain {diagnosis}` で確認できます。",
    ),
)
BOUNCE_DIAGNOSES_MANY = Reason(
    "bounce-diagnoses-many",
    Text(
        "Mail from {domain} bounces for {number} reasons not seen before. They are not reported individually: `todoku reports bounces` "
        "lists them.",
        "{domain} のメールが、これまでにない{number}種類の理由でバウンスしています。個別には通知しません。一覧は `todoku reports bounces` で確認できます。",
    ),
)
BOUNCES_ROSE = Reason(
    "bounces-rose",
    Text(
        "Since {since} {rate} of the mail from {domain} to {receiver} bounces ({recipients} recipients). In the four weeks before, no day "
        "was above {before}. `todoku reports bounces --by day` tells why.",
        "{since} から、{domain} から {receiver} へのメールの{rate}がバウンスしています(宛先{recipients}件)。その前の4週間は、最も高い日でも{before}でした。"
        "理由は `todoku reports bounces --by day` で確認できます。",
    ),
)
PASSES_LESS = Reason(
    "pass-rate-fell",
    Text(
        "From {since} to {until} {method} passed for {rate} of the mail that receivers report ({messages} messages). In the four weeks "
        "before, no day was below {before}.",
        "{since} から {until} に受信側が報告したメール{messages}通のうち、{method} に合格したのは{rate}でした。その前の4週間は、最も低い日でも{before}でした。",
    ),
)
STREAM_UNALIGNED = Reason(
    "stream-unaligned",
    Text(
        "Since {first} mail comes from {stream} that passes neither SPF nor DKIM in alignment: {messages} messages up to {last}. If it "
        "is yours, authenticate it; if not, a DMARC policy keeps it out.",
        "{first} から、SPFもDKIMもドメインが揃わないメールが {stream} から送られています({last} までに{messages}通)。"
        "自社のメールなら認証を設定してください。そうでなければ、DMARCポリシーで拒否できます。",
    ),
)
STREAMS_MANY = Reason(
    "streams-many",
    Text(
        "{number} new sources of mail as {domain} pass neither SPF nor DKIM in alignment. They are not reported individually: `todoku reports "
        "unaligned` lists them. Anybody can invent reports, so look first who reports these.",
        "{domain} を名乗るメールのうち、SPFもDKIMもドメインが揃わない新しい送信元が{number}か所あります。個別には通知しません。"
        "一覧は `todoku reports unaligned` で確認できます。レポートは誰でも偽造できるため、まず報告元を確認してください。",
    ),
)
REPORTER_SILENT = Reason(
    "reporter-silent",
    Text(
        "{reporter} has sent no report since that of {last}; before, it reported on {days} of {of} days. Others still report: look "
        "whether its mails reach the mailbox and whether the rua address still takes them.",
        "{reporter} からのレポートが {last} の分を最後に届いていません(それまでは{of}日中{days}日報告がありました)。"
        "ほかの受信側からは届いています。レポートがメールボックスに届いているか、ruaの宛先が受信できるかを確認してください。",
    ),
)
REPORTERS_MANY = Reason(
    "reporters-many-silent",
    Text(
        "{number} receivers that reported on {domain} nearly every day have stopped, and others still report. They are not told one by "
        "one: `todoku reports reporters` lists them. Anybody can invent reporters, so look first at those that you know.",
        "{domain} についてほぼ毎日報告していた受信側のうち、{number}件からのレポートが途絶えています(ほかの受信側からは届いています)。"
        "個別には通知しません。一覧は `todoku reports reporters` で確認できます。報告元は誰でも名乗れるため、まず知っている受信側を確認してください。",
    ),
)
ALL_SILENT = Reason(
    "reports-silent",
    Text(
        "No receiver has reported on {domain} since {last}. Look at rua in its DMARC record, and at the mailbox.",
        "{domain} についてのレポートが {last} の分を最後に、どの受信側からも届いていません。DMARCレコードのruaとメールボックスを確認してください。",
    ),
)
SOURCE_AWAY = Reason(
    "source-away",
    Text(
        "{source} has not answered since {since}: {cause}. Until it does, what is learnt there neither raises an alarm nor ends one.",
        "{source} から {since} 以降、応答がありません: {cause}。回復するまで、ここから分かる問題の発生も解消も検知できません。",
    ),
)
