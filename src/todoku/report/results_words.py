"""What each word that a receiver writes of SPF, DKIM, DMARC and composite authentication means, in both languages.

Templates: ``{domain}`` is the domain that a result is about, ``{client}`` the sending address, ``{selector}`` that of a signature,
``{who}`` the receiver, ``{author}`` the From domain. RFC 8601 section 2.7; Microsoft's words are on learn.microsoft.com.
"""

from __future__ import annotations

from todoku.auth.dmarc.receiver import Compauth
from todoku.words.verdict import Text

SPF: dict[str, Text] = {
    "pass": Text(
        "SPF passes: {domain} allows {client}.", "SPFは成功。{domain} は {client} からの送信を許可しています。"
    ),
    "fail": Text(
        "SPF fails: {domain} does not allow {client} (-all).",
        "SPFは失敗。{domain} は {client} からの送信を許可していません(-all)。",
    ),
    "softfail": Text(
        "SPF gives softfail: {domain} does not list {client} (~all). That is not a pass.",
        "SPFはsoftfail。{domain} のレコードに {client} は含まれません(~all)。成功とは扱われません。",
    ),
    "neutral": Text(
        "SPF gives neutral: {domain} says nothing about {client}. That is not a pass.",
        "SPFはneutral。{domain} のレコードは {client} について定めていません。成功とは扱われません。",
    ),
    "none": Text("{domain} has no SPF record.", "{domain} にSPFレコードがありません。"),
    "permerror": Text(
        "The SPF record of {domain} is faulty (permerror): nobody can use it.",
        "{domain} のSPFレコードに誤りがあり、評価できません(permerror)。",
    ),
    "temperror": Text(
        "The SPF record of {domain} could not be looked up (temperror).",
        "{domain} のSPFレコードを一時的に参照できませんでした(temperror)。",
    ),
}
BEST_GUESS = Text(
    "It is a guess, because there is no SPF record: DMARC does not count it.",
    "SPFレコードがないための推定で、DMARCでは考慮されません。",
)
CLIENT = Text("the sending address", "送信元")
"""Where the line does not name it."""

DKIM: dict[str, Text] = {
    "pass": Text("A signature of {domain}{selector} verifies.", "{domain} の署名{selector}は検証に成功しています。"),
    "fail": Text(
        "A signature of {domain}{selector} does not verify: the message was changed after signing, or the key is another one.",
        "{domain} の署名{selector}は検証に失敗しています。署名後にメールが変わったか、公開鍵が署名に使った鍵と異なります。",
    ),
    "none": Text("The message is not signed.", "メールにDKIM署名がありません。"),
    "neutral": Text(
        "A signature of {domain}{selector} does not count (neutral). That is not a pass.",
        "{domain} の署名{selector}は有効と認められていません(neutral)。成功とは扱われません。",
    ),
    "policy": Text(
        "A signature of {domain}{selector} is not accepted by {who} (policy), for example because its key is too short.",
        "{domain} の署名{selector}は{who}に受け入れられていません(policy)。鍵が短い場合などです。",
    ),
    "permerror": Text(
        "A signature of {domain}{selector} cannot be verified (permerror): its key is missing or not usable, or the signature is "
        "malformed.",
        "{domain} の署名{selector}は検証できません(permerror)。公開鍵がない、使えない、または署名の形式に誤りがあります。",
    ),
    "temperror": Text(
        "A signature of {domain}{selector} could not be verified: its key could not be looked up (temperror).",
        "{domain} の署名{selector}は、公開鍵を一時的に参照できず、検証できませんでした(temperror)。",
    ),
}
SELECTOR = Text(" (selector {selector})", "(セレクター {selector})")

DMARC: dict[str, Text] = {
    "pass": Text(
        "DMARC passes for {author}, the domain in From.",
        "ヘッダーFromのドメイン {author} のDMARCは成功しています。",
    ),
    "fail": Text(
        "DMARC fails for {author}, the domain in From: no domain that SPF or DKIM authenticates is aligned with it.",
        "ヘッダーFromのドメイン {author} のDMARCは失敗しています。SPF・DKIMで認証されたドメインとのアライメントが取れていません。",
    ),
    "none": Text("{author} has no DMARC record.", "{author} にDMARCレコードがありません。"),
    "bestguesspass": Text(
        "{author} has no DMARC record; {who} guesses that with one the message would have passed.",
        "{author} にDMARCレコードはありません。あれば成功したと推定されています。",
    ),
    "permerror": Text(
        "The DMARC record of {author} is faulty, or there are several (permerror).",
        "{author} のDMARCレコードに誤りがあるか、複数あります(permerror)。",
    ),
    "temperror": Text(
        "The DMARC record of {author} could not be looked up (temperror).",
        "{author} のDMARCレコードを一時的に参照できませんでした(temperror)。",
    ),
}
ACTION_NONE = Text(
    "Action none: the policy of {author} asks for nothing (p=none), so {who} did nothing because of DMARC. The message may still "
    "have been filed as spam.",
    "action=none: {author} のポリシーが p=none のため、DMARCを理由とする処理は行われていません。迷惑メールに振り分けられることはあります。",
)

