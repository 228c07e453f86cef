"""The reports on one subject of ``todoku check``, and the exit code that they mean."""

from __future__ import annotations

import msgspec

from todoku.auth.ask import Reply
from todoku.cli.exit_codes import EXIT_CLEAN, EXIT_COULD_NOT, EXIT_FINDINGS, FailOn, exit_code, worst
from todoku.judging.account_report import AccountReport
from todoku.judging.judge import Report
from todoku.words.verdict import Missing


class SubjectReports(msgspec.Struct, frozen=True, kw_only=True):
    """The reports on one subject: one, or of an account one for each region. ``blind``: there may be regions beyond these."""

    reports: tuple[Report | AccountReport, ...]
    blind: bool = False


def code_of(look: SubjectReports, fail_on: FailOn) -> int:
    """The exit code of a look at one subject. Of an account nothing was checked where there was no identity to be seen."""
    judged = [report for report in look.reports if isinstance(report, Report) or report.identities]
    codes = [exit_code(report.verdicts, fail_on) for report in judged]
    accounts = (report for report in look.reports if isinstance(report, AccountReport))
    unread = any(isinstance(account.reading.listed, Reply) for account in accounts)
    if look.blind or unread or not codes:
        codes.append({"never": EXIT_CLEAN, "unknown": EXIT_FINDINGS}.get(fail_on, EXIT_COULD_NOT))
    return worst(codes)


def without_bodies(look: SubjectReports) -> SubjectReports:
    """The look without octets that no report shows, so that a long list of large messages fits into memory."""
    reports = [_without_body(report) if isinstance(report, Report) else report for report in look.reports]
    return msgspec.structs.replace(look, reports=tuple(reports))


def _without_body(report: Report) -> Report:
    message = report.evidence.message
    if isinstance(message, Missing):
        return report
    header = msgspec.structs.replace(message, raw=message.raw[: message.body_start])
    return msgspec.structs.replace(report, evidence=msgspec.structs.replace(report.evidence, message=header))
