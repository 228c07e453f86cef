"""What ``todoku reports`` does: ask the store, and show the answer in one of the forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import msgspec
from msgspec.structs import replace

from todoku import __version__
from todoku.cli.exit_codes import EXIT_CLEAN, EXIT_COULD_NOT
from todoku.cli.stored import opened, settings
from todoku.cli.terminal import Screen, parse_day, tell
from todoku.feedback.answers import (
    Affected,
    Bounces,
    Complaints,
    Failures,
    Grouping,
    Passing,
    Period,
    Reporter,
    Scope,
    Stream,
    TlsSessions,
)
from todoku.mail.domain_name import ascii_domain
from todoku.report.answers import csv, html, markdown, text
from todoku.report.answers.document import Answers, Question, Tool, render_json
from todoku.report.answers.pages import page_of
from todoku.report.render_options import Manner
from todoku.report.words import Language, harmless, say
from todoku.store.away import Away
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

RECENT = 30  # days that the overview and whatif look at, where nobody says which
OF_OTHER_REPORTS = ("tls", "bounces", "complaints", "failures")  # questions that aggregate reports do not answer
DEFAULT_POLICY = "reject"


def _affected(answers: Answers) -> tuple[Affected, ...]:
    return () if answers.whatif is msgspec.UNSET else answers.whatif.streams


CSV: Mapping[Question, tuple[type[msgspec.Struct], Callable[[Answers], Any]]] = {
    "sources": (Stream, lambda answers: answers.sources),
    "passing": (Passing, lambda answers: answers.passing),
    "unaligned": (Stream, lambda answers: answers.unaligned),
    "reporters": (Reporter, lambda answers: answers.reporters),
    "whatif": (Affected, _affected),
    "tls": (TlsSessions, lambda answers: answers.tls),
    "bounces": (Bounces, lambda answers: answers.bounces),
    "complaints": (Complaints, lambda answers: answers.complaints),
    "failures": (Failures, lambda answers: answers.failures),
}
"""What is a line of CSV, and where the lines are. An overview is no list."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """The options as they were given."""

    question: Question
    domain: str | None
    since: str | None
    until: str | None
    by: Grouping | None
    policy: str | None
    subdomain_policy: str | None
    verified: bool = False
    limit: int
    form: str
    output: Path | None
    config: Path | None
    place: str | None
    language: Language


def run(wanted: Wanted, today: date) -> int:
    """Show the answer; the exit code says whether there was one. ``today`` is a day of UTC. Raises ``UsageError``."""
    scope = scope_of(wanted)
    _fitting(wanted)
    screen = Screen(wanted.output)
    try:
        answers = _answers(wanted, scope, today)
    except Away as away:
        tell(f"todoku: {harmless(say(away.text, wanted.language))}")
        return EXIT_COULD_NOT
    if answers is None:
        tell(f"todoku: {harmless(say(_nothing(scope, verified=wanted.verified), wanted.language))}")
        return EXIT_COULD_NOT
    manner = Manner(language=wanted.language, colour=screen.colour, width=screen.width)
    screen.write(rendered(answers, wanted, manner), wanted.form)
    return EXIT_CLEAN


def scope_of(wanted: Wanted) -> Scope:
    """Which rows are asked. Raises ``UsageError`` for what is no domain or no range of days."""
    domain = ascii_domain(wanted.domain) if wanted.domain is not None else ""
    if domain is None:
        raise UsageError(Text(f"{wanted.domain} is no domain name", f"{wanted.domain} はドメイン名ではありません"))
    since, until = (parse_day(given) if given else None for given in (wanted.since, wanted.until))
    if since and until and since > until:
        raise UsageError(
            Text(f"--since {since} is after --until {until}", f"--since {since} が --until {until} より後です")
        )
    return Scope(domain, since, until)


def _fitting(wanted: Wanted) -> None:
    """Raises ``UsageError`` where an option has nothing to do with the question."""
    policy = wanted.policy or wanted.subdomain_policy
    for option, given, questions in (
        ("--by", wanted.by in get_args(Period), ("passing", "bounces")),
        (f"--by {wanted.by}", wanted.by not in (None, *get_args(Period)), ("bounces",)),
        ("--policy", policy, ("whatif",)),
        ("--format csv", wanted.form == "csv", tuple(CSV)),
    ):
        if given and wanted.question not in questions:
            named = ", ".join(questions)
            raise UsageError(
                Text(
                    f"{option} goes with {named}, not with {wanted.question}",
                    f"{option} は {named} で使えます。{wanted.question} では使えません",
                )
            )


def _answers(wanted: Wanted, scope: Scope, today: date) -> Answers | None:
    """The document; None where there is no row to answer from. Raises ``Away``, ``UsageError``."""
    with opened(settings(wanted.config, wanted.place), make=False) as store:
        from todoku.intake.parse import SCHEMAS  # noqa: PLC0415 -- after the libraries were looked for
        from todoku.store.questions.extent import extent  # noqa: PLC0415
        from todoku.store.read import Reader  # noqa: PLC0415

        with Reader(store, SCHEMAS, of="verified" if wanted.verified else "all") as reader:
            reach = extent(reader, scope)
            if reach is None and wanted.question not in OF_OTHER_REPORTS:
                return None
            if reach is not None and scope.since is None and wanted.question in ("overview", "whatif"):
                scope = replace(scope, since=_recent(reach.last))
                reach = extent(reader, scope)
            found = _asked(reader, wanted, scope)
    return Answers(
        todoku=Tool(__version__),
        question=wanted.question,
        domain=scope.domain,
        since=scope.since,
        until=scope.until,
        extent=None if wanted.question in OF_OTHER_REPORTS else reach,
        asked_on=today,
        by=_period(wanted),
        bounces_by=wanted.by if wanted.question == "bounces" else None,
        verified=wanted.verified,
        **found,
    )


def _period(wanted: Wanted) -> Period:
    """Of what length the rows of ``passing`` are."""
    match wanted.by:
        case "day" | "month":
            return wanted.by
    return "week"


def _recent(last: date) -> date:
    return last - timedelta(days=RECENT - 1) if last > date.min + timedelta(days=RECENT) else date.min


def _asked(reader: Any, wanted: Wanted, scope: Scope) -> dict[str, Any]:  # noqa: ANN401 -- a Reader, which is imported late
    """The parts of the document that answer the question, by their names. Raises ``Away``."""
    from todoku.store.questions.bounces import bounces, outcomes  # noqa: PLC0415 -- with the libraries
    from todoku.store.questions.complaints import complaints  # noqa: PLC0415
    from todoku.store.questions.domains import domains  # noqa: PLC0415
    from todoku.store.questions.failures import failures  # noqa: PLC0415
    from todoku.store.questions.passing import passing  # noqa: PLC0415
    from todoku.store.questions.reporters import reporters  # noqa: PLC0415
    from todoku.store.questions.sources import sources  # noqa: PLC0415
    from todoku.store.questions.tls import tls  # noqa: PLC0415
    from todoku.store.questions.unaligned import unaligned  # noqa: PLC0415
    from todoku.store.questions.whatif import whatif  # noqa: PLC0415

    policy: Any = wanted.policy or DEFAULT_POLICY
    below: Any = wanted.subdomain_policy or policy
    ask: dict[str, Callable[[], Any]] = {
        "domains": lambda: tuple(domains(reader, scope)),
        "sources": lambda: tuple(sources(reader, scope)),
        "passing": lambda: tuple(passing(reader, scope, _period(wanted))),
        "unaligned": lambda: tuple(unaligned(reader, scope)),
        "reporters": lambda: tuple(reporters(reader, scope)),
        "whatif": lambda: whatif(reader, scope, policy, below),
        "tls": lambda: tuple(tls(reader, scope)),
        "bounces": lambda: tuple(bounces(reader, scope, wanted.by if wanted.question == "bounces" else None)),
        "outcomes": lambda: tuple(outcomes(reader, scope)),
        "complaints": lambda: tuple(complaints(reader, scope)),
        "failures": lambda: tuple(failures(reader, scope)),
    }
    parts = {"overview": ("domains", "reporters", "whatif", "bounces", "outcomes"), "bounces": ("bounces", "outcomes")}
    return {name: ask[name]() for name in parts.get(wanted.question, (wanted.question,))}


def rendered(answers: Answers, wanted: Wanted, manner: Manner) -> str:
    """The answer in the form that was asked for."""
    match wanted.form:
        case "json":
            return render_json(answers)
        case "csv":
            kind, entries = CSV[answers.question]
            return csv.render(entries(answers), kind)
    render = {"text": text.render, "markdown": markdown.render, "html": html.render}[wanted.form]
    return render(page_of(answers, wanted.limit), manner)


def _nothing(scope: Scope, *, verified: bool) -> Text:
    """That there is no row, and how that may be."""
    if verified:
        return Text(
            "no verified report tells of this: todoku reports without --verified counts all",
            "該当する確認済みのレポートがありません。--verified を外すと、すべてのレポートを集計します",
        )
    if not scope.domain and scope.since is None and scope.until is None:
        return Text(
            "the store holds no DMARC aggregate report that counts: todoku ingest takes them, todoku status shows those set aside or of other domains",
            "集計できるDMARC集約レポートがストアにありません。todoku ingest で取り込んでください(保留中や対象外のものは todoku status で確認できます)",
        )
    days = " ".join(
        part
        for part in (f"since {scope.since}" if scope.since else "", f"until {scope.until}" if scope.until else "")
        if part
    )
    span = f"{scope.since or ''}〜{scope.until or ''}" if days else ""
    about = scope.domain
    return Text(
        " ".join(part for part in ("no report tells", f"of {about}" if about else "of anything", days) if part),
        f"{f'{about} について' if about else ''}{f'{span} の期間に' if span else ''}該当するレポートがありません",
    )
