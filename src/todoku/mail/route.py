"""The way a message took: its hops, the border hop into the receiver, and what may be believed. Rulebook section 7.

The **border hop** is the topmost Received field at which a client handed the message in to its receiver: one session, with one
address, one HELO name and one MAIL FROM. Fields above it are the receiver's own; what is below was written by strangers. Two
receivers break this rule by writing their results just *below* their own border field, and are believed there only where
another of their fields vouches for it: Gmail where its ARC set above says the same, or its Received-SPF names the client's
address; iCloud down to its Received-SPF.

Where the client at the border was the receiver's own too (one Microsoft 365 tenant forwards to Outlook.com, one Gmail user to
another), there is an **original** session farther down, of which the same company kept the record: there the sender's own side
handed the message over, and by it the sender is judged. Of Microsoft's tenants only what ARC vouches for is believed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from todoku.mail.authres import AuthenticationResults, parse_authentication_results, parse_received_spf
from todoku.mail.border import Border, find_border, mailbox_of, receiver_of, related
from todoku.mail.envelope import Envelope
from todoku.mail.forwarding import forwarding
from todoku.mail.host_address import host_address
from todoku.mail.message import Field, Message
from todoku.mail.received import Received, parse_received
from todoku.mail.ses import Sign, is_ses_host
from todoku.mail.tags import parse_tags
from todoku.words.verdict import Receiver


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """All hops, topmost first, and what follows from them.

    ``border`` is the index of the border hop in ``hops`` (None: never sent, or not to be told, and then ``unclear`` is the index
    of the hop that leaves it open, where one does). ``receiver`` is which of those known it belongs to, None for another one, whose
    host is then ``receiver_name``. ``envelope`` is that of the session at the border, with Return-Path; ``original`` that of the
    hop ``origin``, at which the message first came to the receiver's company before it was handed on within it. ``trusted`` are
    the receiver's own Authentication-Results. ``forwarded`` says that the message was handed on before it arrived;
    ``forward_signs`` show it. A receiver's own ARC set (Gmail puts one on direct mail) is not forwarding.
    """

    hops: tuple[Received, ...] = ()
    border: int | None = None
    unclear: int | None = None
    receiver: Receiver | None = None
    receiver_name: str = ""
    trusted: tuple[AuthenticationResults, ...] = ()
    untrusted: tuple[AuthenticationResults, ...] = ()
    trusted_by: Literal["", "border", "option"] = ""
    forwarded: bool = False
    mailing_list: bool = False
    forward_signs: tuple[Sign, ...] = ()
    own_arc_instances: tuple[int, ...] = ()  # ARC sets that the receiver itself put there
    envelope: Envelope | None = None
    origin: int | None = None
    original: Envelope | None = None

    @property
    def judged(self) -> Received | None:
        """The hop by whose session the sender is judged."""
        index = self.border if self.origin is None else self.origin
        return None if index is None else self.hops[index]

    @property
    def by_forwarder(self) -> bool:
        """Whether the session that is known is a forwarder's, which says nothing of the sender's own.

        Where the client is SES the session is the sender's: a newsletter too may bear the fields of a list.
        """
        hop = self.judged
        by_ses = hop is not None and is_ses_host(hop.client_name or hop.helo)
        return self.forwarded and self.origin is None and not by_ses

    @property
    def spf_of_forwarder(self) -> bool:
        """Whether the receiver's own SPF result is about a forwarder's MAIL FROM, not the sender's."""
        return self.origin is not None or self.rewritten

    @property
    def rewritten(self) -> bool:
        """Whether a forwarder put an address of its own in place of the sender's MAIL FROM."""
        return any(name.lower() == "return-path" for name, _, _ in self.forward_signs)


