"""The domain as an identity of SES that signs: Easy DKIM, its three CNAMEs, and the wait until SES has seen them."""

from __future__ import annotations

from collections.abc import Iterator

from todoku.account.identity import SesIdentity
from todoku.plan.part import TTL, USUALLY, Part, added, get_identity, taken
from todoku.plan.step import TAG, Conflict, Expectation, Step, Wait
from todoku.plan.survey import Survey
from todoku.words.change import Instruction, Irreversible, Output, RecordSet, RecordSetChange, SesCall
from todoku.words.verdict import Text

CREATE = Text(
    "SES signs as your domain only where the domain itself is an identity; a verified address alone is signed as amazonses.com.",
    "SESが自社ドメインで署名するのは、ドメイン自体が検証済みIDの場合だけです。メールアドレスだけの検証では、amazonses.comの署名しか付きません。",
)
CNAME = Text(
    "Receivers find SES's public key through this record; all three are needed, because SES changes between them.",
    "受信側はこのレコードを通じてSESの公開鍵を取得します。SESは鍵を切り替えながら使うため、3件とも必要です。",
)
SIGN = Text(
    "The domain is an identity, but its DKIM signing is switched off.",
    "ドメインは検証済みIDですが、DKIM署名が無効になっています。",
)
RESTART = Text(
    "SES gave up looking for the records (72 hours); it looks again only when told to.",
    "SESは72時間で確認を打ち切りました。再開を指示するまで、レコードを登録しても検証されません。",
)
# ses/latest/APIReference-V2/API_DkimAttributes.html: it searches for up to 72 hours; FAILED is where it did not find them
SEEN = Text(
    "SES signs only once it has seen all three records.",
    "SESが3件のレコードを確認するまで、署名は付きません。",
)


def signing(survey: Survey, plan_id: str) -> Part:
    """The steps until SES signs for the domain."""
    identity = survey.identity
    if not isinstance(identity, SesIdentity):
        return _created(survey, plan_id)
    if not identity.dkim.easy:
        return _own_key(survey, identity)
    records, conflicts = _records(survey, identity)
    calls = tuple(_switched_on(survey, identity))
    steps = (*calls, *records)
    if identity.dkim.status == "FAILED":
        steps = (*steps, _restarted(survey, tuple(step.id for step in records)))
    if steps or identity.dkim.status != "SUCCESS":
        steps = (*steps, _seen(survey, tuple(step.id for step in steps)))
    return Part(steps=steps, conflicts=conflicts)


def _created(survey: Survey, plan_id: str) -> Part:
    """A new identity; what its records hold stands in SES's reply."""
    named = {"EmailIdentity": survey.domain}
    region = survey.wanted.region
    create = SesCall(
        "CreateEmailIdentity",
        {
            **named,
            "DkimSigningAttributes": {"NextSigningKeyLength": "RSA_2048_BIT"},
            "Tags": [{"Key": TAG, "Value": plan_id}],
        },
        region,
    )
    first = Step(
        id="create-identity",
        action=create,
        why=CREATE,
        expects=(Expectation(call=get_identity(survey), absent=True),),
        undo=(SesCall("DeleteEmailIdentity", named, region),),
        undo_with="--delete-identity",
    )
    zone = Output(1, "DkimAttributes.SigningHostedZone")
    changes = [
        RecordSetChange(
            RecordSet(f"{{0}}._domainkey.{survey.domain}", "CNAME"),
            add=("{0}.{1}",),
            ttl=TTL,
            outputs=(Output(1, f"DkimAttributes.Tokens[{index}]"), zone),
        )
        for index in range(3)
    ]
    records = tuple(
        Step(id=f"dkim-{index}", action=change, why=CNAME, after=(first.id,)) for index, change in enumerate(changes, 1)
    )
    return Part(steps=(first, *records, _seen(survey, tuple(step.id for step in records))))


def _records(survey: Survey, identity: SesIdentity) -> tuple[tuple[Step, ...], tuple[Conflict, ...]]:
    """The CNAMEs of an identity that is there, as far as they are not right."""
    if not identity.dkim.tokens or not identity.dkim.zone:  # not guessed: the zone differs by region
        return (), () if identity.dkim.status == "SUCCESS" else (_untold(survey),)
    steps, conflicts = [], []
    for index, token in enumerate(identity.dkim.tokens, 1):
        place = survey.place(f"{token}._domainkey.{survey.domain}")
        wanted, cname = f"{token}.{identity.dkim.zone}", place.of("CNAME")
        others = taken(place, "CNAME")
        if [value.lower() for value in cname.values] == [wanted]:
            continue
        if others or any("amazonses" not in value.lower() for value in cname.values):
            conflicts.append(_not_ours(place.name, wanted, others or (cname,)))
        elif cname.values:  # written wrong: the name is SES's own invention, nobody else uses it
            change = RecordSetChange(cname, add=(wanted,), remove=cname.values, ttl=cname.ttl)
            steps.append(Step(id=f"dkim-{index}", action=change, why=CNAME))
        else:
            steps.append(added(f"dkim-{index}", cname, wanted, CNAME, ()))
    return tuple(steps), tuple(conflicts)


