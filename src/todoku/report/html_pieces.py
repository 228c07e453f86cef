"""The pieces of a report in HTML: a finding, what is met, a fix. Everything from strangers is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from todoku.report.fixes import ShownFix
from todoku.report.headings import Headings
from todoku.report.view import About, ShownExhibit, ShownFinding
from todoku.words.verdict import Result


def word(result: Result, said: str) -> str:
    """A word in the colour of its result."""
    return f'<span class="word {result}">{escape(said)}</span>'


def finding(found: ShownFinding, number: int, headings: Headings, whose: str = "") -> str:
    """A finding; of which identities, where there are several. ``number`` is that of the report on the page."""
    abouts = "".join(_about(about, found.tag, number) for about in found.abouts)
    pages = "".join(
        f'<p class="soft"><a href="{escape(page)}">{escape(headings.set_up)}</a></p>' for page in found.setup_pages
    )
    return (
        f'<section class="{found.result}"><h3>{word(found.result, found.word)} {escape(found.titles)}</h3>'
        f"{_whose(whose)}<p>{escape(found.text)}</p>{abouts}{_exhibits(found.exhibits)}{_notes(found)}"
        f"{_links(found, number, headings)}{pages}{_consequence(found)}</section>\n"
    )


def _consequence(found: ShownFinding) -> str:
    """What receivers do with mail that fails so."""
    return f"<p>{escape(found.consequence)}</p>" if found.consequence else ""


def met(found: ShownFinding, number: int, headings: Headings) -> str:
    """A requirement that is met: for whom, why, and the proof that stands nowhere else on the page."""
    titles = " / ".join(
        f'<b id="{about.requirement}-{number}">{escape(about.title)}</b> <code>{escape(about.requirement)}</code>'
        for about in found.abouts
    )
    return (
        f'<div class="met"><p>{titles} <span class="soft">{escape(found.receivers)}</span></p><p>{escape(found.text)}</p>'
        f"{ses_sources(found)}{_exhibits(found.exhibits)}{_notes(found)}{_links(found, number, headings)}</div>\n"
    )


def ses_sources(found: ShownFinding) -> str:
    """Who says that SES meets by default what it is counted for."""
    return "".join(f'<p class="soft">SES: {_source(one.ses_source)}</p>' for one in found.abouts if one.by_ses)


def _notes(found: ShownFinding) -> str:
    notes = "".join(f"<li>{escape(note.text)}{_exhibits(note.exhibits)}</li>" for note in found.notes)
    return f"<ul>{notes}</ul>" if notes else ""


def _links(found: ShownFinding, number: int, headings: Headings) -> str:
    """The way to the fixes."""
    links = ", ".join(f'<a href="#fix-{one}-{number}">{one}</a>' for one in found.fixes)
    return f"<p><b>{escape(headings.fix)}: {links}</b></p>" if links else ""


def _about(about: About, tag: str, number: int) -> str:
    scopes = "".join(
        f'<li>{escape(scope.receivers)}: <a href="{escape(scope.source)}">{escape(scope.how)}</a></li>'
        for scope in about.scopes
    )
    return (
        f'<p class="soft" id="{about.requirement}-{number}"><code>{escape(about.requirement)}: {escape(tag)}</code></p>'
        f'<ul>{scopes}</ul><p class="soft">SES: {escape(about.ses_default)} {_source(about.ses_source)}</p>'
    )


def _source(page: str) -> str:
    """A link to the page that says so, or the words that there is none."""
    shown = escape(page)
    return f'<a href="{shown}">{shown}</a>' if page.startswith("https://") else f"({shown})"


def _exhibits(exhibits: Iterable[ShownExhibit]) -> str:
    lines = [line for exhibit in exhibits for line in _lines(exhibit)]
    return f"<pre>{chr(10).join(lines)}</pre>" if lines else ""


def _lines(exhibit: ShownExhibit) -> Iterable[str]:
    """The evidence behind its label, or below it where it takes several lines."""
    label = f"{escape(exhibit.label)}: " if exhibit.label else ""
    if label and len(exhibit.lines) > 1:
        yield label.rstrip()
        label = "  "
    yield from (label + _marked(exhibit, line) for line in exhibit.lines)


def _marked(exhibit: ShownExhibit, line: str) -> str:
    if exhibit.mark and exhibit.mark in line:
        before, mark, after = line.rpartition(exhibit.mark)
        return f"{escape(before)}<mark>{escape(mark)}</mark>{escape(after)}"
    return escape(line)


def fix(one: ShownFix, number: int, whose: str = "") -> str:
    """A fix with its steps; for which identities, where there are several."""
    steps = "".join(
        (f'<p class="soft">{escape(step.kind)}</p>' if step.kind else "")
        + (f"<pre>{escape(chr(10).join(step.lines))}</pre>" if step.typed else f"<p>{escape(' '.join(step.lines))}</p>")
        for step in one.steps
    )
    title = f"<h3>{one.number}. {escape(one.title)}</h3>"
    return f'<section id="fix-{one.number}-{number}">{title}{_whose(whose)}{steps}</section>\n'


def _whose(names: str) -> str:
    return f'<p class="whose">{escape(names)}</p>' if names else ""
