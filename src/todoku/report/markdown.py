"""The report as Markdown: for an issue, a wiki page, a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from todoku.judging.account_report import AccountReport
from todoku.judging.judge import Report
from todoku.report import account_markdown
from todoku.report.account_view import AccountView, view_of
from todoku.report.markdown_pieces import finding, fix, met, ses_sources
from todoku.report.markup import plain
from todoku.report.render_options import Manner
from todoku.report.rendered import Drawn
from todoku.report.view import View


def render(reports: Sequence[Report | AccountReport | Drawn], manner: Manner) -> Iterator[str]:
    """The reports one below the other."""
    for number, report in enumerate(reports):
        yield "\n" if number else ""
        yield (report if isinstance(report, Drawn) else drawn(report, manner, number)).text


def drawn(report: Report | AccountReport, manner: Manner, _number: int) -> Drawn:
    """The report as one of several."""
    shown = view_of(report, manner.language, manner.zone)
    return Drawn(shown.subject, "\n".join(_page(shown)) + "\n")


def _page(report: View | AccountView) -> Iterable[str]:
    return account_markdown.page(report) if isinstance(report, AccountView) else _of_one(report)


def _of_one(shown: View) -> Iterable[str]:
    headings = shown.headings
    yield f"# todoku: {plain(shown.subject)}"
    yield f"\n**{plain(shown.headline)}**\n"
    yield from (f"- {plain(label)}: {plain(value)}" for label, value in shown.facts)
    yield ""
    if shown.matrix:
        yield f"| {headings.requirement} | {' | '.join(shown.receivers)} |"
        yield "|---" * (len(shown.receivers) + 1) + "|"
    for row in shown.matrix:
        cells = ("" if cell is None else f"**{cell[1]}**" if cell[0] == "fail" else cell[1] for cell in row.cells)
        yield f"| {plain(row.title)} | {' | '.join(cells)} |"
    yield from _authentication(shown)
    yield from _published(shown)
    if shown.findings:
        yield f"\n## {headings.found}"
        for found in shown.findings:
            yield from finding(found, headings)
    if shown.fixes:
        yield f"\n## {headings.to_do}"
        for one in shown.fixes:
            yield from fix(one)
    if shown.met:
        yield f"\n## {headings.met}"
        for found in shown.met:
            yield from met(found, headings)
    if shown.untold:
        yield f"\n## {headings.untold}\n"
        yield from (f"- {plain(one.titles)}: {' '.join((plain(one.text), *ses_sources(one)))}" for one in shown.untold)
    yield f"\n{plain(shown.footer)}"


def _authentication(shown: View) -> Iterable[str]:
    if not shown.authentication:
        return
    receiver = plain(shown.receiver_name) or "-"
    yield ""
    yield f"| {shown.headings.authentication} | | todoku | {receiver} |"
    yield "|---|---|---|---|"
    for row in shown.authentication:
        yield f"| {plain(row.method)} | {plain(row.about)} | {plain(row.ours)} | {plain(row.theirs) or '-'} |"


def _published(shown: View) -> Iterable[str]:
    """The records of a domain."""
    if not shown.published:
        return
    yield ""
    yield f"| {shown.headings.published} | | | |"
    yield "|---|---|---|---|"
    for row in shown.published:
        yield f"| {plain(row.what)} | {plain(row.word)} | {plain(row.name)} | {plain(row.value)} |"