def _untold(survey: Survey) -> Conflict:
    again = "aws sesv2 put-email-identity-dkim-signing-attributes --signing-attributes-origin AWS_SES --email-identity"
    command = f"{again} {survey.domain} --region {survey.wanted.region}"
    return Conflict(
        tag="dkim-records-untold",
        text=Text(
            f"SES does not say which DKIM records {survey.domain} needs: it was made an identity without Easy DKIM. Switch that on in "
            f"the SES console, or by {command}, and make the plan anew.",
            f"SESから {survey.domain} に必要なDKIMレコードを取得できません。Easy DKIMなしで作成された検証済みIDです。SESコンソールまたは "
            f"{command} でEasy DKIMを有効にし、計画を作り直してください。",
        ),
    )


def _not_ours(name: str, wanted: str, found: tuple[RecordSet, ...]) -> Conflict:
    return Conflict(
        tag="dkim-name-taken",
        text=Text(
            f"At {name} a CNAME to {wanted} has to stand, alone; something else stands there. Remove it, or have your DNS provider "
            "serve the CNAME as it is (at Cloudflare: DNS only).",
            f"{name} には {wanted} へのCNAMEだけを置く必要がありますが、別のレコードがあります。削除するか、CNAMEがそのまま公開されるように"
            "設定してください(Cloudflareでは「DNSのみ」)。",
        ),
        found=found,
    )


def _switched_on(survey: Survey, identity: SesIdentity) -> Iterator[Step]:
    if not identity.dkim.signing:
        named = {"EmailIdentity": survey.domain}
        on, off = ({**named, "SigningEnabled": enabled} for enabled in (True, False))
        region = survey.wanted.region
        yield Step(
            id="sign",
            action=SesCall("PutEmailIdentityDkimAttributes", on, region),
            why=SIGN,
            expects=(Expectation(call=get_identity(survey), path="DkimAttributes.SigningEnabled", value=False),),
            undo=(SesCall("PutEmailIdentityDkimAttributes", off, region),),
        )


def _restarted(survey: Survey, after: tuple[str, ...]) -> Step:
    parameters = {"EmailIdentity": survey.domain, "SigningAttributesOrigin": "AWS_SES"}
    why = Text(
        "SES looks at DNS by itself; there is nothing to take back.",
        "SESが自動でDNSを確認するだけで、元に戻すものはありません。",
    )
    return Step(
        id="restart-dkim",
        action=SesCall("PutEmailIdentityDkimSigningAttributes", parameters, survey.wanted.region),
        why=RESTART,
        after=after,
        undo=Irreversible(why),
    )


def _seen(survey: Survey, after: tuple[str, ...]) -> Step:
    wait = Wait(
        call=get_identity(survey),
        path="DkimAttributes.Status",
        until=("SUCCESS",),
        hopeless=("FAILED",),
        usually=USUALLY,
    )
    return Step(id="dkim-verified", action=wait, why=SEEN, after=after)


def _own_key(survey: Survey, identity: SesIdentity) -> Part:
    """A key of one's own (BYODKIM): only its owner can publish its public half."""
    wrong = [key for key in survey.setup.selectors if key.problem and not key.failed]
    if not wrong:
        return Part(steps=tuple(_switched_on(survey, identity)))
    name = wrong[0].name
    publish = Instruction(
        Text(
            f"Publish the public half of your own DKIM key as the only TXT record at {name}: v=DKIM1; k=rsa; p= and the key in Base64.",
            f"ご自身のDKIM鍵の公開鍵を、{name} の唯一のTXTレコードとして登録してください(v=DKIM1; k=rsa; p= に続けてBase64の公開鍵)。",
        )
    )
    why = Text("Only you have the key that SES signs with.", "SESが署名に使う鍵は、お客様だけが持っています。")
    return Part(steps=(*_switched_on(survey, identity), Step(id="publish-own-key", action=publish, why=why)))
