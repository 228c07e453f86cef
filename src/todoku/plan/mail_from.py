"""A custom MAIL FROM domain: the setting in SES, its one MX record and its SPF record, and the wait until SES has seen the MX."""

from __future__ import annotations

from typing import Any

from todoku.account.identity import MailFromSettings, SesIdentity
from todoku.auth.mail_from_name import MAIL_FROM_LABELS, first_free
from todoku.auth.spf import is_spf
from todoku.causes.mail_from.custom import SPF_OF_SES
from todoku.plan.part import USUALLY, Part, added, get_identity, taken
from todoku.plan.step import Conflict, Expectation, Step, Wait
from todoku.plan.survey import Place, Survey
from todoku.words.change import SesCall
from todoku.words.verdict import Text

SET = Text(
    "With a MAIL FROM domain of your own SPF passes as your domain; else it passes as amazonses.com, which is not aligned with From.",
    "カスタム MAIL FROM ドメインを設定すると、SPFが自社ドメインとして成功します。設定しないとamazonses.comとして成功し、Fromのドメインと一致しません。",
)
# docs.aws.amazon.com/ses/latest/dg/mail-from.html: exactly one MX record, or the setup fails; SES looks for it for 72 hours
MX = Text(
    "SES uses the MAIL FROM domain only while exactly this one MX record stands there; bounces come back by it.",
    "SESがMAIL FROMドメインを使うのは、このMXレコード1件だけが登録されている間です。バウンスはこのレコードを通じて戻ります。",
)
SPF = Text(
    "SES never looks at this record and shows SUCCESS without it; receivers need it for SPF to pass.",
    "SESはこのレコードを確認せず、なくてもSUCCESSと表示しますが、受信側のSPFが成功するには必要です。",
)
SEEN = Text(
    "Until SES has seen the MX record it sends with its own MAIL FROM domain.",
    "SESがMXレコードを確認するまでは、SES自身のMAIL FROMドメインで送信されます。",
)
AGAIN = Text(
    "SES gave up looking for the MX record; setting the domain once more starts it again.",
    "SESはMXレコードの確認を打ち切りました。もう一度設定すると再開されます。",
)
REJECT = Text(
    "You asked for it with --reject-on-mx-failure: SES then refuses to send rather than fall back to amazonses.com.",
    "--reject-on-mx-failure の指定による変更です。amazonses.comでの送信に戻る代わりに、SESが送信を拒否します。",
)
REJECT_RISK = Text(
    "While the MX record cannot be seen, SES sends nothing at all for this identity: MailFromDomainNotVerifiedException.",
    "MXレコードを確認できない間、この検証済みIDからは一切送信されません(MailFromDomainNotVerifiedException)。",
)


def own_mail_from(survey: Survey, after: tuple[str, ...]) -> Part:
    """The steps until SES sends with a MAIL FROM domain below the user's own; ``after`` is the verified identity."""
    identity = survey.identity
    settings = identity.mail_from if isinstance(identity, SesIdentity) else MailFromSettings()
    name = settings.domain or _free_name(survey)
    if not name:
        return Part(conflicts=(_no_free_name(survey),))
    place = survey.place(name)
    conflicts = _conflicts(survey, place)
    if conflicts:
        return Part(conflicts=conflicts)
    steps = [] if settings.domain else [_set(survey, settings, name, after)]
    before = tuple(step.id for step in steps)
    if not _has_feedback_mx(survey, place):
        steps.append(added("mail-from-mx", place.of("MX"), _feedback_mx(survey), MX, before))
    if not any(map(is_spf, place.of("TXT").values)):
        steps.append(added("mail-from-spf", place.of("TXT"), SPF_OF_SES, SPF, before))
    if settings.domain and settings.status == "FAILED":
        steps.append(_again(survey, settings, tuple(step.id for step in steps)))
    if not settings.domain or settings.status != "SUCCESS" or any(step.id == "mail-from-mx" for step in steps):
        steps.append(_seen(survey, tuple(step.id for step in steps)))
    if survey.aims.reject_on_mx_failure and settings.on_mx_failure != "REJECT_MESSAGE":
        steps.append(_rejecting(survey, settings, name, tuple(step.id for step in steps[-1:])))
    return Part(steps=tuple(steps))


def _feedback_mx(survey: Survey) -> str:
    return f"10 feedback-smtp.{survey.wanted.region}.amazonses.com"


def _has_feedback_mx(survey: Survey, place: Place) -> bool:
    return [value.lower() for value in place.of("MX").values] == [_feedback_mx(survey)]


def _lets_ses_send(record: str) -> bool:
    """Whether an SPF record includes SES's: a "+" may stand before the mechanism (RFC 7208 4.6.2), a dot end the name (7.1)."""
    return any(
        term.removeprefix("+").removesuffix(".") == "include:amazonses.com" for term in record.lower().split(" ")
    )


