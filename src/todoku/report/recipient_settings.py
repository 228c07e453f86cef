"""A text for your own site that asks recipients at Japanese carriers to allow your mail. It is for them, so it is Japanese only.

It claims no more than the carriers' pages and senders' reports show: docomo and au let what the recipient allowed through even where it
looks forged; of SoftBank it is reported that its filter for forged mail heeds only the 救済リスト. Menus change their names.
"""

from __future__ import annotations

from collections.abc import Sequence

from todoku.words.verdict import Text

PLACEHOLDER = "example.com"

BEFORE = Text(
    "A text for your site or your mails, in Japanese: it asks recipients at Japanese carriers to allow {domains}. Name the domains of "
    "your From addresses: todoku explain recipient-settings DOMAIN …",
    "サイトやメールに掲載する、受信者向けの案内文です({domains} の受信を許可してもらうためのもの)。ヘッダーFromのドメインを指定してください: "
    "todoku explain recipient-settings ドメイン …",
)
AFTER = Text(
    "Before you publish it, compare the names of the settings with the carriers' own pages. A recipient whose mail bounced before is on "
    "your account's suppression list: after the setting was changed, take the address off (aws sesv2 delete-suppressed-destination "
    "--email-address ADDRESS), or SES goes on to send nothing.",
    "掲載する前に、設定の名称を各社の案内で確認してください。以前にバウンスした宛先はアカウントのサプレッションリストに載っています。受信者が設定を変更したら、"
    "解除してください(aws sesv2 delete-suppressed-destination --email-address 宛先)。解除しないと、SESは送信しません。",
)

_LETTER = """\
【受信設定のお願い】
当社からのメールは、次のドメインのアドレスから送信します。
  {domains}
携帯電話会社のメールアドレスをご利用の場合、迷惑メール対策の設定によっては届かないことがあります。お手数ですが、次のとおり設定をお願いいたします。

■ ドコモ(@docomo.ne.jp)
  受信するドメインの指定に、上記のドメインを登録してください。
  パソコンからのメールを拒否する設定や、URL付きのメールを拒否する設定をご利用の場合は、その設定もご確認ください。

■ au・UQ mobile(@au.com、@ezweb.ne.jp、@uqmobile.jp)
  「受信リスト」に上記のドメインを登録し、「必ず受信」を選択してください。

■ ソフトバンク・ワイモバイル(@softbank.ne.jp、@i.softbank.jp、@vodafone.ne.jp など)
  「受信許可リスト」に上記のドメインを登録してください。
  「なりすましメールの拒否」をご利用の場合は、「救済リスト」にも登録してください。

■ 設定後も届かない場合
  以前に届かなかったアドレスへの送信を停止していることがあります。設定が済みましたら、お問い合わせ窓口までご連絡ください。
"""


def letter(domains: Sequence[str]) -> str:
    """The text, with the domains of From addresses that are to be allowed."""
    return _LETTER.format(domains="、".join(domains) or PLACEHOLDER)
