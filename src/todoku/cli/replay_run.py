"""What ``todoku replay`` does."""

from __future__ import annotations

from pathlib import Path

from todoku import __version__
from todoku.cli.recording import look_again
from todoku.cli.subject_reports import SubjectReports, code_of
from todoku.cli.terminal import Screen, own_time, tell
from todoku.report import show
from todoku.report.render_options import Format, Manner
from todoku.report.words import Language, harmless, say
from todoku.words.verdict import Text


def replay(bundle: Path, form: Format, lang: Language) -> int:
    """Print the report judged again and, on standard error, how it differs; the exit code is that of ``check``."""
    again = look_again(bundle)
    screen = Screen()
    manner = Manner(language=lang, colour=screen.colour, width=screen.width, zone=own_time())
    screen.write(show.pieces(again.reports, form, manner))
    same = Text("the verdicts are those of the record", "判定は記録と同じです")
    told = Text(
        f"{len(again.differences)} verdicts differ from the record (made by todoku {again.version}, this is {__version__}):",
        f"{len(again.differences)}件の判定が記録と異なります(記録時 todoku {again.version}、現在 {__version__}):",
    )
    tell(say(told if again.differences else same, lang))
    for one in again.differences:
        tell(
            harmless(
                f"  {' '.join(filter(None, (one.about, one.requirement, one.receiver)))}: {one.before or '-'} -> {one.after or '-'}"
            )
        )
    return code_of(SubjectReports(reports=again.reports), "fail")
