"""One question that is not answered, one call that is refused: no verdict gets better by it, and none worse.

For every case folder each question of the DNS, and each call of SES or a store, fails alone, and the case is judged again.
Then each verdict is the one it was, or ``unknown`` because we could not look. More exactly:

- **The result** stays, or becomes ``unknown`` with ``could-not-look``. An ``unknown`` that nothing in the subject could decide
  (``not-asked``) may become one that could not be looked at, never the other way round.
- **The reason** of a pass, a warning or a fail that stays is the same, or one that was told in a note before (another thing is
  just as wrong), or a word for the same that says less: those in ``SAYS_LESS``. A reason that says "could not look" belongs to
  ``unknown`` alone, whose reason is free: that is what is not known now.
- **A receiver's word** may stand in for ours where ours is lost, and says so (``reported_by``): then what we found ourselves has to
  be ``unknown``. Where it stood in before, and rests on what is lost now, ours is told again, which nothing could decide.
- **A note** may go. One that comes has to be known without the answer: some verdict told it before; or it says nothing of its own
  (``CLAIMS_NOTHING``), or less than what was told (``SAYS_LESS``).
- **A subject** may go unjudged where the call that lists it fails: the account's report says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from test_cases import FOLDERS, Calls, calls_of, expect_of, look, source_of, tags
from todoku.auth.ask import Answer, Call, Question, Reply, ReplyStatus, Status
from todoku.net.drivers import Source
from todoku.words.verdict import Verdict

SAMPLE = 10
"""Of the questions each fails with SERVFAIL; every so many-th times out and hits a limit too, which all code reads alike."""

DARK = frozenset(
    {
        "dkim-dns-failed",
        "dmarc-dns-failed",
        "dmarc-rua-unanswered",
        "dns-silent",
        "dns-unproven",
        "one-click-signature-unseen",
        "ptr-dns-failed",
        "ses-not-read",
        "spf-dns-failed",
    }
)
"""Reasons that say that we could not look."""

CLAIMS_NOTHING = DARK | {
    "dmarc-rua-elsewhere",  # "they are sent only if"
    "names-alone",  # the names are not of the organization, whatever DNS says
    "other-regions-unread",
    "apex-include",  # of a record that is not in question
}

SAYS_LESS: dict[str, set[str]] = {
    "authenticated-as-ses": {"authenticated"},  # one more signature may verify
    "dkim-passed-as-ses": {"dkim-passed"},
    "dmarc-at-apex": {"dmarc-missing"},
    "dmarc-doubled-name": {"dmarc-missing"},
    "dmarc-policy-kept": {"dmarc-policy-none"},  # which asks for nothing, kept or not
    "identity-elsewhere": {"identity-not-verified"},
    "mail-from-lapsed": {
        "mail-from-failed",
        "mail-from-not-in-use",
    },  # whether its MX record is right by now is what was not seen
    "mail-from-spf-without-ses": {"mail-from-without-spf"},  # another MAIL FROM domain's
    "mail-from-without-spf": {"spf-none"},
    "narrower-identity": {
        "mail-from-not-set",
        "nothing-will-align",
        "ses-dkim-off",
    },  # what the wider one has was not seen
    "nothing-authenticated": {"from-other-domain"},
    "one-click-offered": {"unsubscribe-by-mailto"},
    "ptr-all-confirmed": {"ptr-named-by-aws"},  # of another address
    "selector-doubled-name": {"selector-missing"},  # where the record strayed to
    "selector-flattened": {"selector-missing"},
    "selector-without-domainkey": {"selector-missing"},
    "selector-without-underscore": {"selector-missing"},
    "ses-dkim-lapsed": {"ses-dkim-failed"},  # whether its records are right by now
    "spf-open": {"mail-from-ready"},  # of another MAIL FROM domain
    "spf-open-neutral": {"mail-from-ready"},
    "strict-spf": {"receiver-strict-alignment"},  # the receiver's own word, which says no more than ours
}
"""By a reason those that stand for it where part of it was not seen: true as well, and no other result."""


class Answers:
    """A case's DNS, which answers each question once and for all; all but ``dark``, whose answer is lost."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.known: dict[Question, Answer] = {}
        self.dark: Question | None = None
        self.status: Status = "servfail"

    def answers(self, questions: Sequence[Question], *, seconds: float | None = None) -> list[Answer]:
        new = [one for one in questions if one not in self.known]
        self.known.update(zip(new, self.source.answers(new, seconds=seconds), strict=True))
        return [self.known[one] if one != self.dark else Answer(one, status=self.status) for one in questions]


