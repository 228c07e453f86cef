"""What receivers do with mail that does not meet a rule, each with its source: clauses share them.

None is stronger than its source. Where a text has ``{codes}``, ``receivers.clause`` puts the SMTP replies of the rule.
"""

from __future__ import annotations

from typing import Final

from todoku.words.verdict import Consequence, Text

GOOGLE_GUIDELINES: Final = "https://support.google.com/a/answer/81126"
GOOGLE_FAQ: Final = "https://support.google.com/a/answer/14229414"
GOOGLE_CODES: Final = "https://knowledge.workspace.google.com/admin/support/troubleshooting/gmail-smtp-errors-and-codes"
GOOGLE_LOOP: Final = "https://support.google.com/a/answer/6254652"
YAHOO_PAGE: Final = "https://senders.yahooinc.com/best-practices/"
YAHOO_FAQ: Final = "https://senders.yahooinc.com/faqs/"
YAHOO_CODES: Final = "https://senders.yahooinc.com/smtp-error-codes/"
MICROSOFT_BLOG: Final = "https://techcommunity.microsoft.com/blog/microsoftdefenderforoffice365blog/strengthening-email-ecosystem-outlook%E2%80%99s-new-requirements-for-high%E2%80%90volume-senders/4399730"
MICROSOFT_DMARC: Final = "https://techcommunity.microsoft.com/blog/exchange/announcing-new-dmarc-policy-handling-defaults-for-enhanced-email-security/3878883"
MICROSOFT_POLICIES: Final = "https://substrate.office.com/ip-domain-management-snds/Postmaster/Policies"
MICROSOFT_JUNK: Final = "https://substrate.office.com/ip-domain-management-snds/Postmaster/JunkEmail"
MICROSOFT_TROUBLE: Final = "https://substrate.office.com/ip-domain-management-snds/Postmaster/Troubleshooting"
APPLE_PAGE: Final = "https://support.apple.com/en-us/102322"

GMAIL_REJECTS = Consequence(
    "reject",
    Text(
        "Gmail may reject this{codes} or file it as spam.",
        "Gmailは、このメールを拒否するか{codes}、迷惑メールに振り分けることがあります。",
    ),
    source=GOOGLE_FAQ,
)
GMAIL_REJECTS_WITHOUT_DMARC = Consequence(
    "reject",
    Text(
        "Gmail may reject this{codes}, and gives no help when your mail is filed as spam.",
        "Gmailは、このメールを拒否することがあります{codes}。迷惑メールに振り分けられても、解除の依頼に応じません。",
    ),
    source=GOOGLE_CODES,
)
GMAIL_DEFERS_IMPERSONATION = Consequence(
    "defer",
    Text(
        "Gmail may defer this if you are a bulk sender, and says that it may affect delivery for others.",
        "Gmailは、一括送信者であれば受信を一時的に拒否することがあります。それ以外の送信者でも、配信に影響することがあります。",
    ),
    source=GOOGLE_FAQ,
)
GMAIL_FILES_AS_SPAM = Consequence(
    "spam",
    Text(
        "Gmail may file this as spam or not deliver it as expected.",
        "Gmailは、このメールを迷惑メールに振り分けるなど、通常どおり配信しないことがあります。",
    ),
    source=GOOGLE_GUIDELINES,
)
GMAIL_COUNTS_REPORTS = Consequence(
    "spam",
    Text(
        "Gmail files more of your mail as spam the more often people report it.",
        "Gmailは、迷惑メールとして報告されるほど、以後のメールを迷惑メールに振り分けやすくなります。",
    ),
    source=GOOGLE_GUIDELINES,
)
GMAIL_NO_SUPPORT = Consequence(
    "no-support",
    Text(
        "Gmail does not reject mail for this, but gives no help when your mail is filed as spam.",
        "Gmailは、この理由でメールを拒否しませんが、迷惑メールに振り分けられても解除の依頼に応じません。",
    ),
    source=GOOGLE_FAQ,
)
GMAIL_MAY_NOT_HELP = Consequence(
    "no-support",
    Text(
        "Gmail may give no help when your mail is filed as spam.",
        "Gmailは、迷惑メールに振り分けられても解除の依頼に応じないことがあります。",
    ),
    source=GOOGLE_GUIDELINES,
)
GMAIL_SPAM_RATE = Consequence(
    "no-support",
    Text(
        "Gmail files more of your mail as spam at such a rate, and gives bulk senders no help until it has been below 0.3% for 7 days.",
        "この率に達すると、Gmailは迷惑メールに振り分けやすくなり、一括送信者の解除の依頼には、7日続けて0.3%未満になるまで応じません。",
    ),
    source=GOOGLE_FAQ,
)
GMAIL_OWN_POLICY = Consequence(
    "policy",
    Text(
        "Gmail generally does what your own DMARC policy asks for: p=reject is rejected{codes}, p=quarantine goes to spam.",
        "Gmailは原則として自社のDMARCポリシーに従います。p=rejectなら拒否し{codes}、p=quarantineなら迷惑メールに振り分けます。",
    ),
    source=GOOGLE_FAQ,
)
GMAIL_ADVISES = Consequence(
    "advice",
    Text(
        "Gmail recommends this and names no consequence.",
        "Gmailの推奨事項で、どう扱うかは示されていません。",
    ),
    source=GOOGLE_GUIDELINES,
)
GMAIL_OFFERS_LOOP = Consequence(
    "advice",
    Text(
        "Gmail offers this to large-volume senders and names no consequence.",
        "Gmailが一括送信者向けに提供している機能で、どう扱うかは示されていません。",
    ),
    source=GOOGLE_LOOP,
)
GMAIL_UNSEEN = Consequence(
    "advice",
    Text(
        "Gmail does not reject mail for this. Without it you cannot see your spam rate or Google's compliance status.",
        "Gmailがこの理由でメールを拒否することはありません。登録がないと、迷惑メール率やGoogleによる準拠状況を確認できません。",
    ),
    source=GOOGLE_FAQ,
)

