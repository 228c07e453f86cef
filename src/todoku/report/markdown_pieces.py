"""The pieces of a report in Markdown: a finding, what is met, a fix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from todoku.report.fixes import ShownFix
from todoku.report.headings import Headings
from todoku.report.markup import block, code, plain
from todoku.report.view import About, ShownExhibit, ShownFinding


def finding(found: ShownFinding, headings: Headings, whose: str = "") -> Iterable[str]:
    """A finding; of which identities, where there are several."""
    yield f"\n### {plain(found.word)}: {plain(found.titles)}\n"
    if whose:
        yield plain(whose) + "\n"
    yield plain(found.text) + "\n"
    for about in found.abouts:
        yield f"- {code(about.requirement)}: {code(found.tag)}"
        for scope in about.scopes:
            yield f"  - {plain(scope.receivers)}: [{plain(scope.how)}]({scope.source})"
    yield from _exhibits(found.exhibits)
    yield from _notes(found, headings)
    for about in found.abouts:
        yield f"\nSES: {plain(about.ses_default)} {_source(about)}"
    for page in found.setup_pages:
        yield f"\n{headings.set_up}: <{page}>"
    if found.consequence:
        yield f"\n{plain(found.consequence)}"


def _source(about: About) -> str:
    """A link to the page that says what SES does, or the words that there is none."""
    page = about.ses_source
    return f"<{page}>" if page.startswith("https://") else f"({plain(page)})"


def met(found: ShownFinding, headings: Headings) -> Iterable[str]:
    """A requirement that is met: for whom, why, and the proof that stands nowhere else on the page."""
    names = ", ".join(code(about.requirement) for about in found.abouts)
    yield f"\n**{plain(found.titles)}** ({names}) {plain(found.receivers)}\n\n{plain(found.text)}"
    yield from (f"\n{source}" for source in ses_sources(found))
    yield from _exhibits(found.exhibits)
    yield from _notes(found, headings)


def ses_sources(found: ShownFinding) -> Iterable[str]:
    """Who says that SES meets by default what it is counted for."""
    return (f"SES: {_source(about)}" for about in found.abouts if about.by_ses)


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
        yield from block(line for exhibit in exhibits for line in _lines(exhibit))


def _lines(exhibit: ShownExhibit) -> Iterable[str]:
    """The evidence behind its label, or below it where it takes several lines."""
    label = f"{exhibit.label}: " if exhibit.label else ""
    if label and len(exhibit.lines) > 1:
        yield label.rstrip()
        label = "  "
    yield from (label + line for line in exhibit.lines)


def fix(one: ShownFix, whose: str = "") -> Iterable[str]:
    """A fix with its steps; for which identities, where there are several."""
    yield f"\n### {one.number}. {plain(one.title)}\n"
    if whose:
        yield plain(whose) + "\n"
    for step in one.steps:
        if step.kind:
            yield f"{plain(step.kind)}:\n"
        yield from block(step.lines) if step.typed else map(plain, step.lines)
        yield ""
