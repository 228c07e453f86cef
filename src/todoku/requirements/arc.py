"""Whoever forwards mail seals it with ARC, and a mailing list names itself in List-Id. It concerns forwarded mail only.

Gmail asked for both until 2026-03-11 and no longer does; sealing meets no requirement of Gmail's today.
"""

from __future__ import annotations

from datetime import date

from todoku.auth.arc import ArcResult
from todoku.causes.circumstances import unseen
from todoku.causes.exhibits import computed, dns_exhibit
from todoku.causes.forwarded import sign_of
from todoku.mail.message import Message
from todoku.mail.route import Route
from todoku.receivers import clause, gmail, outlook
from todoku.words.change import Change, Instruction
from todoku.words.pages import google_help
from todoku.words.verdict import Exhibit, Finding, Fix, Missing, Reason, Requirement, SesDefault, Text, Witness


def seal_at_forwarder() -> tuple[Change, ...]:
    """Only the host that forwards can seal; SES has nothing for it."""
    return (
        Instruction(
            Text(
                "On the host that forwards, add an ARC set (OpenARC, rspamd, or your list software) after every change that it "
                "makes to the message. SES does not seal, and writes Date and Message-ID anew: do not relay sealed mail through it.",
                "転送を行うサーバーで、メールの変更がすべて終わった後にARCヘッダーを付与してください(OpenARC、rspamd、メーリングリストソフトなど)。"
                "SESにはARCヘッダーを付与する機能がなく、DateとMessage-IDを書き換えるため、付与後のメールをSES経由で送らないでください。",
            )
        ),
    )


def add_list_id() -> tuple[Change, ...]:
    """The list software is the list owner's to set."""
    return (
        Instruction(
            Text(
                "Let the list software add a List-Id field (RFC 2919) to every message.",
                "メーリングリストソフトで、すべてのメールにList-Idヘッダー(RFC 2919)を付けてください。",
            )
        ),
    )


SEAL_ARC = Fix("seal-arc", Text("Seal forwarded mail with ARC", "転送メールにARCヘッダーを付与する"), seal_at_forwarder)
LIST_ID = Fix("list-id", Text("Add List-Id to list mail", "メーリングリストのメールにList-Idを付ける"), add_list_id)

SEALED = Reason(
    "arc-sealed",
    Text(
        "The message was handed on, and its ARC chain is valid (sealed by {sealers}).",
        "転送されたメールで、ARCチェーンは有効です(付与元: {sealers})。",
    ),
)
UNSEALED = Reason(
    "arc-unsealed",
    Text(
        "The message was handed on before it arrived ({sign}), and no forwarder sealed it with ARC.",
        "到着前に転送またはメーリングリストを経由していますが({sign})、転送元のARCヘッダーがありません。",
    ),
    fixes=(SEAL_ARC,),
)
BROKEN = Reason(
    "arc-broken",
    Text(
        "The ARC chain sealed by {sealers} is not valid ({cause}): receivers ignore it.",
        "{sealers} が付与したARCチェーンは無効で({cause})、受信側に無視されます。",
    ),
    fixes=(SEAL_ARC,),
)
UNANSWERED = Reason(
    "arc-dns-failed",
    Text(
        "The ARC chain could not be checked ({cause}). Try again later.",
        "ARCチェーンを検証できませんでした({cause})。時間をおいて再実行してください。",
    ),
)
OVER_LIMIT = Reason(
    "arc-over-limit",
    Text(
        "The ARC chain was not checked to its end: it is over a limit of this tool ({cause}).",
        "ARCチェーンが本ツールの上限を超えているため({cause})、最後までは検証していません。",
    ),
)
LIST_ID_MISSING = Reason(
    "list-id-missing",
    Text(
        "The message went through a mailing list ({sign}) that does not name itself in List-Id.",
        "メーリングリストを経由していますが({sign})、List-Idヘッダーがありません。",
    ),
    fixes=(LIST_ID,),
)
ELSEWHERE = Reason(
    "arc-elsewhere",
    Text("A forwarded message shows this.", "転送されたメールで確認できます。"),
)