YAHOO_REJECTS = Consequence(
    "reject",
    Text(
        "Yahoo may reject this{codes} or file it as spam.",
        "Yahooは、このメールを拒否するか{codes}、迷惑メールに振り分けることがあります。",
    ),
    source=YAHOO_FAQ,
)
YAHOO_REJECTS_FOR_POLICY = Consequence(
    "reject",
    Text(
        "Yahoo may reject or defer this{codes}.",
        "Yahooは、このメールを拒否または一時的に拒否することがあります{codes}。",
    ),
    source=YAHOO_CODES,
)
YAHOO_DEFERS_COMPLAINTS = Consequence(
    "reject",
    Text(
        "Yahoo may defer mail from a domain with many complaints{codes}, reject it or file it as spam.",
        "Yahooは、苦情の多いドメインのメールを一時的に拒否するか{codes}、拒否または迷惑メールに振り分けることがあります。",
    ),
    source=YAHOO_FAQ,
)
YAHOO_OWN_POLICY = Consequence(
    "policy",
    Text(
        "Yahoo does what your own DMARC policy asks for: p=reject is rejected{codes}.",
        "Yahooは自社のDMARCポリシーに従います。p=rejectなら拒否します{codes}。",
    ),
    source=YAHOO_FAQ,
)
YAHOO_ADVISES = Consequence(
    "advice",
    Text(
        "Yahoo recommends this and names no consequence.",
        "Yahooの推奨事項で、どう扱うかは示されていません。",
    ),
    source=YAHOO_PAGE,
)

