"""The operations of SES on identities: botocore's sesv2 names, requests and replies."""

from __future__ import annotations

import re
from datetime import timedelta

from msgspec.structs import replace

from todoku.demo.ses_error import SesError, already_exists, bad_request
from todoku.demo.ses_identity import Dkim, Identity, MailFrom
from todoku.demo.ses_keys import BITS, customer_key, public_half, tokens
from todoku.demo.ses_state import (
    MAX_IDENTITIES,
    Parameters,
    Region,
    Reply,
    canonical,
    filtered,
    may_send,
    page,
    parent_region,
    tag_list,
    tags_of,
)

DAY = timedelta(days=1)
_DOMAIN = re.compile(r"(?=.{1,255}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")
_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]+")


def create_email_identity(region: Region, parameters: Parameters) -> Reply:
    """A new identity; for a domain the tokens of its DKIM records."""
    name = canonical(parameters["EmailIdentity"])
    if name in region.identities:
        raise already_exists(f"Email identity {parameters['EmailIdentity']} already exist.")
    if len(region.identities) >= MAX_IDENTITIES:
        raise SesError("LimitExceededException", f"You may have up to {MAX_IDENTITIES} identities.")
    if not _DOMAIN.fullmatch(name.rpartition("@")[2]) or ("@" in name and not _ADDRESS.fullmatch(name)):
        raise bad_request(f"Invalid email identity: {parameters['EmailIdentity']}")
    if wanted := parameters.get("ConfigurationSetName"):
        region.configuration_set(wanted)
    asked = parameters.get("DkimSigningAttributes", {})
    if "@" in name:
        if asked:
            raise bad_request("DKIM signing attributes can only be given for a domain.")
        dkim = Dkim(since=region.now, enabled=False)
    else:
        dkim = _new_dkim(region, name, asked)
    region.identities[name] = Identity(
        name=name,
        dkim=dkim,
        configuration_set=parameters.get("ConfigurationSetName", ""),
        tags=tags_of(parameters),
    )
    made = region.identities[name]
    return {
        "IdentityType": _kind(made),
        "VerifiedForSendingStatus": False,
        "DkimAttributes": _dkim_attributes(region, made),
    }


def _new_dkim(region: Region, domain: str, asked: Parameters) -> Dkim:
    """The DKIM of a new domain identity: a customer's key, a replica of another region's, or SES's own keys."""
    origin = asked.get("DomainSigningAttributesOrigin", "")
    if origin in ("AWS_SES", "EXTERNAL"):
        # APIReference-V2/API_DkimSigningAttributes.html: all values but these two
        raise bad_request(f"{origin} is not allowed as DomainSigningAttributesOrigin.")
    if "DomainSigningPrivateKey" in asked or "DomainSigningSelector" in asked:
        if origin or "NextSigningKeyLength" in asked:
            raise bad_request("A private key cannot be given together with a key length or an origin.")
        return _own_key(region, domain, asked)
    if origin:
        if "NextSigningKeyLength" in asked:
            raise bad_request("The key length of a replica is that of its parent.")
        return _replica(region, domain, origin)
    return _easy(region, domain, asked.get("NextSigningKeyLength", "RSA_2048_BIT"))


def _easy(region: Region, domain: str, length: str) -> Dkim:
    # ses/latest/dg/send-email-authentication-dkim-easy.html: three CNAME records, 2048 bits unless 1024 are asked for
    generation = region.generations[domain] = region.generations.get(domain, -1) + 1
    made = tokens(region.account, region.name, domain, generation)
    for token in made:
        region.world.keys.want(f"{token}.{region.zone}", BITS[length])
    return Dkim(
        tokens=made,
        zone=region.zone,
        status="PENDING",
        since=region.now,
        current_length=length,
        next_length=length,
        generated_at=region.now,
    )


def _own_key(region: Region, domain: str, asked: Parameters) -> Dkim:
    # ses/latest/dg/send-email-authentication-dkim-bring-your-own.html: a selector and a private key
    if not ("DomainSigningPrivateKey" in asked and "DomainSigningSelector" in asked):
        raise bad_request("DomainSigningSelector and DomainSigningPrivateKey must be given together.")
    private, selector = customer_key(asked["DomainSigningPrivateKey"]), asked["DomainSigningSelector"]
    region.world.keys.keep(f"{selector}._domainkey.{domain}/{region.account}/{region.name}", private)
    return Dkim(
        origin="EXTERNAL",
        tokens=(selector,),
        status="PENDING",
        since=region.now,
        public_key=public_half(private),
    )


def _replica(region: Region, domain: str, origin: str) -> Dkim:
    # ses/latest/dg/send-email-authentication-dkim-deed.html: tokens, zone and keys are the parent's
    dkim = Dkim(origin=origin, status="PENDING", since=region.now)
    parent = region.world.regions.get((region.account, parent_region(dkim)))
    original = None if parent is None else parent.identities.get(domain)
    if original is None or not original.dkim.easy:
        return dkim  # no page says whether the call itself fails: VerificationInfo names the reason at the next look
    return replace(dkim, tokens=original.dkim.tokens, zone=original.dkim.zone)


