"""The report as Markdown: for an issue, a wiki page, a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from todoku.judge import Report
from todoku.report.headings import Headings
from todoku.report.manner import Manner
from todoku.report.markup import block, code, plain
from todoku.report.view import ShownExhibit, ShownFinding, View, view


def render(reports: Sequence[Report], manner: Manner) -> str:
    """The reports one below the other."""
    return "\n".join("\n".join(_page(view(report, manner.language, manner.zone))) + "\n" for report in reports)


def _page(shown: View) -> Iterable[str]:
    headings = shown.headings
    yield f"# todoku: {plain(shown.subject)}"
    yield f"\n**{plain(shown.headline)}**\n"
    yield from (f"- {plain(label)}: {plain(value)}" for label, value in shown.facts)
    yield ""
    yield f"| {headings.requirement} | {' | '.join(shown.receivers)} |"
    yield "|---" * (len(shown.receivers) + 1) + "|"
    for row in shown.matrix:
        cells = ("" if cell is None else f"**{cell[1]}**" if cell[0] == "fail" else cell[1] for cell in row.cells)
        yield f"| {plain(row.title)} | {' | '.join(cells)} |"
    yield from _authentication(shown)
    yield from _published(shown)
    if shown.findings:
        yield f"\n## {headings.found}"
        for finding in shown.findings:
            yield from _finding(finding, headings)
    if shown.fixes:
        yield f"\n## {headings.to_do}"
        for fix in shown.fixes:
            yield f"\n### {fix.number}. {plain(fix.title)}\n"
            for step in fix.steps:
                if step.kind:
                    yield f"{plain(step.kind)}:\n"
                yield from block(step.lines) if step.typed else map(plain, step.lines)
                yield ""
    if shown.met:
        yield f"\n## {headings.met}"
        for finding in shown.met:
            yield from _met(finding, headings)
    if shown.untold:
        yield f"\n## {headings.untold}\n"
        yield from (f"- {plain(one.titles)}: {plain(one.text)}" for one in shown.untold)
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


def _finding(found: ShownFinding, headings: Headings) -> Iterable[str]:
    yield f"\n### {plain(found.word)}: {plain(found.titles)}\n"
    yield plain(found.text) + "\n"
    for about in found.abouts:
        yield f"- {code(about.requirement)}: {code(found.tag)}"
        for scope in about.scopes:
            yield f"  - {plain(scope.receivers)}: [{plain(scope.how)}]({scope.source})"
    yield from _exhibits(found.exhibits)
    yield from _notes(found, headings)
    for about in found.abouts:
        yield f"\nSES: {plain(about.ses_default)}"
    for page in found.setup_pages:
        yield f"\n{headings.set_up}: <{page}>"


def _met(found: ShownFinding, headings: Headings) -> Iterable[str]:
    """A requirement that is met: for whom, why, and the proof that stands nowhere else on the page."""
    names = ", ".join(code(about.requirement) for about in found.abouts)
    yield f"\n**{plain(found.titles)}** ({names}) {plain(found.receivers)}\n\n{plain(found.text)}"
    yield from _exhibits(found.exhibits)
    yield from _notes(found, headings)


def _notes(found: ShownFinding, headings: Headings) -> Iterable[str]:
    """What is worth reading besides, and the numbers of the fixes."""
    for note in found.notes:
        yield f"\n- {plain(note.text)}"
        yield from _exhibits(note.exhibits)
    if found.fixes:
        yield f"\n{headings.fix}: {', '.join(map(str, found.fixes))}"


def _exhibits(exhibits: Sequence[ShownExhibit]) -> Iterable[str]:
    if exhibits:
        yield ""
        yield from block(
            f"{exhibit.label}: {line}" if exhibit.label else line for exhibit in exhibits for line in exhibit.lines
        )