def trace(message: Message, *, trust: str | None = None, given: Envelope | None = None) -> Route:
    """The route of a message. ``trust``: an authserv-id to believe instead of the border's receiver, or "none".

    ``given`` is an envelope that is known better: in its session no field of the message was written by the receiver.
    """
    hops = tuple([parse_received(field.value, offset=field.offset) for field in message.all("received")])
    border = find_border(hops, mailbox=mailbox_of(message))
    if given is not None and given.ip is not None:
        border = _border_given(hops, border, given)
    elif border.index is not None and len(border.crossings) > 1:
        border = _of_the_session(message, hops, border)
    hop = None if border.index is None else hops[border.index]
    results = tuple(
        [
            parse_authentication_results(field.value, offset=field.offset)
            for field in message.all("authentication-results")
        ]
    )
    own_seals = _own_seals(message, hop, border)
    own = () if hop is None else _own_results(message, hop, border, results, tuple(own_seals.values()))
    trusted = own if trust is None else _chosen(results, trust, hop)
    return_path = None if hop is None else _return_path(message, hop, own)
    signs = forwarding(message, hops, border.crossings, tuple(own_seals), return_path)
    origin = border.crossings[-1] if len(border.crossings) > 1 else None
    told = () if origin is None else _told_of_origin(message, hops, border, tuple(own_seals))
    if origin is not None and _is_told_by_arc(border) and not _seen_of(told, hops[origin]):
        origin = None
    return Route(
        hops=hops,
        border=border.index,
        unclear=border.unclear,
        receiver=border.receiver,
        receiver_name=border.host,
        trusted=trusted,
        untrusted=tuple([result for result in results if result not in trusted]),
        trusted_by="" if not trusted else "border" if trust is None else "option",
        forwarded=bool(signs.signs),
        mailing_list=signs.mailing_list,
        forward_signs=signs.signs,
        own_arc_instances=tuple(sorted(set(own_seals.values()))),
        envelope=None if hop is None else _envelope(message, hop, return_path, own),
        origin=origin,
        original=None if origin is None else _original(message, hops[origin], told, border),
    )


_NO_BORDER = Border(receiver=None, host="")


def _border_given(hops: Sequence[Received], border: Border, given: Envelope) -> Border:
    """The border where the client is known: a saved copy's topmost hop with its address, which nobody wrote but the receiver.

    In a session, whose message is as it came in, no field is the receiver's.
    """
    if given.source != "options":
        return _NO_BORDER
    index = next((index for index, hop in enumerate(hops) if hop.is_clear and hop.ip == given.ip), None)
    if index is None:
        return _NO_BORDER
    if index in border.crossings:
        return msgspec.structs.replace(border, crossings=border.crossings[border.crossings.index(index) :])
    by = hops[index].by
    return Border(crossings=(index,), receiver=receiver_of(by), host=by)


def _of_the_session(message: Message, hops: Sequence[Received], border: Border) -> Border:
    """The border from the crossing on whose client the receiver's own SPF result names, where it names one of them."""
    named = _client_named(message, hops[border.crossings[0]])
    index = next((index for index in border.crossings if named is not None and hops[index].ip == named[0]), None)
    if index is None:
        return border
    return msgspec.structs.replace(border, crossings=border.crossings[border.crossings.index(index) :])


def _belongs(authserv_id: str | None, border: Border) -> bool:
    """Whether a field with this authserv-id can be the receiver's."""
    if authserv_id is None:
        return border.facts is not None and border.facts.results_without_id
    if border.receiver is not None:
        return receiver_of(authserv_id) == border.receiver
    return related(authserv_id, border.host)


def _own_seals(message: Message, hop: Received | None, border: Border) -> dict[int, int]:
    """The ARC sets that the receiver itself put above its border hop: offset of the ARC-Seal -> instance."""
    if hop is None:
        return {}
    seals = {}
    for field in message.all("arc-seal"):
        if field.offset < hop.offset:
            tags = parse_tags(field.value)
            instance = tags.get("i")
            if instance.isascii() and instance.isdigit() and len(instance) <= 4 and _belongs(tags.get("d"), border):
                seals[field.offset] = int(instance)
    return seals


def _own_results(
    message: Message,
    hop: Received,
    border: Border,
    results: Sequence[AuthenticationResults],
    own_instances: Sequence[int],
) -> tuple[AuthenticationResults, ...]:
    """The receiver's own results: above the border hop, else where it writes them below, else in its own ARC set."""
    above = tuple([result for result in results if result.offset < hop.offset and _belongs(result.authserv_id, border)])
    if above:
        return above
    sealed = _sealed_results(message, hop, own_instances) if own_instances else ()
    facts = border.facts
    if facts is None or not facts.results_below:
        return sealed
    stamps = _fields_below(message, hop)
    ours = [result for result in results if result.offset in stamps and _belongs(result.authserv_id, border)]
    vouching = _vouching_spf(stamps, hop, facts.received_spf)
    if facts.results_below == "one-field":
        return _one_confirmed(ours, stamps, vouching, sealed) or sealed
    return _each_confirmed(ours, vouching) or sealed


def _sealed_results(message: Message, hop: Received, own_instances: Sequence[int]) -> tuple[AuthenticationResults, ...]:
    """What the receiver's newest own ARC set says."""
    sets = [
        parse_authentication_results(field.value, offset=field.offset)
        for field in message.all("arc-authentication-results")
        if field.offset < hop.offset
    ]
    return tuple([found for found in sets if found.instance == max(own_instances)][:1])