OUTLOOK_REJECTS = Consequence(
    "reject",
    Text(
        "Outlook.com may reject this{codes} or file it as junk: Microsoft's announcement says reject, its policy page says junk "
        "first.",
        "Outlook.comは、このメールを拒否するか{codes}、迷惑メールに振り分けることがあります(発表では拒否、ポリシーのページではまず"
        "迷惑メールに振り分けるとされています)。",
    ),
    source=MICROSOFT_POLICIES,
)
OUTLOOK_REJECTS_WITHOUT_PTR = Consequence(
    "reject",
    Text(
        "Outlook.com may not accept mail from an address without valid reverse DNS.",
        "Outlook.comは、逆引きが正しく設定されていないIPアドレスからのメールを受け付けないことがあります。",
    ),
    source=MICROSOFT_TROUBLE,
)
OUTLOOK_NO_SUPPORT = Consequence(
    "no-support",
    Text(
        "Microsoft may not help you with delivery to Outlook.com; it names no rejection for this.",
        "Microsoftは、Outlook.comへの配信に関する問い合わせに応じないことがあります。拒否するとは示されていません。",
    ),
    source=MICROSOFT_POLICIES,
)
OUTLOOK_DELIVERS_MALFORMED = Consequence(
    "no-support",
    Text(
        "Microsoft may not help you with delivery to Outlook.com. It names no rejection for this, and Outlook.com has been seen to "
        "deliver such mail.",
        "Microsoftは、Outlook.comへの配信に関する問い合わせに応じないことがあります。拒否するとは示されておらず、"
        "Outlook.comがこのようなメールを配信した例も確認されています。",
    ),
    source=MICROSOFT_POLICIES,
)
OUTLOOK_BLOCKS_SENDER = Consequence(
    "advice",
    Text(
        "Without it, Outlook.com's Unsubscribe only blocks you for that person and does not tell you.",
        "この指定がないと、Outlook.comで「登録解除」が押されても、その人に対してブロックされるだけで、送信者には通知されません。",
    ),
    source=MICROSOFT_JUNK,
)
OUTLOOK_OWN_POLICY = Consequence(
    "policy",
    Text(
        "Outlook.com does what your own DMARC policy asks for: it rejects mail that fails under p=reject or p=quarantine.",
        "Outlook.comは自社のDMARCポリシーに従い、p=rejectまたはp=quarantineのもとで失敗したメールを拒否します。",
    ),
    source=MICROSOFT_DMARC,
)
OUTLOOK_ADVISES = Consequence(
    "advice",
    Text(
        "Microsoft recommends this, and reserves the right to filter or block senders that ignore it.",
        "Microsoftの推奨事項です。従わない送信者を振り分けたりブロックしたりすることがあるとしています。",
    ),
    source=MICROSOFT_BLOG,
)
OUTLOOK_RECOMMENDS = Consequence(
    "advice",
    Text(
        "Microsoft recommends this and names no consequence.",
        "Microsoftの推奨事項で、どう扱うかは示されていません。",
    ),
    source=MICROSOFT_BLOG,
)
OUTLOOK_OFFERS_LOOP = Consequence(
    "advice",
    Text(
        "Microsoft recommends this and names no consequence.",
        "Microsoftの推奨事項で、どう扱うかは示されていません。",
    ),
    source=MICROSOFT_POLICIES,
)

APPLE_REJECTS = Consequence(
    "reject",
    Text(
        "Apple says that iCloud rejects bulk mail that does not meet this.",
        "Appleは、この要件を満たさない一括メールをiCloudが拒否するとしています。",
    ),
    source=APPLE_PAGE,
)
APPLE_OWN_POLICY = Consequence(
    "policy",
    Text(
        "iCloud does what your own DMARC policy asks for.",
        "iCloudは自社のDMARCポリシーに従って処理します。",
    ),
    source=APPLE_PAGE,
)
APPLE_ADVISES = Consequence(
    "advice",
    Text(
        "Apple encourages this and names no consequence.",
        "Appleの推奨事項で、どう扱うかは示されていません。",
    ),
    source=APPLE_PAGE,
)