def _free_name(survey: Survey) -> str:
    """The name that was asked for, else the first of the usual ones at which nothing stands, or all that SES wants already."""
    if survey.aims.mail_from:
        return survey.aims.mail_from
    return first_free(survey.domain, lambda name: _is_free(survey, survey.place(name)))


def _is_free(survey: Survey, place: Place) -> bool:
    return not place.sets or _has_feedback_mx(survey, place)


def _no_free_name(survey: Survey) -> Conflict:
    tried = ", ".join(f"{label}.{survey.domain}" for label in MAIL_FROM_LABELS)
    return Conflict(
        tag="no-free-mail-from",
        text=Text(
            f"Something stands at each of the usual names ({tried}): name a subdomain that is used for nothing else, with --mail-from.",
            f"候補の名前({tried})はすべて使われています。他の用途に使っていないサブドメインを --mail-from で指定してください。",
        ),
    )


def _conflicts(survey: Survey, place: Place) -> tuple[Conflict, ...]:
    """What stands at the name and is not for us to change."""
    found = []
    if cnames := taken(place, "MX"):
        text = Text(
            f"A CNAME stands at {place.name}; no MX or TXT record can stand beside it. Choose another name with --mail-from.",
            f"{place.name} にCNAMEがあるため、MXレコードやTXTレコードを置けません。--mail-from で別の名前を指定してください。",
        )
        found.append(Conflict(tag="mail-from-cname", text=text, found=cnames))
    mx = place.of("MX")
    if any(value.lower() != _feedback_mx(survey) for value in mx.values):
        text = Text(
            f"{place.name} has an MX record that is not SES's: mail is received there, or was meant to be. SES wants exactly one, "
            f"{_feedback_mx(survey)}. Remove the other, or choose another name with --mail-from.",
            f"{place.name} にSES以外のMXレコードがあり、受信に使われている可能性があります。SESが求めるのは {_feedback_mx(survey)} の1件だけです。"
            "他のレコードを削除するか、--mail-from で別の名前を指定してください。",
        )
        found.append(Conflict(tag="mail-from-mx", text=text, found=(mx,)))
    txt = place.of("TXT")
    spf = tuple(value for value in txt.values if is_spf(value))
    if len(spf) > 1 or not all(map(_lets_ses_send, spf)):
        text = Text(
            f"An SPF record stands at {place.name} that does not let SES send, or there are several; a second one would break "
            "both. Put include:amazonses.com into the one that is to stay.",
            f"{place.name} に、SESを許可していないSPFレコードがあるか、SPFレコードが複数あります。もう1件登録するとどちらも無効になります。"
            "残す1件に include:amazonses.com を加えてください。",
        )
        found.append(Conflict(tag="mail-from-spf", text=text, found=(txt,)))
    return tuple(found)


def _put(survey: Survey, domain: str, on_mx_failure: str) -> SesCall:
    """The call that sets the MAIL FROM domain; without a domain it takes it away."""
    named: dict[str, Any] = {"EmailIdentity": survey.domain, "BehaviorOnMxFailure": on_mx_failure}
    if domain:
        named["MailFromDomain"] = domain
    return SesCall("PutEmailIdentityMailFromAttributes", named, survey.wanted.region)


def _set(survey: Survey, settings: MailFromSettings, name: str, after: tuple[str, ...]) -> Step:
    return Step(
        id="mail-from",
        action=_put(survey, name, settings.on_mx_failure),
        why=SET,
        after=after,
        expects=(Expectation(call=get_identity(survey), path="MailFromAttributes.MailFromDomain", value=None),),
        undo=(_put(survey, "", settings.on_mx_failure),),
    )


def _again(survey: Survey, settings: MailFromSettings, after: tuple[str, ...]) -> Step:
    call = _put(survey, settings.domain, settings.on_mx_failure)
    return Step(id="mail-from-again", action=call, why=AGAIN, after=after)


def _seen(survey: Survey, after: tuple[str, ...]) -> Step:
    wait = Wait(
        call=get_identity(survey),
        path="MailFromAttributes.MailFromDomainStatus",
        until=("SUCCESS",),
        hopeless=("FAILED",),
        usually=USUALLY,
    )
    return Step(id="mail-from-verified", action=wait, why=SEEN, after=after)


def _rejecting(survey: Survey, settings: MailFromSettings, name: str, after: tuple[str, ...]) -> Step:
    return Step(
        id="reject-on-mx-failure",
        action=_put(survey, name, "REJECT_MESSAGE"),
        why=REJECT,
        after=after,
        undo=(_put(survey, name, settings.on_mx_failure),),
        risk=REJECT_RISK,
    )
