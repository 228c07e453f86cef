"""The options that ``apply`` and ``undo`` share: who writes DNS, who answers, how long to wait, in which language."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from todoku.cli.command import LANG
from todoku.cli.language import here
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

Function = Callable[..., Any]

HOURS = 3
"""How long to wait by default: SES usually needs minutes, a person who enters records an hour or two."""


class Seconds(click.ParamType[float]):
    """A number of seconds, not below 0."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401, ARG002 -- click's
        """The number. Raises ``UsageError``."""
        try:
            seconds = float(value)
        except ValueError:
            seconds = nan
        if not 0 <= seconds < inf:
            raise UsageError(
                Text(
                    f"--timeout {value!r} is not a number of seconds, such as 600",
                    f"--timeout {value!r} は秒数ではありません。600 のように指定してください",
                )
            )
        return seconds


def _key_file(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    """The key file. ``TODOKU_TSIG`` goes with ``TODOKU_VIA``: where ``--via`` names another way, it is not meant."""
    by_environment = ctx.get_parameter_source(param.name or "") is ParameterSource.ENVIRONMENT
    named = str(ctx.params.get("via") or "")
    return None if by_environment and not named.startswith("rfc2136://") else value


def carry_options(function: Function) -> Function:
    """Add the options."""
    options = (
        click.option(
            "--via",
            envvar="TODOKU_VIA",
            metavar="WAY",
            help=here(
                "Who writes DNS: route53[:ZONEID], rfc2136://SERVER[:PORT][/ZONE], or hand (you enter it, todoku looks). "
                "Default: Route 53 where a hosted zone of the account holds the name, else hand.",
                "DNSの書き込み方法: route53[:ゾーンID]、rfc2136://サーバー[:ポート][/ゾーン]、hand(手作業で登録し、todokuが確認)。"
                "既定は、アカウントのホストゾーンに含まれる名前はRoute 53、それ以外は hand。",
            ),
        ),
        click.option(
            "--tsig",
            envvar="TODOKU_TSIG",
            type=click.Path(path_type=Path),
            callback=_key_file,
            metavar="FILE",
            help=here("The key file for rfc2136://.", "rfc2136:// で使う鍵ファイル。"),
        ),
        click.option(
            "--timeout",
            type=Seconds(),
            default=HOURS * 3600,
            show_default=True,
            metavar="SECONDS",
            help=here("How long to wait in all; 0: not at all.", "待機時間の合計(秒)。0 なら待ちません。"),
        ),
        click.option(
            "--dns",
            multiple=True,
            envvar="TODOKU_DNS",
            metavar="SERVER",
            help=here("Who answers DNS questions, as in todoku check.", "DNSの参照先。todoku check と同じ指定です。"),
        ),
        LANG,
    )
    for option in reversed(options):
        function = option(function)
    return function