DOCOMO_PAGE: Final = "https://www.docomo.ne.jp/service/docomo_mail/smtp_notice/"
DOCOMO_WARNS = Consequence(
    "warning",
    Text(
        "docomo shows a warning above the message, and it may not arrive.",
        "ドコモは、メールの上部に警告を表示します。届かないこともあります。",
    ),
    source=DOCOMO_PAGE,
    certain="undated",
)
DOCOMO_ASKS = Consequence(
    "advice",
    Text(
        "docomo asks for this; its page says no more than that mail may not arrive.",
        "ドコモが求めている設定です。ドコモの説明は、届かないことがあるというものにとどまります。",
    ),
    source=DOCOMO_PAGE,
    certain="undated",
)
DOCOMO_SPOOFING = Consequence(
    "policy",
    Text(
        "Recipients who chose to refuse all spoofed mail at docomo do not get it; for others docomo states no consequence.",
        "ドコモでなりすましメールをすべて拒否する設定にした受信者には届きません。それ以外の受信者への扱いは示されていません。",
    ),
    source="https://www.docomo.ne.jp/service/imode_mail/notice/sender_id/",
    certain="undated",
)
DOCOMO_POLICY = Consequence(
    "policy",
    Text(
        "docomo applies your own policy: reject refuses the message, quarantine puts it into the junk folder.",
        "ドコモは送信元のポリシーどおりに処理します。rejectなら拒否し、quarantineなら迷惑メールフォルダーに入れます。",
    ),
    source="https://news.biglobe.ne.jp/it/0213/mnn_250213_2169408279.html",
    certain="reported",
)
DOCOMO_BLOCKS = Consequence(
    "defer",
    Text(
        "docomo takes no mail for a time from a network that sends to many unknown addresses; on shared SES addresses that is "
        "other senders' mail too.",
        "ドコモは、宛先不明のアドレスに大量に送信したネットワークからの受信を一時的に止めます。SESの共有IPアドレスでは、ほかの送信者にも影響します。",
    ),
    source="https://www.docomo.ne.jp/service/imode_mail/notice/mass_send/",
    certain="undated",
)
DOCOMO_LINES = Consequence(
    "reject",
    Text("docomo refuses the message{codes}.", "ドコモはこのメールを拒否します{codes}。"),
    codes=("500",),
    source="https://www.nttdocomo.co.jp/service/imode_mail/notice/",
    certain="reported",
)

AU_PAGE: Final = "https://www.au.com/mobile/service/mail/attention/spf-record/"
AU_FILTERS = Consequence(
    "policy",
    Text(
        "au may keep this from recipients whose filter refuses spoofed mail.",
        "auで、なりすまし規制を設定している受信者には届かないことがあります。",
    ),
    source=AU_PAGE,
    certain="undated",
)
AU_ASKS = AU_FILTERS
AU_JUNK_FILTER = Consequence(
    "policy",
    Text(
        "au's junk filter, on by default, takes DKIM and DMARC into account; au does not say what becomes of the message.",
        "auの「迷惑メールおまかせ規制」(初期設定はオン)がDKIMとDMARCを判定に使います。その後の扱いは示されていません。",
    ),
    source="https://www.au.com/information/topic/mobile/2023-024/",
)
AU_HIGH = Consequence(
    "policy",
    Text(
        "Recipients who set au's spoofing filter to high do not get the message; au sends no bounce, as others report.",
        "auのなりすまし規制を「高」にしている受信者には届きません。バウンスも返らないと報告されています。",
    ),
    source="https://mfilter.ezweb.ne.jp/jsp/md/help_detail.jsp?target=03206.html&org_action=/jsp/md/detail/detail_setting.jsp"
    "&version=&direct=1&ezmf_msg=end",
    certain="undated",
)
AU_SLOWS = Consequence(
    "defer",
    Text(
        "au is reported to slow down or block the sender.",
        "auは送信元からの受信を遅らせたり止めたりすると報告されています。",
    ),
    source="https://www.hde.co.jp/mmta/",
    certain="reported",
)

