"""SendEmail: who may send to whom, in whose name, and what the receivers get."""

from __future__ import annotations

import hashlib
import re
from email.utils import getaddresses

import msgspec

from todoku.demo.ses_account import limits, sent_last_24_hours
from todoku.demo.ses_error import SesError, bad_request
from todoku.demo.ses_identities import signing
from todoku.demo.ses_identity import Identity
from todoku.demo.ses_message import AMAZON_KEY, AMAZON_SELECTOR, compose, read_raw, signature, stamped
from todoku.demo.ses_names import mail_from_domain, sending_address, sending_host
from todoku.demo.ses_state import Parameters, Region, Reply, Sent
from todoku.demo.ses_things import get_contact_list, template
from todoku.mail.envelope import Envelope, Tls

MAX_RECIPIENTS = 50  # ses/latest/dg/quotas.html
SIMULATOR = "@simulator.amazonses.com"  # ses/latest/dg/send-an-email-from-console.html: open to the sandbox too
UNSUBSCRIBE = "{{amazonSESUnsubscribeUrl}}"
_VARIABLE = re.compile(r"\{\{\{?\s*([A-Za-z_][\w.]*)\s*\}?\}\}")


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be sent, whatever kind of content it came as."""

    raw: bytes
    author: str  # the address alone
    recipients: tuple[str, ...]
    configuration_set: str
    tags: dict[str, str]


def send_email(region: Region, parameters: Parameters) -> Reply:
    """Send a message; it is kept in ``World.sent`` as the receivers got it."""
    _may_send_at_all(region)
    message_id = _message_id(region)
    order = _ordered(region, parameters)
    if order is None:
        # ses/latest/dg/send-personalized-email-api.html: taken, then not rendered and not sent
        return {"MessageId": message_id}
    owner, identity = _identity(region, parameters, order)
    _sandbox(region, order.recipients)
    if len(order.recipients) > MAX_RECIPIENTS:
        raise bad_request(f"Recipient count exceeds {MAX_RECIPIENTS}.")
    if sent_last_24_hours(region) + len(order.recipients) > limits(region)[0]:
        raise SesError("LimitExceededException", "Daily message quota exceeded.")  # no page says which error
    # ses/latest/dg/creating-identities.html: the identity's default set, where the call names none
    chosen = order.configuration_set or identity.configuration_set
    options = region.configuration_set(chosen) if chosen else {}
    if not options.get("SendingOptions", {}).get("SendingEnabled", True):
        raise SesError("SendingPausedException", f"Email sending has been disabled for configuration set <{chosen}>.")
    mail_from = _mail_from(owner, identity)
    suppressed = tuple(each for each in order.recipients if _is_suppressed(region, each, options))
    envelope = Envelope(
        ip=sending_address(region.name),
        helo=sending_host(region.name),
        mail_from=f"{message_id}@{mail_from}",
        tls=Tls(used=True, version="1.3"),
    )
    region.world.sent.append(
        Sent(
            message_id=message_id,
            account=region.account,
            region=region.name,
            raw=_signed(owner, identity, _stamped(region, order, message_id)),
            envelope=envelope,
            recipients=tuple(each for each in order.recipients if each not in suppressed),
            suppressed=suppressed,
            configuration_set=chosen,
            tls_required=options.get("DeliveryOptions", {}).get("TlsPolicy") == "REQUIRE",
            at=region.now,
        )
    )
    return {"MessageId": message_id}


def _may_send_at_all(region: Region) -> None:
    if region.suspended:
        raise SesError("AccountSuspendedException", "Your account has been suspended.")
    # APIReference-V2/API_GetAccount.html: EnforcementStatus SHUTDOWN is a pause by AWS
    if not region.sending or region.enforcement == "SHUTDOWN":
        raise SesError("SendingPausedException", "Email sending is disabled for your account.")


def _message_id(region: Region) -> str:
    # no page says: the form of SES's message ids
    region.world.orders += 1
    digest = hashlib.sha256(f"{region.account}/{region.name}/{region.world.orders}".encode()).hexdigest()
    parts = (digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32])
    return f"0106{int(region.now.timestamp() * 1000):012x}-{'-'.join(parts)}-000000"


def _ordered(region: Region, parameters: Parameters) -> Order | None:
    """The order, or None where a template cannot be filled."""
    content = parameters["Content"]
    if len(content) != 1:
        raise bad_request("Content must be exactly one of Simple, Raw and Template.")
    tags = {tag["Name"]: tag["Value"] for tag in parameters.get("EmailTags", ())}
    if "Raw" in content:
        return _raw_order(parameters, content["Raw"]["Data"], tags)
    simple = content["Simple"] if "Simple" in content else _filled(region, content["Template"])
    if simple is None:
        return None
    author, destination = parameters.get("FromEmailAddress", ""), parameters.get("Destination", {})
    recipients = tuple(
        each for key in ("ToAddresses", "CcAddresses", "BccAddresses") for each in destination.get(key, ())
    )
    addresses = tuple(_address(each) for each in recipients)
    if not addresses:
        raise bad_request("The message has no recipients.")
    simple = _list_managed(region, parameters, simple, addresses)
    return Order(
        raw=compose(
            author=author, destination=destination, reply_to=parameters.get("ReplyToAddresses", ()), content=simple
        ),
        author=_address(author),
        recipients=addresses,
        configuration_set=parameters.get("ConfigurationSetName", ""),
        tags=tags,
    )


def _raw_order(parameters: Parameters, data: bytes, tags: dict[str, str]) -> Order:
    raw, fields = read_raw(data)
    destination = parameters.get("Destination", {})
    given = [each for key in ("ToAddresses", "CcAddresses", "BccAddresses") for each in destination.get(key, ())]
    written = [fields[name] for name in ("to", "cc", "bcc") if name in fields]
    recipients = tuple(dict.fromkeys(address for _, address in getaddresses(given or written) if address))
    if not recipients:
        raise bad_request("The message has no recipients.")
    # ses/latest/dg/using-configuration-sets-in-email.html, event-publishing-send-email.html: settings as fields
    marks = fields.get("x-ses-message-tags", "")
    pairs = (pair.partition("=")[::2] for pair in marks.split(",") if "=" in pair)
    return Order(
        raw=raw,
        author=_address(parameters.get("FromEmailAddress") or fields["from"]),
        recipients=recipients,
        configuration_set=parameters.get("ConfigurationSetName") or fields.get("x-ses-configuration-set", ""),
        tags={**{name.strip(): value.strip() for name, value in pairs}, **tags},
    )


def _address(written: str) -> str:
    """The address in ``Name <local@domain>``. Raises ``BadRequestException`` where there is none."""
    addresses = getaddresses([written])
    address = addresses[0][1] if len(addresses) == 1 else ""
    if address.count("@") != 1 or not address.isascii() or address.startswith("@") or address.endswith("@"):
        raise bad_request("Missing final '@domain'")
    return address


def _filled(region: Region, asked: Parameters) -> Parameters | None:
    """A template with its data in it, as Simple content; None where the data lacks a variable."""
    if "TemplateName" in asked:
        source = template(region, asked["TemplateName"])["TemplateContent"]
    else:
        source = asked.get("TemplateContent", {})
    try:
        data = msgspec.json.decode(asked.get("TemplateData", "{}"), type=dict[str, str | int | float | bool])
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise bad_request("Template data is not valid JSON.") from None
    needed = {name for text in source.values() for name in _VARIABLE.findall(text)} - {"amazonSESUnsubscribeUrl"}
    if not needed <= data.keys():
        return None
    filled = {key: _VARIABLE.sub(lambda found: str(data.get(found[1], found[0])), text) for key, text in source.items()}
    body = {part: {"Data": filled[part]} for part in ("Text", "Html") if part in filled}
    extra = {key: asked[key] for key in ("Headers", "Attachments") if key in asked}
    return {"Subject": {"Data": filled.get("Subject", "")}, "Body": body, **extra}


def _list_managed(
    region: Region, parameters: Parameters, simple: Parameters, recipients: tuple[str, ...]
) -> Parameters:
    """The content with SES's unsubscribe fields and link, where a contact list manages it."""
    # ses/latest/dg/sending-email-subscription-management.html: one recipient, both fields overridden, two links at most
    asked = parameters.get("ListManagementOptions")
    if asked is None:
        return simple
    get_contact_list(region, {"ContactListName": asked["ContactListName"]})
    if len(recipients) != 1:
        return simple
    texts = {part: dict(each) for part, each in simple["Body"].items()}
    if any(each["Data"].count(UNSUBSCRIBE) > 2 for each in texts.values()):
        raise bad_request(f"{UNSUBSCRIBE} may stand in a body at most twice.")
    mark = hashlib.sha256(f"{region.account}/{asked}/{recipients[0]}".encode()).hexdigest()[:32]
    link = f"https://{mark}.unsubscribe.{region.name}.amazonses.com/"  # no page says: the form of the link
    for each in texts.values():
        each["Data"] = each["Data"].replace(UNSUBSCRIBE, link)
    own = ("list-unsubscribe", "list-unsubscribe-post")
    headers = [each for each in simple.get("Headers", ()) if each["Name"].lower() not in own]
    mailto = f"mailto:{mark}@{mail_from_domain(region.name)}?subject=unsubscribe"
    headers.append({"Name": "List-Unsubscribe", "Value": f"<{link}>, <{mailto}>"})
    headers.append({"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"})
    return {**simple, "Body": texts, "Headers": headers}


