"""A plan as a JSON document: what ``todoku plan -o`` writes and ``todoku apply`` carries out, unless somebody changed it.

The document bears a digest of itself. It keeps nobody out who means to forge it; it keeps a plan that was edited by hand,
whose steps may no longer fit each other, from being half carried out. What a forged one may hold ``sound.py`` bounds.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec

from todoku.plan.sound import wrong
from todoku.plan.step import VERSION, Plan
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

MAX_DOCUMENT = 4 * 2**20
"""Octets of a plan's document: ours."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a document says of itself."""

    version: str  # of todoku, when the plan was made
    plan: int  # of the document


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A plan with what it takes to trust it."""

    todoku: Header
    plan: Plan
    digest: str  # SHA-256 over the plan, in hexadecimal


def written(plan: Plan, version: str) -> bytes:
    """The document, for people to read: UTF-8, indented."""
    document = Document(todoku=Header(version=version, plan=VERSION), plan=plan, digest=digest(plan))
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def read_document(raw: bytes) -> Plan:
    """The plan in a document. Raises ``UsageError`` where it is none, of another version, or was changed by hand."""
    if len(raw) > MAX_DOCUMENT:
        raise _refused("it is larger than any plan", "サイズが大きすぎます")
    try:
        return _read(raw)
    except RecursionError:
        raise _refused("it is nested too deeply", "入れ子が深すぎます") from None


def _read(raw: bytes) -> Plan:
    try:
        found = msgspec.json.decode(raw)
    except ValueError:  # msgspec's errors are, and those of octets that are no UTF-8
        raise _refused("it is not JSON", "JSONではありません") from None
    if not isinstance(found, dict) or not isinstance(found.get("todoku"), dict) or "plan" not in found["todoku"]:
        raise _refused("it is not a plan of todoku", "todokuの計画ではありません")
    if found["todoku"]["plan"] != VERSION:
        raise _refused(
            f"it is a plan of version {found['todoku']['plan']}, and this is version {VERSION}: make it anew with todoku plan",
            f"計画の版が {found['todoku']['plan']} で、このプログラムの版 {VERSION} と異なります。todoku plan で作り直してください",
        )
    try:
        document = msgspec.convert(found, Document)
    except msgspec.ValidationError as error:
        raise _refused(f"it was changed by hand: {error}", f"手で変更されています: {error}") from None
    if document.digest != digest(document.plan):
        raise _refused(
            "it was changed by hand since it was made: make it anew with todoku plan",
            "作成後に手で変更されています。todoku plan で作り直してください",
        )
    if step := wrong(document.plan):
        raise _refused(f"no plan holds what stands at {step!r}", f"{step!r} に、計画にはない内容が含まれています")
    return document.plan


def schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    return msgspec.json.schema(Document)


def digest(plan: Plan) -> str:
    """SHA-256 over all that the plan holds, in hexadecimal."""
    return sha256(msgspec.json.encode(plan, order="deterministic")).hexdigest()


def _refused(en: str, ja: str) -> UsageError:
    return UsageError(Text(f"this plan cannot be used: {en}", f"この計画は使えません: {ja}"))