SOFTBANK_PAGE: Final = "https://www.softbank.jp/mobile/info/personal/news/support/20240213a/"
SOFTBANK_REFUSES = Consequence(
    "policy",
    Text(
        "SoftBank refuses spoofed mail of domains with DMARC, unless the recipient switched that off.",
        "ソフトバンクは、DMARCを設定したドメインのなりすましメールを拒否します(受信者が機能をオフにしている場合を除く)。",
    ),
    source=SOFTBANK_PAGE,
)
SOFTBANK_OLD: Final = "http://megalodon.jp/ref/2008-0911-1438-33/creation.mb.softbank.jp/mail/mail_attention.html"
SOFTBANK_ASKS = Consequence(
    "reject",
    Text(
        "SoftBank refused such mail by a page of 2008; what it does today was not read.",
        "2008年の説明では、ソフトバンクはこのようなメールを拒否していました。現在の扱いは確認していません。",
    ),
    source=SOFTBANK_OLD,
    certain="reported",
)
SOFTBANK_REPORTED = Consequence(
    "policy",
    Text(
        "SoftBank's spoofing filter is reported to refuse such mail; SoftBank itself does not say so.",
        "ソフトバンクの「なりすましメールの拒否」で拒否されるとの報告がありますが、ソフトバンク自身の説明はありません。",
    ),
    source="https://note.com/sendmagic/n/n2c8b608b866e",
    certain="reported",
)
SOFTBANK_UNKNOWN_DOMAIN = Consequence(
    "reject",
    Text(
        "SoftBank is reported to refuse such mail{codes}.",
        "ソフトバンクはこのようなメールを拒否すると報告されています{codes}。",
    ),
    codes=("553",),
    source="https://note.com/sendmagic/n/n5afbf98aeb25",
    certain="reported",
)
SOFTBANK_BLOCKS = Consequence(
    "defer",
    Text(
        "SoftBank may take mail to many unknown addresses for spam and restrict the sender.",
        "ソフトバンクは、宛先不明のアドレスが大量に含まれる送信を迷惑メールと判断し、送信を制御することがあります。",
    ),
    source="https://www.softbank.jp/mobile/support/antispam/wrestle/",
    certain="undated",
)

YAHOO_JAPAN_PAGE: Final = "https://whatsnewmail.yahoo.co.jp/yahoo/20241211a.html"
YAHOO_JAPAN_JUNKS = Consequence(
    "spam",
    Text(
        "Yahoo! JAPAN may take mail that passes none of SPF, DKIM and DMARC for junk, or refuse it.",
        "Yahoo!メールは、SPF・DKIM・DMARCのいずれにも成功していないメールを、迷惑メールと判定するか、拒否することがあります。",
    ),
    source=YAHOO_JAPAN_PAGE,
)
YAHOO_JAPAN_REFUSES = Consequence(
    "policy",
    Text(
        "Yahoo! JAPAN applies your own policy{codes}.",
        "Yahoo!メールは、送信元のDMARCポリシーに従って処理します{codes}。",
    ),
    source="https://mail.yahoo.co.jp/antispam/dmarc.html",
    certain="undated",
)
YAHOO_JAPAN_FOLDER = Consequence(
    "spam",
    Text(
        "Yahoo! JAPAN may file such mail as junk, by an old help page.",
        "以前のヘルプによると、Yahoo!メールはこのようなメールを迷惑メールフォルダーに振り分けることがあります。",
    ),
    source="https://www.yahoo-help.jp/app/answers/detail/a_id/47636",
    certain="reported",
)

NIFTY_PAGE: Final = "https://mail.nifty.com/cs/mail-faq/detail/3s6akkq58l_k"
NIFTY_RESTRICTS = Consequence(
    "spam",
    Text(
        "@nifty calls this mandatory. Above mail that does not pass DMARC it shows a warning in webmail; it may file such mail as "
        "junk or refuse it.",
        "@niftyが必須としている設定です。DMARCに成功していないメールは、Webメールで警告が表示され、迷惑メールフォルダーへの振り分けや"
        "受信拒否の対象になることがあります。",
    ),
    source=NIFTY_PAGE,
    certain="undated",
)
NIFTY_ADDRESS = Consequence(
    "policy",
    Text(
        "@nifty restricts mail from addresses that fail this; how was not read.",
        "@niftyは、条件を満たさないIPアドレスからの受信を制限します(制限の内容は確認していません)。",
    ),
    source=NIFTY_PAGE,
    certain="undated",
)
NIFTY_POLICY = Consequence(
    "policy",
    Text("@nifty applies your own policy.", "@niftyは、送信元のDMARCポリシーに従って制限します。"),
    source="https://mail.nifty.com/cs/mail-faq/detail/210401000076",
    certain="undated",
)