def _fields_below(message: Message, hop: Received) -> dict[int, Field]:
    """The unbroken run of results and X- fields right below the border hop, by offset: there a receiver's stamps end."""
    stamps: dict[int, Field] = {}
    for field in message.fields:
        if field.offset <= hop.offset:
            continue
        if field.name not in ("authentication-results", "received-spf") and not field.name.startswith("x-"):
            break
        stamps[field.offset] = field
    return stamps


def _vouching_spf(stamps: dict[int, Field], hop: Received, checker: str) -> int | None:
    """Where the first Received-SPF stands, if it names this checker and is about the border hop's client."""
    field = next((field for field in stamps.values() if field.name == "received-spf"), None)
    if field is None:
        return None
    spf = parse_received_spf(field.value)
    about = spf.properties.get("client-ip", "") == hop.ip
    return field.offset if about and spf.comment.startswith(f"{checker}:") else None


def _one_confirmed(
    ours: Sequence[AuthenticationResults],
    stamps: dict[int, Field],
    vouching: int | None,
    sealed: Sequence[AuthenticationResults],
) -> tuple[AuthenticationResults, ...]:
    """The one field of a receiver: right below its Received-SPF, and saying what its ARC set says where there is one."""
    first = tuple(ours[:1])
    if sealed:
        return first if first and first[0].results == sealed[0].results else ()
    names = [field.name for field in stamps.values()][:2]
    return first if vouching is not None and names == ["received-spf", "authentication-results"] else ()


def _each_confirmed(ours: Sequence[AuthenticationResults], vouching: int | None) -> tuple[AuthenticationResults, ...]:
    """The fields of a receiver, one for each method, which end with its Received-SPF; a second one of a name is somebody else's."""
    if vouching is None:
        return ()
    by_id: dict[str | None, AuthenticationResults] = {}
    for result in ours:
        if result.offset < vouching:
            by_id.setdefault(result.authserv_id, result)
    return tuple(by_id.values())


def _chosen(
    results: Sequence[AuthenticationResults], trust: str, hop: Received | None
) -> tuple[AuthenticationResults, ...]:
    """The fields of the authserv-id that the user trusts: all above the border hop, else the topmost field alone.

    Below the border a sender can write any authserv-id, so that only the topmost field can be the named server's. A field
    without one is Outlook.com's.
    """
    if trust.lower() == "none":
        return ()
    wanted = [result for result in results if (result.authserv_id or "outlook.com").lower() == trust.lower()]
    above = tuple([result for result in wanted if hop is not None and result.offset < hop.offset])
    return above or tuple([result for result in wanted if result is results[0]])


def _return_path(message: Message, hop: Received, own: Sequence[AuthenticationResults]) -> Field | None:
    """The Return-Path that the receiver wrote of this session: the nearest above the border hop, else one below that it vouches for.

    Exchange writes its own at the end of the header, where a sender's could stand before it, and a sender's would be the
    only one where the receiver writes none. So below the border hop one is believed that agrees with the receiver's own
    result of SPF; or the last one where Exchange's fields follow, which it takes out of mail that comes from outside. When it
    takes a message up again, it writes an empty one above, which is not of the session.
    """
    fields = message.all("return-path")
    seen = _domain(_mail_from_seen(own))
    above = [field for field in fields if field.offset < hop.offset]
    if above:
        empty = not _reverse_path(above[-1].value)
        return None if empty and seen not in ("", hop.helo.lower()) else above[-1]  # RFC 7208 2.4: postmaster@HELO
    if seen:
        agreeing = [field for field in fields if _domain(_reverse_path(field.value)) == seen]
        return agreeing[-1] if agreeing else None
    return fields[-1] if fields and _is_of_exchange(message, fields[-1], hop) else None


def _is_of_exchange(message: Message, return_path: Field, hop: Received) -> bool:
    """Whether Exchange took the message at this hop, and its own fields follow this one."""
    if hop.protocol != "Microsoft SMTP Server":
        return False
    following = next((field for field in message.fields if field.offset > return_path.offset), None)
    return following is not None and following.name.startswith("x-ms-exchange-organization-")


def _mail_from_seen(own: Sequence[AuthenticationResults]) -> str:
    """MAIL FROM as the receiver's SPF result names it: an address or only its domain; "" where it does not."""
    spf = [result for field in own for result in field.of("spf")]
    return spf[0].properties.get("smtp.mailfrom", "") if spf else ""


