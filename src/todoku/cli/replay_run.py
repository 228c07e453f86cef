"""What ``todoku replay`` does."""

from __future__ import annotations

from pathlib import Path

from todoku import __version__
from todoku.cli.check_run import exit_code, own_time
from todoku.cli.recording import look_again
from todoku.cli.terminal import Screen, tell
from todoku.report import show
from todoku.report.manner import Format
from todoku.report.words import Language, harmless, say
from todoku.verdict import Text


def replay(bundle: Path, form: Format, lang: Language) -> int:
    """Print the report judged again and, on standard error, how it differs; the exit code is that of ``check``."""
    report, differences, version = look_again(bundle)
    screen = Screen()
    screen.write(show.render([report], form, lang, colour=screen.colour, width=screen.width, zone=own_time()))
    same = Text("the verdicts are those of the record", "判定は記録と同じです")
    told = Text(
        f"{len(differences)} verdicts differ from the record (made by todoku {version}, this is {__version__}):",
        f"{len(differences)}件の判定が記録と異なります(記録時 todoku {version}、現在 {__version__}):",
    )
    tell(say(told if differences else same, lang))
    for one in differences:
        tell(harmless(f"  {one.requirement} {one.receiver}: {one.before or '-'} -> {one.after or '-'}"))
    return exit_code(report.verdicts, "fail")