class Replies(Calls):
    """A case's APIs, which answer every call but ``dark``."""

    dark: Call | None = None
    status: ReplyStatus = "denied"

    def __init__(self, entries: Sequence[dict[str, Any]]) -> None:
        super().__init__(entries)
        self.made: dict[Call, None] = {}

    def reply(self, call: Call) -> Reply:
        self.made.setdefault(call)
        return super().reply(call) if call != self.dark else Reply(call, status=self.status, detail="lost")


Verdicts = dict[tuple[str, str, tuple[str, str] | None], Verdict]


def verdicts_of(folder: Path, expect: dict[str, Any], dns: Answers, api: Replies) -> Verdicts | None:
    report = look(folder, expect, dns, api)
    return None if report is None else {(one.requirement, one.receiver, one.about): one for one in report.verdicts}


def each_loss(dns: Answers, api: Replies) -> Iterator[tuple[str, bool]]:
    """Sets one question or call after the other to fail; what failed, and whether subjects may go by it."""
    for number, question in enumerate(sorted(dns.known)):
        statuses: tuple[Status, ...] = ("servfail", "timeout", "limit") if number % SAMPLE == 0 else ("servfail",)
        for dns.status in statuses:
            dns.dark = question
            yield f"{question.name} {question.rdtype} {dns.status}", False
    dns.dark = None
    failed: tuple[ReplyStatus, ...] = ("denied", "throttled", "unreachable")
    for number, call in enumerate([*api.made]):
        api.dark, api.status = call, failed[number % len(failed)]
        yield f"{call.operation} {dict(call.parameters)} {api.status}", call.operation == "ListEmailIdentities"


def known_from(before: Verdicts) -> set[str]:
    """What was told, of whatever requirement, and what says no more than that."""
    told = {
        tag
        for verdict in before.values()
        for said in (verdict, *(one.finding for one in verdict.witnesses))
        for tag in (said.reason.tag, *(note.reason.tag for note in said.notes))
    }
    return told.union(CLAIMS_NOTHING, *(SAYS_LESS.get(tag, ()) for tag in told))


def changed(before: Verdict, after: Verdict, known: set[str]) -> str | None:
    """What of a verdict changed that must not."""
    was, now = before.reason.tag, after.reason.tag
    if after.reported_by or now == "receiver-said":
        own = [one.finding.result for one in after.witnesses if one.kind == "message"]
        return None if {*own} <= {"unknown"} else f"{now} by {after.reported_by}'s word over {own}"
    if after.result == "unknown" and before.reported_by:
        return None
    if after.result == "unknown":
        worse = after.missing not in ("could-not-look", before.missing)
        concerned = before.result != "notapplicable" or was in (
            "direct-mail-only",
            "reported-only",
        )  # a fail that is not held against this mail
        if worse or not concerned:
            return f"{before.result} ({was}) -> unknown ({now}, {after.missing})"
    elif before.result != after.result:
        return f"{before.result} ({was}) -> {after.result} ({now})"
    elif now in DARK or (now not in tags(before) and now not in SAYS_LESS.get(was, ())):
        return f"{after.result}: {was} -> {now}"
    claims = {note.reason.tag for note in after.notes} - known
    return f"{was} -> {now}, with {sorted(claims)}" if claims else None


REQUIREMENTS = sorted({folder.parent.name for folder in FOLDERS})


@pytest.mark.parametrize("requirement", REQUIREMENTS)
def test_a_lost_answer_changes_no_verdict(requirement: str) -> None:
    wrong = []
    for folder in (one for one in FOLDERS if one.parent.name == requirement):
        expect = expect_of(folder)
        dns, api = Answers(source_of(folder, expect)), Replies(calls_of(folder))
        before = verdicts_of(folder, expect, dns, api)
        assert before is not None
        known = known_from(before)
        for lost, may_go in each_loss(dns, api):
            after = verdicts_of(folder, expect, dns, api)
            if after is None:
                assert may_go, (folder.name, lost)
                continue
            assert after.keys() == before.keys(), (folder.name, lost)
            wrong += [
                f"{folder.name}: {lost}: {key[0]} {key[1]}: {what}"
                for key, verdict in after.items()
                if (what := changed(before[key], verdict, known)) is not None
            ]
    assert not wrong, "\n".join(wrong)
