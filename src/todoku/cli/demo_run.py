"""What ``todoku demo`` does: start the stage, run a shell or a command on it, and clear everything away."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from todoku.cli.language import here
from todoku.cli.terminal import tell
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

NOT_INSTALLED = Text(
    'the demo needs its own parts: pip install "todoku[aws,demo]" (in a clone: pip install ".[aws,demo]")',
    'デモには追加の部品が必要です: pip install "todoku[aws,demo]"(クローンからは pip install ".[aws,demo]")',
)


def run(command_line: Sequence[str]) -> int:
    """Run the command, or a shell where there is none, and give its exit code. Raises ``UsageError``."""
    if find_spec("boto3") is None or find_spec("moto") is None:
        raise UsageError(NOT_INSTALLED)
    from todoku.demo.stage import Stage  # noqa: PLC0415 -- moto takes its time

    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]  # neither the demo's SES nor a command of the demo is to find a real account
    with tempfile.TemporaryDirectory(prefix="todoku-demo-") as folder, Stage(Path(folder)) as stage:
        environment = {**os.environ, **stage.environment, "PATH": _path()}
        if not command_line:
            tell(_welcome(stage.inbox))
        shell = os.environ.get("SHELL", "/bin/sh")
        return _run(command_line or (shell,), environment, Path(folder))


def _path() -> str:
    """Where the shell finds commands: this ``todoku`` too, which may have been called by its path (``.venv/bin/todoku``)."""
    own = str(Path(sys.executable).parent)
    before = os.environ.get("PATH", os.defpath)
    return before if own in before.split(os.pathsep) else f"{own}{os.pathsep}{before}"


def _run(command_line: Sequence[str], environment: dict[str, str], folder: Path) -> int:
    """A command has the caller's folder, whose files it may name; a shell begins in the demo's own."""
    try:
        place = None if len(command_line) > 1 else folder
        return subprocess.run(command_line, env=environment, cwd=place, check=False).returncode  # noqa: S603 -- the user's own command
    except OSError as error:
        raise UsageError(
            Text(
                f"cannot run {command_line[0]}: {error.strerror}",
                f"{command_line[0]} を実行できません: {error.strerror}",
            )
        ) from None


def _welcome(inbox: Path) -> str:
    return here(
        f"""This shell has an SES account and a domain of its own, both empty. Try:

  todoku check example.com                       what is missing
  todoku plan example.com -o plan.json           what is to be done
  todoku apply plan.json --yes                   do it, and see the proof
  todoku check ses:                              look at the account
  todoku undo plan.json --yes --delete-identity  take it back

What this SES sends lands in {inbox}
Leave with exit: nothing stays.
""",
        f"""このシェルには、空のSESアカウントとドメイン example.com が用意されています。

  todoku check example.com                       足りない設定を確認
  todoku plan example.com -o plan.json           何をするかの計画を作成
  todoku apply plan.json --yes                   適用し、結果を確認
  todoku check ses:                              SESとDNSの現在の状態を判定
  todoku undo plan.json --yes --delete-identity  元に戻す

このSESから送ったメールは {inbox} に届きます。
exit で終了すると、すべて消えます。
""",
    )