def _identity(region: Region, parameters: Parameters, order: Order) -> tuple[Region, Identity]:
    """The identity in whose name the mail goes out, and the account and region that own it."""
    owner = region
    arn = parameters.get("FromEmailAddressIdentityArn")
    if arn is not None:
        # ses/latest/dg/sending-authorization.html: DKIM and MAIL FROM are those of the identity's owner
        account, name = arn.split(":")[4], arn.rpartition("/")[2]
        owner = region.world.regions.get((account, region.name), region)
        identity = owner.identities.get(name)
        if identity is None or (owner is not region and not identity.policies):
            raise SesError("AccessDeniedException", f"Not authorized to send from {arn}.")
    identity = owner.sender(order.author)
    if identity is None:
        raise _unverified(region, [order.author])
    return owner, identity


def _sandbox(region: Region, recipients: tuple[str, ...]) -> None:
    # ses/latest/dg/request-production-access.html: in the sandbox only to verified addresses and domains
    if region.production:
        return
    strangers = [each for each in recipients if region.sender(each) is None and not each.endswith(SIMULATOR)]
    if strangers:
        raise _unverified(region, strangers)


def _unverified(region: Region, addresses: list[str]) -> SesError:
    where = f"The following identities failed the check in region {region.name.upper()}: {', '.join(addresses)}"
    return SesError("MessageRejected", f"Email address is not verified. {where}")


