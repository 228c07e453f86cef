"""What stands above the records: who reports, about which period, and which policy was found.

Where its texts stand is found out among the elements. A receiver's heads have the same tags day after day, and the same tags in
the same order mean the same: so when they are met again, the texts are taken from between them, and no element is made.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import msgspec
from lxml.etree import _Element as Element

from todoku.feedback import values
from todoku.feedback.aggregate.record import EXTENSIONS, extensions
from todoku.feedback.aggregate.report import MODES, POLICIES, Extension, PolicyPublished, ReportMetadata
from todoku.feedback.aggregate.shape import MAX_EXTENSIONS, Picked, Texts
from todoku.feedback.aggregate.tree import Elements, local_name
from todoku.feedback.refusal import DOMAIN, INCOMPLETE, REPEATED, Refusal
from todoku.mail.domain_name import is_domain_name

MAX_ERRORS = 20
MAX_HEADS = 100  # of which the tags are remembered ...
MAX_OCTETS = 4 * 1024  # ... that are no longer

_TAG = re.compile(r"(<[^<>]*+>)")  # splits a head into texts and, at odd places, tags
_ONCE = ("report_metadata", "policy_published")
_OF_METADATA = ("org_name", "email", "extra_contact_info", "report_id", "generator")  # RFC 9990 3.1.1.3


class Head(msgspec.Struct, frozen=True):
    """What stands above the records. It comes first, and again at the end where some extensions stand below them."""

    metadata: ReportMetadata
    policy: PolicyPublished
    version: str = ""
    extensions: tuple[Extension, ...] = ()


class Places(msgspec.Struct, frozen=True):
    """Where the values stand among the texts of a head. To these one more is added, None, for what is absent: place -1."""

    metadata: tuple[int, ...]  # of ``_OF_METADATA``, the beginning and the end of the period, the version
    policy: tuple[int, ...]  # of ``_OF_POLICY``
    errors: tuple[int, ...]
    extensions: tuple[Extension, ...]  # which have no text


class Heading(msgspec.Struct, frozen=True):
    """The texts of a head, and which of them is what."""

    texts: Texts
    places: Places

    def read(self, now: datetime | None) -> Head:
        """Their values. Raises ``Refusal``."""
        text, places = self.texts.__getitem__, self.places
        org_name, email, contact, report_id, generator, begin, end, version = map(text, places.metadata)
        first, last = values.period(begin, end, now)
        errors = [told for place in places.errors if (told := values.text(text(place)))]
        return Head(
            metadata=ReportMetadata(
                org_name=values.text(org_name),
                email=values.text(email),
                extra_contact_info=values.text(contact),
                report_id=values.text(report_id),
                begin=first,
                end=last,
                errors=tuple(errors[:MAX_ERRORS]),
                generator=values.text(generator),
            ),
            policy=_POLICY[tuple(map(text, places.policy))],
            version=_VERSION[version],
            extensions=places.extensions,
        )


_known: dict[tuple[str, ...], Places] = {}


def known(head: str) -> Heading | None:
    """The head of a well-formed report, all that is written before its first record, if its tags were met before."""
    texts, tags = _split(head)
    places = _known.get(tags)
    is_plain = "&" not in head and head.count("<") == len(tags)  # else some of these tags stand in a comment or CDATA
    return Heading(texts, places) if places is not None and is_plain else None


def of_elements(feedback: Element, head: str = "") -> Heading:
    """The head of a report of which the first record is in memory. Raises ``Refusal``.

    ``head`` is how it is written, where that is only tags and text: its tags are known from then on.
    """
    if head and (met := known(head)):
        return met
    elements, above = [feedback], dict[str, Element]()
    for child in feedback:
        name = local_name(child)
        if name == "record":
            break
        if name in above and name in _ONCE:
            raise Refusal(REPEATED, element=name)
        above.setdefault(name, child)
        elements += child.iter()
    texts = [*(element.text for element in elements), None]
    places = _places(above, elements)
    if head and len(head) <= MAX_OCTETS and "&" not in head:
        _remember(head, texts, places)
    return Heading(texts, places)


def below(feedback: Element) -> list[Extension]:
    """The extensions behind the last record, where drafts of RFC 9990 had them."""
    found: list[Extension] = []
    for child in feedback.iterchildren(reversed=True):
        if local_name(child) == "record":
            break
        if local_name(child) in EXTENSIONS:
            found[:0] = extensions(child)
    return found[:MAX_EXTENSIONS]


def _places(above: dict[str, Element], elements: Elements) -> Places:
    """Of several elements with one name the first counts. Raises ``Refusal``."""
    place = {element: number for number, element in enumerate(elements)}
    metadata, policy = _children(_named(above, "report_metadata")), _children(_named(above, "policy_published"))
    dates = _children(_named(metadata, "date_range"))
    told = [*map(metadata.get, _OF_METADATA), dates.get("begin"), dates.get("end"), above.get("version")]
    return Places(
        metadata=tuple([-1 if one is None else place[one] for one in told]),
        policy=tuple([place[policy[name]] if name in policy else -1 for name in _OF_POLICY]),
        errors=tuple([place[error] for error in above["report_metadata"].findall("{*}error")]),
        extensions=tuple(
            [found for name in EXTENSIONS if name in above for found in extensions(above[name])][:MAX_EXTENSIONS]
        ),
    )


def _children(element: Element) -> dict[str, Element]:
    return {local_name(child): child for child in element.iterchildren(reversed=True)}


def _named(elements: dict[str, Element], name: str) -> Element:
    if name not in elements:
        raise Refusal(INCOMPLETE, element=name)
    return elements[name]


def _remember(head: str, texts: Texts, places: Places) -> None:
    """Keep where the texts stand between the tags, if between them is written what was read of the elements."""
    written, tags = _split(head)
    begins = [(place, tag) for place, tag in enumerate(tags, 1) if not tag.startswith(("</", "<?"))]
    behind = [*(-1 if tag.endswith("/>") else place for place, tag in begins), -1]
    if [_visible(written[place]) for place in behind] != [*map(_visible, texts)]:
        return
    if len(_known) >= MAX_HEADS:
        _known.clear()
    _known[tags] = Places(
        metadata=tuple([behind[place] for place in places.metadata]),
        policy=tuple([behind[place] for place in places.policy]),
        errors=tuple([behind[place] for place in places.errors]),
        extensions=places.extensions,
    )


def _split(head: str) -> tuple[list[str | None], tuple[str, ...]]:
    """Its texts, and one that is absent, and its tags: behind each tag stands the text of the next place."""
    parts = _TAG.split(head)
    return [*parts[::2], None], tuple(parts[1::2])


def _visible(text: str | None) -> str:
    return "" if text is None else text.strip()


def _policy(written: Picked) -> PolicyPublished:
    """RFC 9990 section 3.1.1.5. Raises ``Refusal`` where it is not said which domain the report is about."""
    named, pct, fo, *words = written
    domain, percent = values.domain(named), values.label(pct)
    if not domain:
        raise Refusal(INCOMPLETE, element="policy_published/domain")
    if not is_domain_name(domain):
        raise Refusal(DOMAIN, domain=values.shown(domain))
    read: Any = {name: word(said) for (name, word), said in zip(_WORDS.items(), words, strict=True)}
    whole = percent.isascii() and percent.isdigit() and len(percent) <= 3
    return PolicyPublished(domain=domain, fo=values.label(fo), pct=int(percent) if whole else None, **read)


_WORDS = {
    **dict.fromkeys(("adkim", "aspf"), values.word(MODES)),
    **dict.fromkeys(("p", "sp", "np"), values.word(POLICIES)),
    "testing": values.word(("y", "n")),
    "discovery_method": values.word(("psl", "treewalk")),
}
_OF_POLICY = ("domain", "pct", "fo", *_WORDS)
_POLICY = values.Memo(_policy)  # a receiver finds the same one day after day
_VERSION = values.Memo(values.label)
