"""Fields of authentication results given to ``todoku check`` without the message: they are explained, since no more can be judged."""

from __future__ import annotations

import re

from todoku.cli.terminal import Screen
from todoku.mail.message import MAX_HEADER
from todoku.net.suffix_list import bundled_suffixes
from todoku.report.render_options import Format
from todoku.report.results_explained import NAME, Explained, Field, explain_results
from todoku.report.words import Language
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

MAX_FIELDS = 20
_OTHER_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9-]*+[ \t]*+:")


def lone_results(raw: bytes) -> tuple[Field, ...]:
    """The fields, where there is nothing beside them; else nothing. A line that is no field goes on with the one above."""
    if len(raw) > MAX_HEADER:
        return ()
    fields: list[Field] = []
    for line in raw.decode("utf-8", "replace").removeprefix("\ufeff").splitlines():
        named = NAME.match(line)
        if named is not None and not line[0].isspace():
            fields.append(Field(named[1].lower(), line[named.end() :]))
        elif fields and not _OTHER_FIELD.match(line):
            fields[-1] = fields[-1]._replace(value=f"{fields[-1].value}\r\n {line.strip()}")
        elif line.strip():
            return ()
    return tuple(fields) if len(fields) <= MAX_FIELDS else ()


def show_lone_results(fields: tuple[Field, ...], screen: Screen, language: Language, form: Format) -> Explained:
    """Print what the fields say, as ``todoku explain`` does. Raises ``UsageError`` where another form than text is asked for."""
    if form != "text":
        raise UsageError(
            Text(
                f"--format {form} needs the message: this is only a line of authentication results, which is explained as text",
                f"--format {form} にはメールが必要です。認証結果の行だけの場合は、テキストで説明します",
            )
        )
    explained = explain_results(fields, bundled_suffixes())
    screen.write("".join(f"{line}\n" for line in explained.lines(language, screen.width)))
    return explained
