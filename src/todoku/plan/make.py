"""The plan for a domain: what a survey showed, turned into steps in the order in which they depend on each other."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

import msgspec

from todoku.account.sending import SesAccount
from todoku.plan.dkim import signing
from todoku.plan.dmarc import dmarc_record
from todoku.plan.mail_from import own_mail_from
from todoku.plan.part import Part, joined
from todoku.plan.step import Conflict, Plan, Step
from todoku.plan.survey import Survey
from todoku.plan.tls import required_tls
from todoku.words.change import Instruction
from todoku.words.verdict import Text

NOT_DELEGATED = "not-delegated"
"""The tag of the one conflict that is not about something that is there."""
SANDBOX = Instruction(
    Text(
        "Ask AWS for production access: SES console, Account dashboard, Request production access. They want to know in your own "
        "words what you send and to whom.",
        "SESコンソールの「アカウントダッシュボード」から本稼働アクセスをリクエストしてください。送信する内容と宛先の説明が必要です。",
    )
)


def make(survey: Survey, made: datetime, plan_id: str = "") -> Plan:
    """The plan. ``made`` (aware) dates it, and with what it is about gives it its id; one that is made anew keeps its id."""
    moment = made.astimezone(UTC).isoformat(timespec="seconds")
    plan_id = plan_id or _id(survey, moment)
    unread = survey.unread
    parts = Part() if unread else _parts(survey, plan_id)
    return Plan(
        id=plan_id,
        made=moment,
        account=survey.number,
        profile=survey.wanted.profile,
        region=survey.wanted.region,
        domain=survey.domain,
        steps=parts.steps,
        conflicts=parts.conflicts,
        unread=unread,
        options=msgspec.structs.asdict(survey.aims),
        zones=survey.zones,
    )


def _id(survey: Survey, moment: str) -> str:
    about = (survey.number, survey.wanted.region, survey.domain, moment)
    return sha256("\n".join(about).encode()).hexdigest()[:12]


def _parts(survey: Survey, plan_id: str) -> Part:
    signed = signing(survey, plan_id)
    sender = own_mail_from(survey, signed.last)
    tls = required_tls(survey, plan_id, signed.last)
    return joined((_delegation(survey), signed, sender, dmarc_record(survey), tls, _sandbox(survey)))


def _delegation(survey: Survey) -> Part:
    """What keeps any record from being seen: the domain is below no zone of its organization."""
    soa, organization = survey.setup.domain.soa, survey.setup.organization
    parent = soa.authority.lower()  # "." for the root
    if soa.status != "nxdomain" or not parent or f".{parent}".endswith(f".{organization}"):
        return Part()
    text = Text(
        f"{organization} is not delegated: DNS knows no such name. See whether it is spelled right; register it, or set its name "
        "servers, first.",
        f"{organization} は委任されておらず、DNSに存在しません。つづりを確認し、正しければ、先にドメインの登録またはネームサーバーの設定をしてください。",
    )
    return Part(conflicts=(Conflict(tag=NOT_DELEGATED, text=text),))


def _sandbox(survey: Survey) -> Part:
    if not isinstance(survey.account, SesAccount) or survey.account.production:
        return Part()
    why = Text(
        "The account is in the sandbox: SES delivers only to addresses that you verified.",
        "アカウントはサンドボックスにあり、検証済みの宛先にしか送信できません。",
    )
    return Part(steps=(Step(id="production-access", action=SANDBOX, why=why),))
