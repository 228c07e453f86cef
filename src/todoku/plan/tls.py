"""TLS for every delivery, only where the user asked for it: SES then gives up on a receiver that has none."""

from __future__ import annotations

from todoku.account.identity import SesIdentity
from todoku.account.sending import ConfigurationSet
from todoku.plan.part import Part, get_identity
from todoku.plan.step import TAG, Expectation, Step
from todoku.plan.survey import Survey
from todoku.words.change import SesCall
from todoku.words.verdict import Text

REQUIRE = Text(
    "You asked for it with --require-tls: SES then never delivers in clear.",
    "--require-tls の指定による変更です。SESは暗号化されない接続では配信しなくなります。",
)
RISK = Text(
    "SES drops mail to a receiver that offers no TLS: it is not delivered.",
    "TLSに対応していない受信側へのメールは、SESが破棄するため届きません。",
)
DEFAULT = Text(
    "Only what is sent through the set is bound by it: it becomes the identity's default, which has none yet.",
    "設定が効くのは、この設定セットを通じて送るメールだけです。既定の設定セットがないため、これを既定にします。",
)


def required_tls(survey: Survey, plan_id: str, after: tuple[str, ...]) -> Part:
    """The identity's own configuration set with TLS required, or a new one; a default that is there is never replaced."""
    if not survey.aims.require_tls:
        return Part()
    found = survey.configuration_set
    if isinstance(found, ConfigurationSet):
        return Part() if found.require_tls else Part(steps=(_tightened(survey, found, after),))
    return _new_set(survey, plan_id, after)


def _tightened(survey: Survey, found: ConfigurationSet, after: tuple[str, ...]) -> Step:
    """The set as it is, but for the one field: what a call leaves out SES may clear."""
    named = {"ConfigurationSetName": found.name, **found.delivery}
    region = survey.wanted.region
    before = {"TlsPolicy": "OPTIONAL", **named}
    read = SesCall("GetConfigurationSet", {"ConfigurationSetName": found.name}, region)
    return Step(
        id="require-tls",
        action=SesCall("PutConfigurationSetDeliveryOptions", {**named, "TlsPolicy": "REQUIRE"}, region),
        why=REQUIRE,
        after=after,
        expects=(Expectation(call=read, path="DeliveryOptions.TlsPolicy", value=found.delivery.get("TlsPolicy")),),
        undo=(SesCall("PutConfigurationSetDeliveryOptions", before, region),),
        risk=RISK,
    )


def _new_set(survey: Survey, plan_id: str, after: tuple[str, ...]) -> Part:
    name = f"todoku-{survey.domain.replace('.', '-')}"[:64]
    region = survey.wanted.region
    named = {"ConfigurationSetName": name}
    create = Step(
        id="tls-set",
        action=SesCall(
            "CreateConfigurationSet",
            {**named, "DeliveryOptions": {"TlsPolicy": "REQUIRE"}, "Tags": [{"Key": TAG, "Value": plan_id}]},
            region,
        ),
        why=REQUIRE,
        after=after,
        expects=(Expectation(call=SesCall("GetConfigurationSet", named, region), absent=True),),
        undo=(SesCall("DeleteConfigurationSet", named, region),),
        risk=RISK,
    )
    identity = {"EmailIdentity": survey.domain}
    standing = survey.identity.configuration_set if isinstance(survey.identity, SesIdentity) else ""
    attach = Step(
        id="tls-default-set",
        action=SesCall("PutEmailIdentityConfigurationSetAttributes", {**identity, **named}, region),
        why=DEFAULT,
        after=(create.id,),
        expects=(Expectation(call=get_identity(survey), path="ConfigurationSetName", value=standing or None),),
        undo=(SesCall("PutEmailIdentityConfigurationSetAttributes", identity, region),),
    )
    return Part(steps=(create, attach))
