"""The report as one self-contained HTML page: no script, nothing fetched, everything from strangers escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from html import escape

from todoku.judging.account_report import AccountReport
from todoku.judging.judge import Report
from todoku.report import account_html
from todoku.report.account_view import AccountView, view_of
from todoku.report.html_pieces import finding, fix, met, ses_sources, word
from todoku.report.published import TONES
from todoku.report.render_options import Manner
from todoku.report.rendered import Drawn
from todoku.report.view import View

STYLE = """
:root{color-scheme:light dark;--tone:var(--line);--ink:#1d2330;--soft:#5b6472;--line:#d9dee6;--paper:#fff;--shade:#f4f6f9;
--pass:#116b36;--warn:#8a5a00;--fail:#b3201d;--unknown:#6b3fa0;--notapplicable:#5b6472}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ef;--soft:#9aa4b2;--line:#39404d;--paper:#161a21;--shade:#1f252e;
--pass:#5bd08c;--warn:#f0b84b;--fail:#ff8078;--unknown:#c7a4f5;--notapplicable:#9aa4b2}}
*{box-sizing:border-box}
body{margin:0;line-break:strict;background:var(--paper);color:var(--ink);font:16px/1.6 system-ui,"Noto Sans CJK JP","Hiragino Sans",sans-serif}
main{max-width:60rem;margin:0 auto;padding:2rem 1rem 4rem}
h1{font-size:1.1rem;margin:0;color:var(--soft);font-weight:600;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2.5rem 0 .5rem;border-bottom:1px solid var(--line);padding-bottom:.3rem}
h3{font-size:1.05rem;margin:0 0 .3rem}
.headline{font-size:1.35rem;line-height:1.4;font-weight:650;margin:.3rem 0 1.2rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:0 0 1.5rem}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:600}
td a{color:inherit}
.identities td:first-child{min-width:9rem;overflow-wrap:anywhere}.identities th{white-space:nowrap}
.methods td{overflow-wrap:anywhere}.methods td:first-child{white-space:nowrap}
section{border:1px solid var(--line);border-left:4px solid var(--tone);border-radius:.4rem;padding:1rem;margin:1rem 0}
.pass{--tone:var(--pass)}.warn{--tone:var(--warn)}.fail{--tone:var(--fail)}
.unknown{--tone:var(--unknown)}.notapplicable{--tone:var(--notapplicable)}
.word{color:var(--tone);font-weight:700;white-space:nowrap}
.met{border-left:4px solid var(--pass);padding-left:1rem;margin:.9rem 0}.met p{margin:.1rem 0}
.whose{font-weight:600;overflow-wrap:anywhere}
.soft{color:var(--soft);font-size:.9rem}
p{margin:.4rem 0}ul{margin:.4rem 0;padding-left:1.2rem}
pre{background:var(--shade);border-radius:.3rem;padding:.6rem .8rem;overflow-x:auto;font:13px/1.5 ui-monospace,"Noto Sans Mono CJK JP",monospace;margin:.5rem 0;white-space:pre-wrap;overflow-wrap:anywhere}
mark{background:none;color:inherit;text-decoration:underline;text-decoration-thickness:2px;text-underline-offset:3px;font-weight:700}
code{font:.9em ui-monospace,monospace}
@media(max-width:40rem){main{padding:1rem .6rem 3rem}th,td{padding:.3rem .35rem;font-size:.85rem;line-height:1.4}
.matrix td:first-child{min-width:8rem}section{padding:.7rem}}
"""


def render(reports: Sequence[Report | AccountReport | Drawn], manner: Manner) -> Iterator[str]:
    """The reports on one page."""
    digest = b64encode(sha256(STYLE.encode()).digest()).decode()
    views = [one if isinstance(one, Drawn) else view_of(one, manner.language, manner.zone) for one in reports]
    title = escape(" ".join(["todoku", *(one.subject for one in views[:1])]))
    yield (
        f'<!DOCTYPE html>\n<html lang="{manner.language}">\n<head>\n<meta charset="utf-8">\n'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{digest}'\">\n"
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
    )
    for number, one in enumerate(views):
        yield "\n" if number else ""
        yield from (one.text,) if isinstance(one, Drawn) else _page(one, number)
    yield "\n</main>\n</body>\n</html>\n"


def drawn(report: Report | AccountReport, manner: Manner, number: int) -> Drawn:
    """The report as the one of several that has this number, counted from 0."""
    shown = view_of(report, manner.language, manner.zone)
    return Drawn(shown.subject, "".join(_page(shown, number)))


def _page(report: View | AccountView, number: int) -> Iterable[str]:
    return account_html.page(report, number) if isinstance(report, AccountView) else _of_one(report, number)


def _of_one(shown: View, number: int) -> Iterable[str]:
    headings = shown.headings
    yield f'<h1>todoku {escape(shown.subject)}</h1>\n<p class="headline">{escape(shown.headline)}</p>\n'
    yield "<dl>" + "".join(f"<dt>{escape(a)}</dt><dd>{escape(b)}</dd>" for a, b in shown.facts) + "</dl>\n"
    yield from _matrix(shown, number) if shown.matrix else ()
    yield from _authentication(shown)
    yield from _published(shown)
    if shown.findings:
        yield f"<h2>{escape(headings.found)}</h2>\n"
        yield from (finding(found, number, headings) for found in shown.findings)
    if shown.fixes:
        yield f"<h2>{escape(headings.to_do)}</h2>\n"
        yield from (fix(one, number) for one in shown.fixes)
    if shown.met:
        yield f"<h2>{escape(headings.met)}</h2>\n"
        yield from (met(found, number, headings) for found in shown.met)
    if shown.untold:
        yield f"<h2>{escape(headings.untold)}</h2>\n<ul>\n"
        yield from (
            f"<li><b>{escape(one.titles)}</b>: {escape(one.text)}{ses_sources(one)}</li>\n" for one in shown.untold
        )
        yield "</ul>\n"
    yield f'<p class="soft">{escape(shown.footer)}</p>\n'


def _matrix(shown: View, number: int) -> Iterable[str]:
    head = "".join(f"<th>{escape(name)}</th>" for name in shown.receivers)
    yield f'<div class="scroll"><table class="matrix">\n<tr><th>{escape(shown.headings.requirement)}</th>{head}</tr>\n'
    linked = {about.requirement for finding in (*shown.findings, *shown.met) for about in finding.abouts}
    for row in shown.matrix:
        title = escape(row.title)
        name = f'<a href="#{row.requirement}-{number}">{title}</a>' if row.requirement in linked else title
        cells = "".join("<td></td>" if cell is None else f"<td>{word(cell[0], cell[1])}</td>" for cell in row.cells)
        yield f"<tr><td>{name}</td>{cells}</tr>\n"
    yield "</table></div>\n"


def _authentication(shown: View) -> Iterable[str]:
    if not shown.authentication:
        return
    yield f"<h2>{escape(shown.headings.authentication)}</h2>\n"
    yield f'<div class="scroll"><table class="methods">\n<tr><th></th><th></th><th>todoku</th><th>{escape(shown.receiver_name)}</th></tr>\n'
    for row in shown.authentication:
        cells = (row.method, row.about, row.ours, row.theirs or "-")
        yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>\n"
    yield "</table></div>\n"


def _published(shown: View) -> Iterable[str]:
    """The records of a domain."""
    if not shown.published:
        return
    yield f'<h2>{escape(shown.headings.published)}</h2>\n<div class="scroll"><table class="methods">\n'
    for row in shown.published:
        state = word(TONES[row.state], row.word)
        cells = f"<td>{escape(row.what)}</td><td>{state}</td><td>{escape(row.name)}</td><td>{escape(row.value)}</td>"
        yield f"<tr>{cells}</tr>\n"
    yield "</table></div>\n"