def _reverse_path(value: str) -> str:
    """The address in a Return-Path field, without angle brackets; "" is the null reverse-path. RFC 5321 section 4.4."""
    start, end = value.find("<"), value.rfind(">")
    path = value[start + 1 : end] if 0 <= start < end else value.partition("(")[0]
    path = path.strip("<> \t")
    return path.rpartition(":")[2] if path.startswith("@") else path  # RFC 5321 appendix C: a source route


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _envelope(
    message: Message, hop: Received, return_path: Field | None, own: Sequence[AuthenticationResults]
) -> Envelope:
    """The envelope of the border hop; or of the client that the receiver's own SPF result names in its place.

    Exchange Online, told to look behind a gateway, judges the server that spoke to the gateway; only what it wrote of that one is
    known then. MAIL FROM without a local part (``@example.com``) is all that the receiver told of it.
    """
    seen = _mail_from_seen(own)
    mail_from = _mail_from(seen) if return_path is None else _reverse_path(return_path.value)
    named = _client_named(message, hop)
    if named is not None and named[0] != hop.ip:
        return Envelope(ip=named[0], helo=named[1] or None, mail_from=mail_from, source="received")
    return Envelope(ip=hop.ip or None, helo=hop.helo or None, mail_from=mail_from, tls=hop.tls, source="received")


def _mail_from(seen: str) -> str | None:
    return None if not seen else seen if "@" in seen else "@" + seen


def _client_named(message: Message, hop: Received) -> tuple[str, str] | None:
    """Address and HELO name of the client in the Received-SPF that the receiver wrote right above a hop of its own."""
    fields = [field for field in message.all("received-spf") if field.offset < hop.offset]
    if not fields:
        return None
    spf = parse_received_spf(fields[-1].value)
    address = host_address(spf.properties.get("client-ip", ""))
    return None if address is None else (str(address), spf.properties.get("helo", "").rstrip("."))


_RESULTS = frozenset(
    {
        "arc-authentication-results",
        "authentication-results",
        "authentication-results-original",
        "x-ms-exchange-authentication-results",
    }
)
_SENDER_IP = re.compile(r"sender ip is ([0-9A-Fa-f:.]+)", re.IGNORECASE)  # Exchange, in the comment of its SPF result


def _is_told_by_arc(border: Border) -> bool:
    """Whether only ARC tells where a message first came in to the receiver's company."""
    return border.facts is not None and border.facts.origin_by_arc


def _told_of_origin(
    message: Message, hops: Sequence[Received], border: Border, own_seals: Sequence[int]
) -> tuple[Field, ...]:
    """What the receiver's company wrote of the session in which the message first came in: the fields between its two hops.

    A tenant of Microsoft's can take Received fields away and write any others (its mail flow rules do). What he cannot write is
    an ARC set of Microsoft's in a chain that its receiver found whole: only these tell there.
    """
    if not _is_told_by_arc(border):
        above, first = hops[border.crossings[-2]], hops[border.crossings[-1]]
        return tuple([field for field in message.fields if above.offset < field.offset < first.offset])
    seals = [(parse_tags(field.value), field.offset) for field in message.all("arc-seal")]
    newest = next((tags for tags, offset in seals if offset in own_seals), None)
    if newest is None or newest.get("cv").lower() != "pass":  # RFC 8617 4.4
        return ()
    instances = {tags.get("i") for tags, _ in seals if receiver_of(tags.get("d")) == border.receiver}
    sets = message.all("arc-authentication-results")
    return tuple([field for field in sets if str(parse_authentication_results(field.value).instance) in instances])


def _original(message: Message, hop: Received, told: Sequence[Field], border: Border) -> Envelope:
    """The envelope of a hop at which the message first came in, by what its receiver's company tells of it."""
    paths = [field for field in told if field.name == "return-path"]
    mail_from = _reverse_path(paths[-1].value) if paths else _mail_from(_seen_of(told, hop))
    facts = border.facts
    if mail_from is None and facts is not None and facts.results_below == "field-per-method":
        stamps = _fields_below(message, hop)
        vouching = _vouching_spf(stamps, hop, facts.received_spf)
        spf = None if vouching is None else parse_received_spf(stamps[vouching].value)
        mail_from = None if spf is None else spf.properties.get("envelope-from")
    return Envelope(ip=hop.ip, helo=hop.helo or None, mail_from=mail_from, tls=hop.tls, source="received")


def _seen_of(fields: Sequence[Field], hop: Received) -> str:
    """MAIL FROM as an SPF result about the client of this hop names it; "" where none does."""
    for field in fields:
        if field.name in _RESULTS:
            for result in parse_authentication_results(field.value).of("spf"):
                about = _SENDER_IP.search(result.comment)
                seen = result.properties.get("smtp.mailfrom", "")
                if seen and about is not None and str(host_address(about[1])) == hop.ip:
                    return seen
    return ""
