"""click's commands in two languages: their help, and one line for each slip, with the name that was probably meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any

import click

from todoku.cli.language import Language, here, language
from todoku.cli.terminal import Screen
from todoku.report.columns import wrapped
from todoku.report.render_options import FORMATS
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

Callback = Callable[..., Any]

WORDS = {
    "Options": "オプション",
    "Commands": "コマンド",
    "[default: ": "[既定: ",
}
"""What click writes of itself in a help page."""
SENTENCE_END = re.compile(r"(?<=\.) |(?<=。)")


class Formatter(click.HelpFormatter):
    """A help page in the language of this run; wide characters count as two columns."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The usage line."""
        super().write_usage(prog, args, prefix or here("Usage: ", "使い方: "))

    def write_heading(self, heading: str) -> None:
        """A heading of click's."""
        super().write_heading(_translated(heading))

    def write_text(self, text: str) -> None:
        r"""Paragraphs; one that begins with ``\b`` keeps its lines."""
        pad = " " * self.current_indent
        paragraphs = []
        for paragraph in text.split("\n\n"):
            kept = paragraph.removeprefix("\b\n")
            lines = kept.split("\n") if kept != paragraph else wrapped(_joined(paragraph), self.width - len(pad))
            paragraphs.append("".join(f"{pad}{line}".rstrip() + "\n" for line in lines))
        self.write("\n".join(paragraphs))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Options or commands with what they do."""
        rows = list(rows)
        column = min(max(len(name) for name, _ in rows), col_max) + col_spacing
        pad = " " * self.current_indent
        for name, told in rows:
            lines = wrapped(_translated(told), self.width - column - len(pad))
            if len(name) + col_spacing > column:
                lines.insert(0, "")
            for index, line in enumerate(lines):
                self.write(f"{pad}{'' if index else name:<{column}}{line}".rstrip() + "\n")


def _translated(text: str) -> str:
    if language() == "ja":
        for en, ja in WORDS.items():
            text = text.replace(en, ja)
    return text


def _joined(paragraph: str) -> str:
    """The lines of a paragraph as one; a Japanese sentence goes on without a blank."""
    joined = ""
    for line in paragraph.split("\n"):
        joined += " " + line if joined and joined[-1].isascii() else line
    return joined


class Context(click.Context):
    """A context whose help pages are ours."""

    formatter_class = Formatter


class _Spoken(click.Command):
    """What our commands and groups share: help and errors in the language of this run."""

    context_class = Context

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The arguments; an error in them knows its command."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The parameters; ``--lang`` is one of every command, also where nothing but its help and errors has words."""
        params = super().get_params(ctx)
        if any("--lang" in param.opts for param in params):
            return params
        return [*params[:-1], _spoken_language(), *params[-1:]]

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 -- click's signature; it cuts the sentence there
        """What stands in a list of commands: the first sentence of the help, where nothing shorter was written."""
        told = _joined((self.help or "").partition("\n\n")[0])
        return self.short_help or SENTENCE_END.split(told, maxsplit=1)[0]

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """``--help``, told in the language of this run."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = here("Show this help.", "この説明を表示します。")
            option.callback = _show_help
        return option


@cache
def _spoken_language() -> click.Option:
    """The option whose value ``language()`` finds among the arguments by itself."""
    told = here("Language. Default: the locale's.", "表示言語。既定はロケールに従います。")
    return click.Option(["--lang"], type=OneOf(["en", "ja"]), expose_value=False, help=told)


def _show_help(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        Screen().write(ctx.get_help() + "\n")
        ctx.exit()


class Command(_Spoken):
    """A command; arguments that are too many are told in our own words."""

    allow_extra_args = True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The arguments. Raises ``UsageError`` where there are too many."""
        rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            words, see = " ".join(rest), see_help(ctx)
            raise UsageError(Text(f"too many arguments: {words}.{see.en}", f"余分な引数があります: {words}。{see.ja}"))
        return rest


