"""Which renderer makes which form of a plan. Each is imported when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Literal, get_args

from todoku.plan.step import Plan
from todoku.report.render_options import Manner

PlanForm = Literal["text", "markdown", "request", "zone", "terraform", "cloudformation", "awscli"]
PLAN_FORMS: tuple[PlanForm, ...] = get_args(PlanForm)


def render(plan: Plan, form: PlanForm, manner: Manner) -> str:
    """The plan in one of the forms."""
    renderer: Callable[[Plan, Manner], str] = importlib.import_module(f"todoku.report.plan.{form}").render
    return renderer(plan, manner)
