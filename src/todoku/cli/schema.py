"""``todoku schema``: the JSON Schema of what todoku writes. Touches nothing but standard output."""

from __future__ import annotations

import click

from todoku.cli.command import Command, OneOf
from todoku.cli.language import here
from todoku.cli.terminal import Screen


@click.command(
    cls=Command,
    name="schema",
    short_help=here("Print the JSON Schema of what todoku writes.", "出力のJSON Schemaを表示します。"),
    help=here(
        "The JSON Schema of a report, of a plan, of a bundle's options, or of what todoku reports answers.\n\n\b\n  todoku schema report > report.schema.json",
        "レポート、計画、記録(バンドル)、または todoku reports の回答のJSON Schemaを出力します。\n\n\b\n  todoku schema report > report.schema.json",
    ),
)
@click.argument("what", type=OneOf(["report", "plan", "bundle", "reports"]))
def command(what: str) -> None:
    """Print the schema."""
    import msgspec  # noqa: PLC0415 -- `--help` must start at once

    from todoku.api import Settings  # noqa: PLC0415 -- as above
    from todoku.plan.document import schema as plan_schema  # noqa: PLC0415 -- as above
    from todoku.report.answers.document import Answers  # noqa: PLC0415 -- as above
    from todoku.report.document import ReportDocument  # noqa: PLC0415 -- as above

    documents = {"report": ReportDocument, "bundle": Settings, "reports": Answers}
    schema = plan_schema() if what == "plan" else msgspec.json.schema(documents[what])
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    Screen().write(msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n")