def decide(aspect: str, arc: ArcResult | Missing, route: Route) -> Finding | None:
    """The chain as the forwarders left it: what the receiver itself sealed is no forwarder's doing."""
    if aspect or not route.forwarded:
        return None
    if isinstance(arc, Missing):
        return unseen(arc)
    sets = [one for one in arc.sets if one.instance not in route.own_arc_instances]
    sealers = ", ".join(dict.fromkeys(one.domain for one in sets)) or "?"
    values = {"sealers": sealers, "sign": sign_of(route), "cause": f"{arc.cause} {arc.detail}".strip()}
    exhibits = (
        *_signs(route),
        *(computed(f"ARC set {one.instance}", f"d={one.domain}; cv={one.cv}; seal={one.seal}") for one in sets),
        *(dns_exhibit(answer) for answer in arc.answers),
    )
    unreadable = arc.result == "fail" and not arc.sets  # too many sets, or none that is whole
    if not sets and not unreadable:
        return Finding("fail", UNSEALED, values, exhibits)
    if arc.result == "temperror":
        reason = OVER_LIMIT if arc.cause == "limit" else UNANSWERED
        return Finding("unknown", reason, values, exhibits, missing="could-not-look")
    passed = arc.result == "pass"
    return Finding("pass" if passed else "fail", SEALED if passed else BROKEN, values, exhibits)


def decide_list_id(aspect: str, message: Message, route: Route) -> Finding | None:
    """That a list does not name itself (RFC 2919); one that does is left to the word on its seal."""
    if aspect != "list-id" or not route.mailing_list or message.first("list-id") is not None:
        return None
    return Finding("fail", LIST_ID_MISSING, {"sign": sign_of(route)}, _signs(route))


def _signs(route: Route) -> tuple[Exhibit, ...]:
    return tuple(Exhibit("header", name, value, offset) for name, value, offset in route.forward_signs)


SEAL = Text(
    "Forwarded mail is sealed with ARC.",
    "転送メールにはARCヘッダーを付与すること。",
)
NAME_THE_LIST = Text(
    "Mailing lists add List-Id.",
    "メーリングリストのメールにはList-Idヘッダーを付けること。",
)
GMAIL_UNTIL = date(2026, 3, 11)
GMAIL_HEADLINE = Text(
    "ARC and List-Id for forwarders and mailing lists (Gmail, since 2024-02-01, seen gone by 2026-03-11)",
    "転送とメーリングリストへのARC・List-Idの要求(Gmail、2024-02-01から。2026-03-11までに削除を確認)",
)

REQUIREMENT = Requirement(
    id="arc",
    title=Text("ARC on forwarded mail", "転送メールのARC"),
    clauses=(
        clause(
            "gmail",
            "all",
            "must",
            SEAL,
            until=GMAIL_UNTIL,
            until_seen=True,
            headline=GMAIL_HEADLINE,
            consequence=gmail.FILES_AS_SPAM,
        ),
        clause(
            "gmail",
            "all",
            "must",
            NAME_THE_LIST,
            until=GMAIL_UNTIL,
            until_seen=True,
            headline=GMAIL_HEADLINE,
            aspect="list-id",
            consequence=gmail.FILES_AS_SPAM,
        ),
        clause(
            "yahoo",
            "all",
            "should",
            SEAL,
            since=date(2025, 4, 10),
            since_seen=True,
            headline=Text("Yahoo recommends ARC to forwarders", "Yahooが転送時のARCを推奨するようになりました"),
        ),
        clause("outlook", "all", "should", SEAL, consequence=outlook.RECOMMENDS),
        clause("icloud", "bulk", "must", SEAL),
    ),
    ses_default=SesDefault(
        met=False,
        text=Text(
            "SES has not been seen to seal. Mail that you send yourself needs none: this concerns hosts that forward.",
            "SESがARCヘッダーを付与した例は確認されていません。自社から直接送るメールには不要で、転送を行うサーバーが対象です。",
        ),
        source="",
    ),
    witnesses=(Witness("message", decide), Witness("message", decide_list_id)),
    elsewhere=ELSEWHERE,
    setup_page=google_help("a/answer/175365"),
)
