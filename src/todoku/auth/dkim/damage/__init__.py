"""What was done to a message after it was signed, found by undoing it and hashing again.

A hash tells nothing of what was hashed, but a guess can be tried: where the body without its last lines, or with its
text in another encoding, or a header with another Subject, has the hash that was signed, then that is what was signed.
``body.py`` and ``header.py`` make the guesses, likely ones first and within bounds.

This is for signatures that fail, and costs some milliseconds: see ``MAX_HASHES`` and ``MAX_OCTETS`` in
``search.py``, ``MAX_DIGESTS`` in ``header.py``.
"""

from __future__ import annotations

from todoku.auth.dkim.damage.body import body_damage
from todoku.auth.dkim.damage.header import header_damage
from todoku.auth.dkim.damage_kinds import GENERAL, Damage, DamageTag
from todoku.auth.dkim.signature import read_signature
from todoku.auth.dkim.verify import DkimCause, DkimResult
from todoku.mail.message import Message

__all__ = ["GENERAL", "Damage", "DamageTag", "diagnose"]

_BY_CAUSE: dict[DkimCause, DamageTag] = {"key-missing": "key-missing", "key-revoked": "key-revoked"}


def diagnose(message: Message, result: DkimResult) -> Damage:
    """What was done to ``message`` since the signature of ``result`` was made, which does not pass. Never raises.

    A signature that is past its x= is named so where nothing else is wrong with it.
    """
    if (tag := _BY_CAUSE.get(result.cause)) is not None:
        return Damage(tag)
    field = next((one for one in message.all("dkim-signature") if one.offset == result.offset), None)
    if field is None or message.limits or message.headers_only:
        return Damage("not-examined", confident=False)
    signature = read_signature(field.value)
    judged = result.cause in ("body-hash-differs", "signature-differs", "expired") and signature.defect is None
    if judged and result.body_intact is False:
        return body_damage(message, field, signature)
    if judged and result.header_intact is False:
        return header_damage(message, field, signature, result.key.records if result.key else ())
    return Damage("expired") if result.cause == "expired" else Damage("not-examined", confident=False)
