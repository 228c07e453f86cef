"""From an empty account and a zone without records to everything, and back: on the demo's SES and on Knot."""

from __future__ import annotations

from apply.rig import DOMAIN, REGION, Rig
from writers.conftest import Knot

STEPS = (
    *("create-identity", "dkim-1", "dkim-2", "dkim-3", "dkim-verified"),
    *("mail-from", "mail-from-mx", "mail-from-spf", "mail-from-verified", "dmarc"),
)


def test_from_nothing_to_everything_and_back(rig: Rig, knot: Knot) -> None:
    before = knot.lines(), rig.account()
    plan = rig.plan()
    assert plan.ready, (plan.conflicts, plan.unread)
    assert rig.apply(plan) == dict.fromkeys(STEPS, "done")
    identity = rig.ses("GetEmailIdentity", EmailIdentity=DOMAIN)
    assert identity["DkimAttributes"]["Status"] == "SUCCESS"
    assert identity["MailFromAttributes"]["MailFromDomainStatus"] == "SUCCESS"
    lines = knot.lines()
    assert f"mail.{DOMAIN}. 3600 10 feedback-smtp.{REGION}.amazonses.com." in lines
    assert rig.plan().steps == ()
    assert rig.undo(plan, "--delete-identity")["create-identity"] == "done"
    assert (knot.lines(), rig.account()) == before