COMPAUTH = Text(
    "Composite authentication: {result} (reason {code}). {why}", "複合認証: {result}(理由コード {code})。{why}"
)
COMPAUTH_REASONS: dict[Compauth, Text] = {
    "failed": Text(
        "The From domain asks by DMARC for quarantine or reject.",
        "ヘッダーFromのドメインがDMARCで隔離または拒否を求めています。",
    ),
    "implicit": Text(
        "The From domain is not authenticated. Its records ask for nothing strict, yet the message is treated as a possible "
        "forgery.",
        "ヘッダーFromのドメインが認証されていないため、レコードが拒否や隔離を求めていなくても、なりすましの疑いがあるものとして扱われます。",
    ),
    "blocked": Text(
        "The recipient's organization does not let this sender use this From domain.",
        "受信側の組織が、この送信者によるFromドメインの使用を禁止しています。",
    ),
    "spoof": Text(
        "The From domain is one of the recipient's own organization, and the message came from outside.",
        "受信者自身の組織のドメインを名乗るメールが、外部から届いています。",
    ),
    "arc": Text(
        "A trusted ARC seal overrode the DMARC result: the message was handed on.",
        "転送されたメールで、信頼するARC署名がDMARCの結果より優先されました。",
    ),
    "passed": Text("The From domain is taken for authentic.", "ヘッダーFromのドメインは正当と判断されています。"),
    "soft-pass": Text(
        "The From domain is taken for authentic, with little confidence.",
        "ヘッダーFromのドメインは正当と判断されていますが、信頼度は低めです。",
    ),
    "unchecked": Text(
        "The message was not checked by composite authentication.",
        "複合認証による判定は行われていません。",
    ),
}

UNDECIDED = Text(
    "{method}: “{word}” decides nothing, neither for nor against the message.",
    "{method}: 「{word}」は成功とも失敗とも判定していません。",
)
OTHERS: dict[str, Text] = {
    "arc": Text(
        "Whether the ARC chain of those who handed the message on is intact.",
        "転送したサーバーによるARCチェーンの検証結果です。",
    ),
    "auth": Text(
        "Whether the sender logged in at this server (SMTP AUTH).",
        "送信者がこのサーバーにログインしたか(SMTP AUTH)を示します。",
    ),
    "bimi": Text(
        "Whether a logo may be shown (BIMI). It needs a DMARC policy of quarantine or reject.",
        "ロゴの表示(BIMI)の可否です。DMARCのポリシーがquarantineまたはrejectである必要があります。",
    ),
    "gateway.spf": Text(
        "The client is a gateway that the recipient's organization set up: the sender's SPF was not evaluated.",
        "接続元は受信側の組織が設定したゲートウェイです。送信者のSPFは評価されていません。",
    ),
    "iprev": Text(
        "Whether the client's address leads to a name and back (reverse DNS).",
        "接続元IPアドレスの逆引きと正引きが一致するかを示します。",
    ),
}

ALIGNED_SAME = Text(
    "It is aligned with From ({author}): the same domain.",
    "ヘッダーFrom({author})とアライメントが取れています(同じドメイン)。",
)
ALIGNED_RELAXED = Text(
    "It is aligned with From ({author}) in relaxed mode: the same organizational domain.",
    "ヘッダーFrom({author})とrelaxedモードでアライメントが取れています(組織ドメインが同じ)。",
)
NOT_ALIGNED_SES = Text(
    "It is not aligned with From ({author}): it is Amazon SES's own domain, which every customer shares.",
    "ヘッダーFrom({author})とアライメントが取れていません。すべてのSES利用者に共通の、SES自身のドメインです。",
)
NOT_ALIGNED = Text(
    "It is not aligned with From ({author}): another organization's domain.",
    "ヘッダーFrom({author})とアライメントが取れていません(組織ドメインが異なります)。",
)

WRITE_RECORD = Text(
    "Publish a DMARC record: “todoku check {author}” prints it.",
    "DMARCレコードを登録してください。登録する内容は todoku check {author} で表示できます。",
)
ONLY_SES = Text(
    "Only Amazon SES is authenticated, not {author}: only an e-mail address is verified in SES, or Easy DKIM and a custom MAIL "
    "FROM domain are not set up. Until they are, Google's Postmaster Tools shows no data for {author}.",
    "認証されているのはAmazon SESだけで、{author} は認証されていません。メールアドレスだけを検証したか、Easy DKIMとカスタム MAIL FROM "
    "ドメインを設定していない状態です。設定するまで、GoogleのPostmaster Toolsに {author} のデータは表示されません。",
)
PRINTED = Text(
    "{fixes}. “todoku check {author}” prints the records.",
    "{fixes}。登録するレコードは todoku check {author} で表示できます。",
)
SAVE_WHOLE = Text(
    "To find out why, save the whole message and run “todoku check message.eml”.",
    "原因を調べるには、メール全体を保存して todoku check message.eml を実行してください。",
)
UNPROVEN = Text(
    "Anyone can write such a line, and it does not show who did. It is explained here as you pasted it. To have todoku decide "
    "whether it is the receiver's, give “todoku check” the whole header.",
    "この行は誰でも書けるため、これだけでは受信側の記録かどうか分かりません。ここでは貼り付けられたとおりに説明しています。"
    "受信側の記録かどうかも判定するには、ヘッダー全体を todoku check に渡してください。",
)
