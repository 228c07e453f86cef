"""What ``todoku postmaster`` does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from todoku.cli.exit_codes import EXIT_CLEAN, EXIT_COULD_NOT, EXIT_FINDINGS
from todoku.cli.stored import BUSY, clock, leased, opened, settings
from todoku.cli.terminal import Screen, tell
from todoku.mail.domain_name import ascii_domain
from todoku.net.google.credentials import client_in, open_api, token_place
from todoku.report.columns import padded
from todoku.report.words import Language, harmless, say
from todoku.settings.config import Config, read_config
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

if TYPE_CHECKING:
    from todoku.net.google.api import Api, Refusal
    from todoku.net.google.poll import Polled
    from todoku.net.google.postmaster import Method, Registered

WHY = {
    "throttled": Text("Google takes no more requests just now", "Googleのリクエスト数の上限に達しています"),
    "unreachable": Text("Google gives no answer", "Googleから応答がありません"),
    "garbled": Text("what answers is not Google's API", "Googleのものではない応答が返されました"),
    "denied": Text("Google refuses access", "Googleにアクセスを拒否されました"),
    "ended": Text(
        "the credentials are not valid any more: run `todoku postmaster login` again, or renew the service account's key",
        "認証情報が無効になっています。`todoku postmaster login` をもう一度実行するか、サービスアカウントのキーを更新してください",
    ),
    "absent": Text(
        "the domain is not in these Postmaster Tools", "このPostmaster Toolsには登録されていないドメインです"
    ),
    "exists": Text("the domain is there already", "すでに登録されています"),
    "refused": Text("Google does not take the request", "Googleがリクエストを受け付けません"),
    "limit": Text("there is more than todoku reads", "todokuが読み取る上限を超えています"),
}
"""What each cause of a refusal is for a person."""

HINTS = {
    "SERVICE_DISABLED": Text(
        "In Google Cloud switch on the “Gmail Postmaster Tools API” for the project of these credentials.",
        "この認証情報のプロジェクトで、Google Cloudの「Gmail Postmaster Tools API」を有効にしてください。",
    ),
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": Text(
        "The consent does not reach so far: run `todoku postmaster login` again.",
        "許可の範囲が不足しています。`todoku postmaster login` をもう一度実行してください。",
    ),
}

STATES = {
    "VERIFIED": Text("verified", "確認済み"),
    "UNVERIFIED": Text("not verified", "未確認"),
}


def login(*, client: str | None, port: int, config: Path | None, language: Language) -> int:
    """Sign in. Raises ``UsageError``."""
    from todoku.net.google.consent import Asking, keep  # noqa: PLC0415 -- an HTTP server, which only this needs

    section = read_config(config, secrets=()).postmaster
    file = client or section.credentials_file
    if not file:
        raise UsageError(
            Text(
                "name the OAuth client's JSON: todoku postmaster login --client client.json",
                "OAuthクライアントのJSONを指定してください: todoku postmaster login --client client.json",
            )
        )
    place = token_place(section)
    with Asking(client_in(file), port) as asking:
        tell(
            say(
                Text(
                    f"Open this in a browser and consent:\n\n  {asking.url}\n",
                    f"次のURLをブラウザーで開き、アクセスを許可してください。\n\n  {asking.url}\n",
                ),
                language,
            )
        )
        consent = asking.wait()
    if isinstance(consent, Text):
        tell(f"todoku: {harmless(say(consent, language))}")
        return EXIT_COULD_NOT
    keep(place, consent)
    Screen().write(
        say(Text(f"The consent is kept in {place}.\n", f"許可の情報を {place} に保存しました。\n"), language)
    )
    return EXIT_CLEAN


def add(*, domain: str, method: str, config: Path | None, language: Language) -> int:
    """Add a domain and show its record. Raises ``UsageError``."""
    from todoku.net.google import postmaster  # noqa: PLC0415 -- an extra
    from todoku.net.google.api import Refusal  # noqa: PLC0415

    name = _domain(domain)
    api = open_api(read_config(config, secrets=()).postmaster)
    way = cast("Method", method.upper())
    made = postmaster.create(api, name)
    if isinstance(made, Refusal) and made.cause != "exists":
        return _told(made, language)
    token = postmaster.verification_token(api, name, way)
    if isinstance(token, Refusal):
        return _told(token, language)
    Screen().write(_record(name, way, harmless(token), language))
    return EXIT_CLEAN


def verify(*, domain: str, method: str, config: Path | None, language: Language) -> int:
    """Have Google look for the record. Raises ``UsageError``."""
    from todoku.net.google import postmaster  # noqa: PLC0415 -- an extra
    from todoku.net.google.api import Refusal  # noqa: PLC0415

    name = _domain(domain)
    api = open_api(read_config(config, secrets=()).postmaster)
    refused = postmaster.verify(api, name, cast("Method", method.upper()))
    if refused is not None and refused.cause != "refused":
        return _told(refused, language)
    now = postmaster.domain(api, name)
    if isinstance(now, Refusal):
        return _told(now, language)
    if now.verification_state == "VERIFIED":
        Screen().write(say(Text(f"{name} is verified.\n", f"{name} の所有権を確認できました。\n"), language))
        return EXIT_CLEAN
    Screen().write(
        say(
            Text(
                f"{name} is not verified: Google does not see the record yet. `todoku postmaster add {name}` shows it once more; DNS "
                "may take until the old answer's time to live has passed.\n",
                f"{name} の所有権を確認できません。レコードがGoogleから見えていません。レコードは `todoku postmaster add {name}` で再表示できます。"
                "DNSの反映には、以前の応答のTTLが過ぎるまでかかることがあります。\n",
            ),
            language,
        )
    )
    return EXIT_FINDINGS


def domains(*, form: str, config: Path | None, language: Language) -> int:
    """List the domains. Raises ``UsageError``."""
    from todoku.net.google import postmaster  # noqa: PLC0415 -- an extra
    from todoku.net.google.api import Refusal  # noqa: PLC0415

    found = postmaster.domains(open_api(read_config(config, secrets=()).postmaster))
    if isinstance(found, Refusal):
        return _told(found, language)
    ordered = sorted(found, key=lambda one: one.domain)
    if form == "json":
        rows = [
            {"domain": one.domain, "state": one.verification_state, "permission": one.permission} for one in ordered
        ]
        Screen().write(msgspec.json.format(msgspec.json.encode(rows), indent=2).decode() + "\n")
    else:
        Screen().write(_listed(ordered, language))
    return EXIT_CLEAN


def poll(*, config: Path | None, place: str | None, language: Language) -> int:
    """Read everything into the store. Raises ``UsageError``."""
    from todoku.store.away import Away, LeaseLost  # noqa: PLC0415 -- an extra

    read = settings(config, place)
    api = open_api(read.postmaster)
    try:
        return _poll(read, api, language)
    except LeaseLost:
        tell(say(BUSY, language))
        return EXIT_COULD_NOT
    except Away as away:
        tell(f"todoku: {harmless(say(away.text, language))}")
        return EXIT_COULD_NOT


def _poll(read: Config, api: Api, language: Language) -> int:
    with opened(read, make=True) as store, leased(store) as lease:
        from todoku.net.google.store_rates import poll_into  # noqa: PLC0415 -- after the libraries were looked for

        if lease is None:
            tell(say(BUSY, language))
            return EXIT_COULD_NOT
        polled = poll_into(store, lease, api, clock)
    Screen().write(say(_summary(polled), language) + "\n")
    for one in polled.refusals:
        _told(one, language)
    return EXIT_COULD_NOT if polled.refusals else EXIT_CLEAN


def _summary(polled: Polled) -> Text:
    days = [day.state for one in polled.series for day in one.days]
    numbers, none, unknown = (days.count(state) for state in ("number", "no-data", "not-known"))
    verified = sum(one.verification_state == "VERIFIED" for one in polled.domains)
    return Text(
        f"{len(polled.domains)} domains, {verified} verified. {numbers} figures; {none} days without data; {unknown} not known.",
        f"ドメイン{len(polled.domains)}件(確認済み{verified}件)。数値{numbers}件、データなし{none}件、取得できず{unknown}件。",
    )


def _told(refused: Refusal, language: Language) -> int:
    """Say why Google gave nothing, and what to do; the exit code."""
    hint = next((text for word, text in HINTS.items() if word in refused.detail.split()), Text("", ""))
    why = WHY[refused.cause]
    told = Text(f"{why.en} ({refused.detail}). {hint.en}", f"{why.ja}({refused.detail})。{hint.ja}")
    tell(f"todoku: {harmless(say(told, language)).rstrip()}")
    return EXIT_COULD_NOT


def _listed(found: Sequence[Registered], language: Language) -> str:
    if not found:
        return say(
            Text(
                "There is no domain in these Postmaster Tools: todoku postmaster add DOMAIN\n",
                "登録されているドメインはありません。todoku postmaster add DOMAIN で追加できます\n",
            ),
            language,
        )
    width = max(len(one.domain) for one in found) + 2
    lines = (
        f"{padded(harmless(one.domain), width)}{say(STATES.get(one.verification_state, Text('?', '?')), language)}  "
        f"{harmless(one.permission.lower())}".rstrip()
        for one in found
    )
    return "\n".join(lines) + "\n"


def _record(name: str, method: Method, token: str, language: Language) -> str:
    """The record as a line of a zone, and in the words of a DNS panel. A CNAME's token holds its name and its target."""
    owner, value = name, token
    if method == "CNAME":
        first, _, second = token.partition(" ")
        owner, value = (f"{first.removesuffix('.' + name)}.{name}", second) if second else (name, token)
    shown = f'"{value}"' if method == "TXT" else f"{value.rstrip('.')}."
    head = Text(
        "Publish this record and leave it in place:", "次のレコードを登録してください。確認後も残しておいてください。"
    )
    words = {
        Text("Type", "種類"): method,
        Text("Name", "名前"): owner,
        Text("Value", "値"): value,
    }
    sheet = "".join(f"  {padded(say(word, language), 8)}{text}\n" for word, text in words.items())
    command = f"todoku postmaster verify {name}{' --method cname' if method == 'CNAME' else ''}"
    after = Text(f"Then: {command}", f"登録後に実行: {command}")
    return f"{say(head, language)}\n\n  {owner}. IN {method} {shown}\n\n{sheet}\n{say(after, language)}\n"


def _domain(text: str) -> str:
    name = ascii_domain(text.rstrip("."))
    if name is None or "." not in name:
        raise UsageError(Text(f"{text!r} is not a domain", f"{text!r} はドメインではありません"))
    return name