def _mail_from(region: Region, identity: Identity) -> str:
    """The domain of MAIL FROM. Raises ``MailFromDomainNotVerifiedException``."""
    # ses/latest/dg/mail-from.html: an address has its own setting; any state but success means the fallback
    mail_from = identity.mail_from
    if mail_from is None:
        return mail_from_domain(region.name)
    if mail_from.status == "SUCCESS":
        return mail_from.domain
    if mail_from.behavior == "REJECT_MESSAGE":
        raise SesError(
            "MailFromDomainNotVerifiedException", f"The MAIL FROM domain {mail_from.domain} is not verified."
        )
    return mail_from_domain(region.name)


def _is_suppressed(region: Region, address: str, options: Reply) -> bool:
    # ses/latest/dg/sending-email-suppression-list-config-level.html: the set's reasons override the account's
    reasons = options.get("SuppressionOptions", {}).get("SuppressedReasons", region.suppressed_reasons)
    entry = region.suppressed.get(address.lower())
    return entry is not None and entry["Reason"] in reasons


def _stamped(region: Region, order: Order, message_id: str) -> bytes:
    return stamped(
        order.raw,
        message_id=message_id,
        region=region.name,
        account=region.account,
        now=region.now,
        tags=order.tags,
    )


def _signed(owner: Region, identity: Identity, raw: bytes) -> bytes:
    """The message with the customer's signature, where DKIM is in order, and below it always that of amazonses.com."""
    keys, now = owner.world.keys, owner.now
    amazon = signature(
        raw, domain="amazonses.com", selector=AMAZON_SELECTOR, private_key=keys.private(AMAZON_KEY), now=now
    )
    dkim = signing(owner, identity)
    if dkim.status != "SUCCESS" or not dkim.enabled:
        return amazon + raw
    signer = owner.domain_of(identity.domain)
    domain = identity.domain if signer is None else signer.name
    selector = dkim.tokens[dkim.active]
    held = f"{selector}.{dkim.zone}" if dkim.easy else f"{selector}._domainkey.{domain}/{owner.account}/{owner.name}"
    own = signature(raw, domain=domain, selector=selector, private_key=keys.private(held), now=now)
    return own + amazon + raw