class Group(_Spoken, click.Group):
    """A group of such commands."""

    command_class = Command

    def add(self, name: str, told: str, run: Callable[..., int], *options: Callable[[Callback], Callback]) -> None:
        """Add a command. ``run`` takes the values of its options and gives the exit code; what it needs for that it loads
        itself, since `--help` must start at once.
        """

        @click.pass_context
        def handed_over(ctx: click.Context, /, **values: Any) -> None:  # noqa: ANN401 -- click's values
            ctx.exit(run(language=values.pop("lang"), **values))

        for option in reversed(options):
            handed_over = option(handed_over)
        self.command(name, help=told)(handed_over)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name. Raises ``UsageError`` where there is none."""
        if args and not ctx.resilient_parsing and self.get_command(ctx, args[0]) is None:
            meant, see = self.meant_by(ctx, args[0]), see_help(ctx)
            raise UsageError(
                Text(
                    f"there is no command {args[0]!r}.{meant.en}{see.en}",
                    f"{args[0]!r} というコマンドはありません。{meant.ja}{see.ja}",
                )
            )
        return super().resolve_command(ctx, args)

    def meant_by(self, ctx: click.Context, word: str) -> Text:
        """Which command was probably meant."""
        return meant_by(word, self.list_commands(ctx))


class OneOf(click.Choice[str]):
    """One of some words. A word that is not among them is told with the one that was probably meant."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401, ARG002 -- click's
        """The word. Raises ``UsageError``."""
        if value in self.choices:
            return str(value)
        name = param.opts[-1] if isinstance(param, click.Option) else ""
        meant, known = meant_by(str(value), self.choices), ", ".join(self.choices)
        if name:
            told = Text(f"{name} cannot be {value!r}.", f"{name} に {value!r} は指定できません。")
        else:
            told = Text(f"there is no {value!r}.", f"{value!r} は指定できません。")
        raise UsageError(
            Text(f"{told.en}{meant.en} Choose from {known}", f"{told.ja}{meant.ja}{known} から選んでください")
        )


def _language(_ctx: click.Context, _param: click.Parameter, value: Language | None) -> Language:
    return value or language()


LANG = click.option(
    "--lang",
    type=OneOf(["en", "ja"]),
    callback=_language,
    help=here("Language. Default: the locale's.", "表示言語。既定はロケールに従います。"),
)
"""The option that every command with words has."""

FORMAT = click.option(
    "--format",
    "form",
    type=OneOf(FORMATS),
    default="text",
    show_default=True,
    help=here("How to show the report.", "出力形式。"),
)
"""The option of every command that shows a report."""


def meant_by(word: str, known: Sequence[str]) -> Text:
    """Behind an unknown word: which known one was probably meant, or nothing."""
    close = get_close_matches(word.lower(), known, n=1)
    return Text(f" Did you mean {close[0]}?", f"もしかして {close[0]} ですか? ") if close else Text("", "")


def see_help(ctx: click.Context) -> Text:
    """Where to read on."""
    command = f"`{ctx.command_path} --help`"
    return Text(f" See {command}", f"使い方は {command} で表示できます")


def slip(error: click.UsageError) -> Text:
    """What click found wrong, in one line."""
    ctx = error.ctx
    match error:
        case click.NoSuchOption(option_name=name) if ctx is not None:
            meant = meant_by(name, [option for param in ctx.command.get_params(ctx) for option in param.opts])
            told = Text(f"there is no option {name}.{meant.en}", f"{name} というオプションはありません。{meant.ja}")
        case click.BadOptionUsage(option_name=name) if ctx is not None:
            told = _bad_option(name, ctx)
        case click.MissingParameter(param=click.Argument(type=click.Choice(choices=choices))):
            known = ", ".join(choices)
            told = Text(f"choose from {known}.", f"{known} から選んでください。")
        case click.MissingParameter(param=click.Argument(human_readable_name=name)):
            told = Text(f"{name} is missing.", f"{name} を指定してください。")
        case _ if type(error) is click.UsageError and ctx is not None and isinstance(ctx.command, click.Group):
            told = Text("a command is missing.", "コマンドを指定してください。")
        case _:
            words = " ".join(error.format_message().split())
            told = Text(words, words)
    see = Text("", "") if ctx is None else see_help(ctx)
    return Text(told.en + see.en, told.ja + see.ja)


def _bad_option(name: str, ctx: click.Context) -> Text:
    """An option without its value, or a switch with one."""
    options = [param for param in ctx.command.get_params(ctx) if isinstance(param, click.Option)]
    if any(option.is_flag and name in option.opts for option in options):
        return Text(f"{name} takes no value.", f"{name} に値は指定できません。")
    return Text(f"{name} needs a value.", f"{name} には値が必要です。")
