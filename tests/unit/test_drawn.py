"""Reports that are drawn one by one, each for itself, read like those that are drawn together."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

import todoku
from todoku.report.render_options import FORMATS, Manner
from todoku.report.show import drawn, pieces

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ZONE = todoku.Zone.from_text((EXAMPLES / "dns.zone").read_text("utf-8"), file="dns.zone")
REPORTS = (
    todoku.check_domain("example.com", resolver=ZONE, now=NOW),
    todoku.check((EXAMPLES / "ses-default.eml").read_bytes(), resolver=ZONE, now=NOW, name="ses-default.eml"),
    todoku.check_domain("nothing.example", resolver=ZONE, now=NOW),
)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("form", FORMATS)
def test_one_by_one_and_together(form, language):
    manner = Manner(language=language, colour=True, width=72)
    alone = [drawn(report, form, manner, number) for number, report in enumerate(REPORTS)]
    together = "".join(pieces(REPORTS, form, manner))
    assert "".join(pieces(alone, form, manner)) == together
    assert "".join(pieces([alone[0], REPORTS[1], alone[2]], form, manner)) == together
