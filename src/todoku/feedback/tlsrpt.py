"""SMTP TLS reports: whether those who send to a domain could do so over TLS. RFC 8460.

They concern mail *to* the domain; what they tell about mail from it is nothing. A report is taken whole or refused, as
aggregate reports are, and its counts and dates are held to the same measure.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from todoku.feedback import values
from todoku.feedback.refusal import MALFORMED, NOT_TLS, TOO_LARGE, Refusal, Refused

MAX_JSON = 10 * 1024 * 1024  # octets: a report tells of one domain and one day

PolicyType = Literal["tlsa", "sts", "no-policy-found", ""]  # RFC 8460 4.2; "" for another word
_TYPE = values.word(("tlsa", "sts", "no-policy-found"))


class TlsFailure(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Sessions that failed alike: RFC 8460 section 4.3 lists the ``result_type``s. Addresses are "" where none is given."""

    result_type: str
    count: int
    sending_mta_ip: str = ""
    receiving_ip: str = ""
    receiving_mx_hostname: str = ""
    receiving_mx_helo: str = ""
    additional_information: str = ""
    failure_reason_code: str = ""


class TlsPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """One policy that the sender applied, with how many sessions succeeded and failed under it."""

    type: PolicyType
    domain: str = ""
    strings: tuple[str, ...] = ()
    mx_hosts: tuple[str, ...] = ()
    successful: int = 0
    failed: int = 0
    failures: tuple[TlsFailure, ...] = ()


class TlsReport(msgspec.Struct, frozen=True, kw_only=True):
    """One report. Where ``refused`` says why, it holds nothing else. ``begin`` and ``end`` are seconds of UTC."""

    organization_name: str = ""
    contact_info: str = ""
    report_id: str = ""
    begin: int = 0
    end: int = 0
    policies: tuple[TlsPolicy, ...] = ()
    refused: Refused | None = None
    name: str = ""


# What is on the wire: RFC 8460 section 4.4. Members that are not listed are passed over.


class _DateRange(msgspec.Struct, rename="kebab"):
    start_datetime: str
    end_datetime: str


class _Policy(msgspec.Struct, rename="kebab"):
    policy_type: str
    policy_domain: str | None = None
    policy_string: list[str] | str | None = None
    mx_host: list[str] | str | None = None


_Count = int | str  # senders exist that write a number as a string


class _Summary(msgspec.Struct, rename="kebab"):
    total_successful_session_count: _Count = 0
    total_failure_session_count: _Count = 0


class _Failure(msgspec.Struct, rename="kebab"):
    result_type: str
    failed_session_count: _Count
    sending_mta_ip: str | None = None
    receiving_ip: str | None = None
    receiving_mx_hostname: str | None = None
    receiving_mx_helo: str | None = None
    additional_information: str | None = None
    failure_reason_code: str | None = None


class _PolicyResult(msgspec.Struct, rename="kebab"):
    policy: _Policy
    summary: _Summary
    failure_details: list[_Failure] | None = None


class _Report(msgspec.Struct, rename="kebab"):
    date_range: _DateRange
    policies: list[_PolicyResult]
    report_id: str
    organization_name: str | None = None
    contact_info: str | None = None


_DECODER = msgspec.json.Decoder(_Report)


def parse(pieces: Iterable[bytes], *, now: datetime | None = None, name: str = "") -> TlsReport:
    """The report in a document's octets. Never raises: ``refused`` says why there is none. ``now`` as for aggregate reports."""
    try:
        report = _decoded(pieces)
        begin, end = values.period_of_dates(report.date_range.start_datetime, report.date_range.end_datetime, now)
        return TlsReport(
            organization_name=values.text(report.organization_name),
            contact_info=values.text(report.contact_info),
            report_id=values.text(report.report_id),
            begin=begin,
            end=end,
            policies=tuple(_policy(result) for result in report.policies),
            name=name,
        )
    except Refusal as refusal:
        return TlsReport(refused=msgspec.structs.replace(refusal.refused, name=name), name=name)


def _decoded(pieces: Iterable[bytes]) -> _Report:
    document = bytearray()
    for piece in pieces:
        document += piece
        if len(document) > MAX_JSON:
            raise Refusal(TOO_LARGE, limit=MAX_JSON)
    text = bytes(document).removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    try:
        return _DECODER.decode(text)
    except msgspec.ValidationError as error:
        raise Refusal(NOT_TLS, error=str(error)[:200]) from None
    except msgspec.DecodeError as error:
        raise Refusal(MALFORMED, error=str(error)[:200]) from None
    except RecursionError:
        raise Refusal(MALFORMED, error="nested without end") from None


def _policy(result: _PolicyResult) -> TlsPolicy:
    known: PolicyType = _TYPE(result.policy.policy_type)  # type: ignore[assignment]  # one of these words
    return TlsPolicy(
        type=known,
        domain=values.domain(result.policy.policy_domain),
        strings=_list(result.policy.policy_string),
        mx_hosts=_list(result.policy.mx_host),
        successful=_count(result.summary.total_successful_session_count),
        failed=_count(result.summary.total_failure_session_count),
        failures=tuple(_failure(one) for one in result.failure_details or ()),
    )


def _count(written: _Count) -> int:
    return values.count(written) if isinstance(written, str) else values.sensible(written)


def _list(written: list[str] | str | None) -> tuple[str, ...]:
    """RFC 8460 section 4.4 wants an array; receivers that write one string alone exist."""
    if written is None:
        return ()
    return tuple(values.text(one) for one in ([written] if isinstance(written, str) else written[:100]))


def _failure(one: _Failure) -> TlsFailure:
    return TlsFailure(
        result_type=values.label(one.result_type),
        count=_count(one.failed_session_count),
        sending_mta_ip=_address(one.sending_mta_ip),
        receiving_ip=_address(one.receiving_ip),
        receiving_mx_hostname=values.domain(one.receiving_mx_hostname),
        receiving_mx_helo=values.label(one.receiving_mx_helo),
        additional_information=values.text(one.additional_information),
        failure_reason_code=values.text(one.failure_reason_code),
    )


def _address(written: str | None) -> str:
    """An address is optional, so what is none is left out: RFC 8460 section 4.4."""
    try:
        return values.address(written)
    except Refusal:
        return ""