def get_email_identity(region: Region, parameters: Parameters) -> Reply:
    """All that SES says of an identity."""
    identity = region.identity(parameters["EmailIdentity"])
    reply: Reply = {
        "IdentityType": _kind(identity),
        "FeedbackForwardingStatus": identity.feedback_forwarding,
        "VerifiedForSendingStatus": may_send(identity),
        "DkimAttributes": _dkim_attributes(region, identity),
        "MailFromAttributes": _mail_from_attributes(identity.mail_from),
        "Policies": dict(identity.policies),
        "Tags": tag_list(identity.tags),
        "VerificationStatus": identity.verification,
    }
    if identity.configuration_set:
        reply["ConfigurationSetName"] = identity.configuration_set
    info = _verification_info(identity.dkim)
    return {**reply, "VerificationInfo": info} if info else reply


def _kind(identity: Identity) -> str:
    return "EMAIL_ADDRESS" if identity.is_address else "DOMAIN"


def signing(region: Region, identity: Identity) -> Dkim:
    """The DKIM by which the identity's mail is signed: an address has its own switch and its domain's keys."""
    # APIReference/API_SetIdentityDkimEnabled.html: an address can be signed only where its domain is set up for it
    if not identity.is_address:
        return identity.dkim
    domain = region.domain_of(identity.domain)
    return identity.dkim if domain is None else replace(domain.dkim, enabled=identity.dkim.enabled)


def _dkim_attributes(region: Region, identity: Identity) -> Reply:
    dkim = signing(region, identity)
    reply: Reply = {
        "SigningEnabled": dkim.enabled,
        "Status": dkim.status,
        "SigningAttributesOrigin": dkim.origin,
    }
    if dkim.tokens:
        reply["Tokens"] = list(dkim.tokens)
    if dkim.zone:
        reply["SigningHostedZone"] = dkim.zone
    if dkim.current_length:
        reply["NextSigningKeyLength"] = dkim.next_length
        reply["CurrentSigningKeyLength"] = dkim.current_length
    if dkim.generated_at is not None:
        reply["LastKeyGenerationTimestamp"] = dkim.generated_at
    return reply


def _mail_from_attributes(mail_from: MailFrom | None) -> Reply:
    if mail_from is None:
        return {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}  # the model asks for the others too; SES leaves them out
    return {
        "MailFromDomain": mail_from.domain,
        "MailFromDomainStatus": mail_from.status,
        "BehaviorOnMxFailure": mail_from.behavior,
    }


def _verification_info(dkim: Dkim) -> Reply:
    reply: Reply = {}
    if dkim.checked_at is not None:
        reply["LastCheckedTimestamp"] = dkim.checked_at
    if dkim.succeeded_at is not None:
        reply["LastSuccessTimestamp"] = dkim.succeeded_at
    if dkim.error:
        reply["ErrorType"] = dkim.error
    if dkim.soa is not None:
        server, admin, serial = dkim.soa
        reply["SOARecord"] = {"PrimaryNameServer": server, "AdminEmail": admin, "SerialNumber": serial}
    return reply


def list_email_identities(region: Region, parameters: Parameters) -> Reply:
    """The identities of the region, in the order of their names, by pages."""
    listed = [
        {
            "IdentityType": _kind(identity),
            "IdentityName": identity.name,
            "SendingEnabled": may_send(identity),
            "VerificationStatus": identity.verification,
        }
        for _, identity in sorted(region.identities.items())
    ]
    keys = {
        "IDENTITY_NAME_CONTAINS": "IdentityName",
        "IDENTITY_TYPE": "IdentityType",
        "VERIFICATION_STATUS": "VerificationStatus",
    }
    return page(filtered(listed, parameters, keys), parameters, "EmailIdentities")


def delete_email_identity(region: Region, parameters: Parameters) -> Reply:
    """Forget an identity."""
    del region.identities[region.identity(parameters["EmailIdentity"]).name]
    return {}


def put_email_identity_dkim_attributes(region: Region, parameters: Parameters) -> Reply:
    """Sign the identity's mail, or not."""
    identity = region.identity(parameters["EmailIdentity"])
    enabled = parameters.get("SigningEnabled", False)
    if enabled and identity.is_address and signing(region, identity).status == "NOT_STARTED":
        raise bad_request(f"DKIM is not set up for the domain of {identity.name}.")
    region.identities[identity.name] = replace(identity, dkim=replace(identity.dkim, enabled=enabled))
    return {}


