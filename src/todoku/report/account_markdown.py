"""The report on an SES account as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from todoku.report.account_view import AccountView
from todoku.report.markdown_pieces import finding, fix
from todoku.report.markup import block, plain


def page(shown: AccountView) -> Iterable[str]:
    """The whole page, line by line; two lines where there is nothing to judge."""
    yield f"# todoku: {plain(shown.subject)}"
    yield f"\n**{plain(shown.headline)}**\n"
    if not shown.rows:
        return
    yield from (f"- {plain(label)}: {plain(value)}" for label, value in shown.facts)
    yield ""
    yield f"| {' | '.join(shown.heads)} |"
    yield "|---" * len(shown.heads) + "|"
    for row in shown.rows:
        cells = (f"**{plain(word)}**" if how == "fail" else plain(word) for how, word in row.cells)
        yield f"| {plain(row.name)} | {' | '.join(cells)} |"
    if shown.findings:
        yield f"\n## {shown.headings.found}"
        for shared in shown.findings:
            yield from finding(shared.found, shown.headings, shared.whose)
    if shown.fixes:
        yield f"\n## {shown.headings.to_do}"
        for each in shown.fixes:
            yield from fix(each.fix, each.whose)
        sentence, *commands = shown.further
        yield plain(sentence) + "\n"
        yield from block(commands)
    for heading, titles in ((shown.headings.met, shown.met), (shown.headings.untold, shown.untold)):
        if titles:
            yield f"\n## {heading}\n\n{plain(titles)}"
    yield f"\n{plain(shown.footer)}"
