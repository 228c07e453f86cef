"""What a domain publishes for its mail, a row for each record: where it stands, what it says, whether it will do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from todoku.auth.ask import readable
from todoku.auth.lone_record import LoneRecord
from todoku.auth.setup import DomainSetup
from todoku.causes.dkim.selector_records import key_words
from todoku.evidence.facts import Evidence
from todoku.report.words import Language, harmless, say
from todoku.words.verdict import Missing, Result, Text

State = Literal["ok", "none", "wrong", "unseen"]
WORDS: dict[State, Text] = {
    "ok": Text("ok", "正常"),
    "none": Text("none", "なし"),
    "wrong": Text("wrong", "問題あり"),
    "unseen": Text("no answer", "応答なし"),
}
TONES: dict[State, Result] = {"ok": "pass", "none": "notapplicable", "wrong": "fail", "unseen": "unknown"}
"""The result whose colour each state has."""


class PublishedRow(msgspec.Struct, frozen=True):
    """One record. Every string is harmless."""

    what: str
    state: State
    word: str
    name: str
    value: str


def published_rows(evidence: Evidence, language: Language) -> tuple[PublishedRow, ...]:
    """The records of a domain that was looked at; none of a message."""
    if isinstance(evidence.setup, Missing):
        return ()
    return tuple(
        PublishedRow(say(what, language), state, say(WORDS[state], language), harmless(name), harmless(value))
        for what, state, name, value in _rows(evidence.setup)
    )


_Row = tuple[Text, State, str, str]


def _rows(setup: DomainSetup) -> Iterator[_Row]:
    mx = setup.domain.mx
    yield Text("MX", "MX"), _state(mx.failed, bool(mx.records), setup.domain.null_mx), setup.name, ", ".join(mx.records)
    for key in setup.selectors:
        value = " -> ".join(filter(None, (key.target, key_words(key) if key.kind else "")))
        yield Text("DKIM", "DKIM"), _state(key.failed, True, bool(key.problem)), key.name, value
    for one in setup.mail_from:
        value = ", ".join((*one.mx.records, *map(readable, one.spf.records)))
        yield Text("MAIL FROM", "MAIL FROM"), _state(one.failed, True, bool(one.problem)), one.name, value
    yield _dmarc(setup)
    spf = setup.spf
    broken = spf.cause not in ("", "no-record")
    yield (
        Text("SPF", "SPF"),
        _state(spf.failed, bool(spf.records), broken),
        setup.name,
        " | ".join(map(readable, spf.records)),
    )
    yield _lone(Text("MTA-STS", "MTA-STS"), setup.mta_sts)
    yield _lone(Text("TLS-RPT", "TLS-RPT"), setup.tls_rpt)
    yield _lone(Text("BIMI", "BIMI"), setup.bimi)
    yield Text("DNSSEC", "DNSSEC"), "ok" if setup.signed else "none", setup.name, ""


def _state(failed: bool, there: bool, wrong: bool) -> State:
    if failed:
        return "unseen"
    return "wrong" if wrong else "ok" if there else "none"


def _dmarc(setup: DomainSetup) -> _Row:
    found = setup.dmarc.treewalk
    record = found.record or found.unusable
    state = _state(found.status == "temperror", found.status != "none", found.status in ("several", "invalid"))
    name = f"_dmarc.{record.domain if record else setup.name}"
    return Text("DMARC", "DMARC"), state, name, readable(record.text) if record else ""


def _lone(what: Text, found: LoneRecord) -> _Row:
    wrong = found.status in ("several", "invalid")
    state = _state(found.status == "dns-failed", found.status != "none", wrong)
    detail = f" ({found.detail})" if wrong else ""
    return what, state, found.name, readable(found.record) + detail