def put_email_identity_dkim_signing_attributes(region: Region, parameters: Parameters) -> Reply:
    """Another kind of DKIM or another key length; with nothing new it starts the search for the records again."""
    identity = region.identity(parameters["EmailIdentity"])
    if identity.is_address:
        raise bad_request("DKIM signing attributes can only be set for a domain.")
    asked = parameters.get("SigningAttributes", {})
    if "DomainSigningAttributesOrigin" in asked:
        # APIReference-V2/API_DkimSigningAttributes.html: not here
        raise bad_request("DomainSigningAttributesOrigin is not allowed here: use SigningAttributesOrigin.")
    # no page says: signing is on afterwards, as "from no DKIM to Easy DKIM" in the API's description means
    dkim = replace(_changed_dkim(region, identity, parameters["SigningAttributesOrigin"], asked), enabled=True)
    region.identities[identity.name] = replace(identity, dkim=dkim)
    reply: Reply = {"DkimStatus": dkim.status, "DkimTokens": list(dkim.tokens)}
    return {**reply, "SigningHostedZone": dkim.zone} if dkim.zone else reply


def _changed_dkim(region: Region, identity: Identity, origin: str, asked: Parameters) -> Dkim:
    dkim, now = identity.dkim, region.now
    if origin == "EXTERNAL":
        return _own_key(region, identity.name, asked)
    if "DomainSigningPrivateKey" in asked or "DomainSigningSelector" in asked:
        raise bad_request("A private key can only be given with SigningAttributesOrigin EXTERNAL.")
    if origin != "AWS_SES":
        return _replica(region, identity.name, origin)
    length = asked.get("NextSigningKeyLength", dkim.next_length or "RSA_2048_BIT")
    if dkim.origin != "AWS_SES":
        return _easy(region, identity.name, length)
    if length != dkim.next_length:
        if dkim.length_set_at is not None and now - dkim.length_set_at < DAY:
            # APIReference-V2/API_DkimAttributes.html: at most once per day; no page says which error
            raise bad_request("The signing key length can be changed at most once per day.")
        dkim = replace(dkim, next_length=length, length_set_at=now)
    # easy-dkim-revocation.md of awsdocs/amazon-ses-developer-guide: restart the procedure; no page says that the tokens stay the same
    return replace(dkim, status="PENDING", since=now, error="") if dkim.status == "FAILED" else dkim


def put_email_identity_mail_from_attributes(region: Region, parameters: Parameters) -> Reply:
    """Set the custom MAIL FROM domain and what happens without its MX, or take it away."""
    identity = region.identity(parameters["EmailIdentity"])
    domain = parameters.get("MailFromDomain", "").lower()
    if not domain:
        region.identities[identity.name] = replace(identity, mail_from=None)
        return {}
    # APIReference-V2/API_PutEmailIdentityMailFromAttributes.html: a subdomain of the identity
    if not domain.endswith(f".{identity.domain}") or not _DOMAIN.fullmatch(domain):
        raise bad_request(f"Provided MAIL-FROM domain <{domain}> or its parents are not verified for identity")
    behavior = parameters.get("BehaviorOnMxFailure", "USE_DEFAULT_VALUE")
    before = identity.mail_from
    if before is not None and before.domain == domain and before.status == "SUCCESS":
        mail_from = replace(before, behavior=behavior)  # no page says: what is found stays found
    else:
        mail_from = MailFrom(domain=domain, behavior=behavior, since=region.now)
    region.identities[identity.name] = replace(identity, mail_from=mail_from)
    return {}


def put_email_identity_configuration_set_attributes(region: Region, parameters: Parameters) -> Reply:
    """Set the configuration set that mail without one gets, or take it away."""
    identity = region.identity(parameters["EmailIdentity"])
    name = parameters.get("ConfigurationSetName", "")
    if name:
        region.configuration_set(name)
    region.identities[identity.name] = replace(identity, configuration_set=name)
    return {}


def put_email_identity_feedback_attributes(region: Region, parameters: Parameters) -> Reply:
    """Forward bounces and complaints by mail, or not."""
    identity = region.identity(parameters["EmailIdentity"])
    forwarding = parameters.get("EmailForwardingEnabled", False)
    region.identities[identity.name] = replace(identity, feedback_forwarding=forwarding)
    return {}


def get_email_identity_policies(region: Region, parameters: Parameters) -> Reply:
    """The sending authorization policies of an identity."""
    return {"Policies": dict(region.identity(parameters["EmailIdentity"]).policies)}


def create_email_identity_policy(region: Region, parameters: Parameters) -> Reply:
    """A new sending authorization policy."""
    identity = region.identity(parameters["EmailIdentity"])
    if parameters["PolicyName"] in identity.policies:
        raise already_exists(f"Policy {parameters['PolicyName']} already exists.")
    policies = {**identity.policies, parameters["PolicyName"]: parameters["Policy"]}
    region.identities[identity.name] = replace(identity, policies=policies)
    return {}
