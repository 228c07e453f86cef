"""What a report shows, in what order, in one language: the renderers draw this and decide nothing.

First one sentence, then the matrix of requirements by receivers, what authenticates the message, each finding with its
scope and evidence, and how to mend it. What fails stands first. Every string is already harmless.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo

import msgspec

from todoku.causes.dkim.damage import NO_LONGER_TOLD
from todoku.evidence.facts import Evidence
from todoku.judging.judge import Report, catalogue, mendable
from todoku.mail.encoded_word import decode_words
from todoku.mail.saved import NOTE_TEXTS
from todoku.receivers import ASKED_BY_DEFAULT, NAMES, RULES_READ
from todoku.report.authentication import AuthenticationRow, authentication_rows
from todoku.report.clauses import consequences, scope, ses_evidence
from todoku.report.fixes import ShownFix, shown_fixes
from todoku.report.headings import Headings, headings
from todoku.report.headline import headline
from todoku.report.published import PublishedRow, published_rows
from todoku.report.words import RESULT_WORDS, Language, exhibit_label, exhibit_value, harmless, say
from todoku.words.verdict import SEVERITY, Exhibit, Missing, Note, Result, Text, Verdict, sentence


class ShownExhibit(msgspec.Struct, frozen=True):
    """A piece of evidence: a label, its lines, and the decisive part of the value if there is one."""

    label: str
    lines: tuple[str, ...]
    mark: str = ""
    as_typed: bool = False  # a DNS answer: its lines are not to be broken


class ShownNote(msgspec.Struct, frozen=True):
    """A further sentence with its evidence."""

    tag: str
    text: str
    exhibits: tuple[ShownExhibit, ...]


class Scope(msgspec.Struct, frozen=True):
    """Which receivers a finding holds for, and how they ask: "Gmail, Yahoo", "bulk senders, must, since 2024-02-01"."""

    receivers: str
    how: str
    source: str


class About(msgspec.Struct, frozen=True):
    """A requirement that a finding is about, and for whom."""

    requirement: str
    title: str
    scopes: tuple[Scope, ...]
    ses_default: str
    ses_source: str  # the page of AWS that says so, or that there is none
    by_ses: bool  # SES meets it by default
    setup_page: str


class ShownFinding(msgspec.Struct, frozen=True):
    """One cause with its result, for all requirements and receivers that share it. ``fixes`` are numbers in the list."""

    abouts: tuple[About, ...]
    result: Result
    word: str
    tag: str
    text: str
    exhibits: tuple[ShownExhibit, ...]
    notes: tuple[ShownNote, ...]
    fixes: tuple[int, ...]
    blind: bool  # could not look
    consequence: str = ""  # what receivers do with mail that fails so

    @property
    def titles(self) -> str:
        """The titles of the requirements that it is about."""
        return " / ".join(about.title for about in self.abouts)

    @property
    def receivers(self) -> str:
        """The receivers that it holds for."""
        return ", ".join(dict.fromkeys(scope.receivers for about in self.abouts for scope in about.scopes))

    @property
    def setup_pages(self) -> tuple[str, ...]:
        """Where the reader sets up what it is about."""
        return tuple(dict.fromkeys(about.setup_page for about in self.abouts))


class MatrixRow(msgspec.Struct, frozen=True):
    """A requirement and its result for each receiver; None where the receiver does not ask for it."""

    requirement: str
    title: str
    cells: tuple[tuple[Result, str] | None, ...]


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A report as it is shown."""

    language: Language
    subject: str
    headline: str
    headings: Headings
    facts: tuple[tuple[str, str], ...]
    receivers: tuple[str, ...]
    matrix: tuple[MatrixRow, ...]
    authentication: tuple[AuthenticationRow, ...]
    receiver_name: str
    published: tuple[PublishedRow, ...]  # in place of authentication, where a domain was looked at
    findings: tuple[ShownFinding, ...]  # what fails, is in doubt, or could not be looked at
    met: tuple[ShownFinding, ...]
    untold: tuple[ShownFinding, ...]  # what nothing here can show, or does not concern the message
    fixes: tuple[ShownFix, ...]
    footer: str


def view(report: Report, language: Language, zone: tzinfo | None = None) -> View:
    """The report in one language; times in ``zone`` (default UTC)."""
    evidence = report.evidence
    numbers = {ready.fix.id: number for number, ready in enumerate(report.fixes, 1)}
    of_message = evidence.subject.kind == "message"
    shown = list(each_once(finding(group, numbers, language) for group in by_cause(report.verdicts)))
    return View(
        language=language,
        subject=harmless(evidence.subject.name),
        headline=headline(report, language),
        headings=headings(language, evidence.subject.kind),
        facts=_facts(report, language, zone),
        receivers=tuple(NAMES[receiver] for receiver in report.terms.receivers),
        matrix=_matrix(report, language),
        authentication=authentication_rows(evidence, language) if of_message else (),
        receiver_name=_receiver_name(report),
        published=published_rows(evidence, language),
        findings=tuple(
            one for one in shown if one.result in ("fail", "warn") or one.blind or one.tag in NO_LONGER_TOLD
        ),
        met=tuple(one for one in shown if one.result == "pass"),
        untold=tuple(
            one
            for one in shown
            if one.result in ("unknown", "notapplicable") and not one.blind and one.tag not in NO_LONGER_TOLD
        ),
        fixes=shown_fixes(report.fixes, language),
        footer=_footer(report, language),
    )


def _facts(report: Report, language: Language, zone: tzinfo | None) -> tuple[tuple[str, str], ...]:
    """What is known of the message itself: who it is from, when and where it arrived, how old it is, how it was read."""
    evidence = report.evidence
    rows: list[tuple[Text, str]] = []
    if not isinstance(evidence.message, Missing):
        for name, label in (("from", Text("From", "差出人")), ("subject", Text("Subject", "件名"))):
            field = evidence.message.first(name)
            if field is not None:
                rows.append((label, decode_words(field.value)))
    route = evidence.route
    if not isinstance(route, Missing) and route.border is not None:
        hop = route.hops[route.border]
        when = "" if hop.date is None else shown_time(hop.date, zone)
        rows.append((Text("Arrived", "受信"), f"{_receiver_name(report)}  {when}".strip()))
    if evidence.subject.kind != "message":
        rows += _domain_facts(evidence)
    else:
        age = evidence.age_days.reason.text if isinstance(evidence.age_days, Missing) else shown_age(evidence.age_days)
        rows.append((Text("Age", "経過"), say(age, language)))
    if evidence.shape_notes:
        notes = [say(NOTE_TEXTS[note], language) for note in evidence.shape_notes]
        rows.append((Text("Read as", "読み取り"), " ".join(notes)))
    if others := [NAMES[one] for one in report.terms.receivers if one not in ASKED_BY_DEFAULT]:
        added = (
            report.terms.receivers[: len(ASKED_BY_DEFAULT)] == ASKED_BY_DEFAULT and evidence.subject.kind == "message"
        )
        why = say(Text(" (in To or Cc)", "(宛先に含まれるため)"), language) if added else ""
        rows.append((Text("Also judged for", "判定に追加"), say(Text(", ", "、"), language).join(others) + why))
    if evidence.at is not None:
        rows.append((Text("Checked", "判定日時"), shown_time(evidence.at, zone)))
    rows.append((Text("Rules of", "ルールの日付"), report.terms.as_of.isoformat()))
    return tuple((say(label, language), harmless(value)) for label, value in rows)


def _domain_facts(evidence: Evidence) -> Iterator[tuple[Text, str]]:
    """What is known of a domain itself."""
    setup = evidence.setup
    if isinstance(setup, Missing):
        return
    if setup.organization != setup.name:
        yield Text("Organizational domain", "組織ドメイン"), setup.organization
    if setup.name_servers.records:
        yield Text("Name servers", "ネームサーバー"), ", ".join(setup.name_servers.records)
    if setup.region and evidence.subject.kind == "domain":
        yield Text("SES region", "SESのリージョン"), setup.region


def shown_time(moment: datetime, zone: tzinfo | None) -> str:
    """A moment in the reader's own time, with its offset."""
    return moment.astimezone(zone or UTC).strftime("%Y-%m-%d %H:%M:%S %z")


def shown_age(days: float) -> Text:
    """How old a message is, in the unit that a person would use."""
    if days < 0:
        return Text("dated in the future", "未来の日付")
    if days < 2:
        hours = round(days * 24)
        return Text(f"{hours} hour{'' if hours == 1 else 's'}", f"{hours}時間")
    whole = round(days)
    note = Text("", "")
    if whole > 7:
        note = Text(
            "; DNS may have changed since: a key that is gone now may have been there then",
            "。受信後にDNSが変わっている可能性があります(当時あった鍵が今はない、など)",
        )
    return Text(f"{whole} days{note.en}", f"{whole}日{note.ja}")


def _receiver_name(report: Report) -> str:
    route = report.evidence.route
    if isinstance(route, Missing):
        return ""
    return NAMES[route.receiver] if route.receiver is not None else harmless(route.receiver_name)


def _matrix(report: Report, language: Language) -> tuple[MatrixRow, ...]:
    """Requirements by receivers, the worst first."""
    verdicts = {(verdict.requirement, verdict.receiver): verdict for verdict in report.verdicts}
    rows = []
    for requirement in catalogue():
        found = [verdicts.get((requirement.id, receiver)) for receiver in report.terms.receivers]
        spoken = [verdict for verdict in found if verdict is not None]
        if spoken:
            cells = tuple(
                None if verdict is None else (verdict.result, say(RESULT_WORDS[verdict.result], language))
                for verdict in found
            )
            worst = max(severity(verdict) for verdict in spoken)
            rows.append((-worst, requirement.id, MatrixRow(requirement.id, say(requirement.title, language), cells)))
    return tuple(row for _, _, row in sorted(rows, key=lambda row: row[:2]))


def severity(verdict: Verdict) -> int:
    """How bad it is: more is worse."""
    return SEVERITY[verdict.result, verdict.missing]


def by_cause(verdicts: Sequence[Verdict]) -> list[list[Verdict]]:
    """The verdicts that say the same, together, whatever requirement they are of: one broken record is one thing to mend."""
    groups: dict[tuple[str, str, str], list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault((verdict.result, verdict.reason.tag, sentence(verdict).en), []).append(verdict)
    return sorted(groups.values(), key=lambda group: (-severity(group[0]), group[0].requirement))


def finding(group: Sequence[Verdict], numbers: Mapping[str, int], language: Language) -> ShownFinding:
    """One of the groups as it is shown. ``numbers`` are those of the fixes, by their ids."""
    first = group[0]
    notes = {note.reason.tag + str(note.values): note for verdict in group for note in verdict.notes}
    reasons = {reason.tag: reason for verdict in group for reason in mendable(verdict)}
    fixes = {numbers[fix.id] for reason in reasons.values() for fix in reason.fixes if fix.id in numbers}
    return ShownFinding(
        abouts=_abouts(group, language),
        result=first.result,
        word=say(RESULT_WORDS[first.result], language),
        tag=first.reason.tag,
        text=harmless(say(sentence(first), language)),
        exhibits=tuple(
            show_exhibit(one, language)
            for verdict in group
            for one in verdict.exhibits
            if first.result != "pass" or is_proof(one)
        ),
        notes=tuple(_note(note, language) for note in notes.values()),
        fixes=tuple(sorted(fixes)),
        blind=first.missing == "could-not-look",
        consequence=harmless(consequences(group, language)),
    )


def is_proof(exhibit: Exhibit) -> bool:
    """Whether a piece of evidence is worth reading though the requirement is met; the others repeat what the sentence says.

    It is where DNS answers for an address, a key or a policy, where SPF's records lead, and with which TLS the message came.
    """
    if exhibit.kind == "dns":
        return exhibit.source.rpartition(" ")[2] in ("PTR", "A", "AAAA", "CNAME", "TXT")
    return exhibit.source in ("SPF records", "Received")


def each_once(findings: Iterable[ShownFinding]) -> Iterator[ShownFinding]:
    """The findings in order, each piece of evidence and each note where it is first of use."""
    exhibited: set[ShownExhibit] = set()
    told: set[str] = set()

    def new(exhibits: Iterable[ShownExhibit]) -> tuple[ShownExhibit, ...]:
        fresh = tuple(one for one in dict.fromkeys(exhibits) if one not in exhibited)
        exhibited.update(fresh)
        return fresh

    for finding in findings:
        told.add(finding.text)
        exhibits, notes = new(finding.exhibits), []
        for note in finding.notes:
            if note.text not in told:
                told.add(note.text)
                notes.append(msgspec.structs.replace(note, exhibits=new(note.exhibits)))
        yield msgspec.structs.replace(finding, exhibits=exhibits, notes=tuple(notes))


def _abouts(group: Sequence[Verdict], language: Language) -> tuple[About, ...]:
    verdicts: dict[str, list[Verdict]] = {}
    for verdict in group:
        verdicts.setdefault(verdict.requirement, []).append(verdict)
    return tuple(
        About(
            one.id,
            say(one.title, language),
            tuple(_scope(same, language) for same in _same_scope(verdicts[one.id])),
            say(one.ses_default.text, language),
            ses_evidence(one.ses_default, language),
            one.ses_default.met is True,
            say(one.setup_page, language),
        )
        for one in catalogue()
        if one.id in verdicts
    )


def _same_scope(group: Sequence[Verdict]) -> list[list[Verdict]]:
    """The verdicts of receivers that ask in the same way for the same time."""
    scopes: dict[tuple[object, ...], list[Verdict]] = {}
    for verdict in group:
        clause = verdict.clause
        how = (clause.volume, clause.level, clause.since, clause.since_seen, clause.until, clause.certain)
        scopes.setdefault(how, []).append(verdict)
    return list(scopes.values())


def _scope(verdicts: Sequence[Verdict], language: Language) -> Scope:
    clause = verdicts[0].clause
    return Scope(", ".join(NAMES[verdict.receiver] for verdict in verdicts), scope(clause, language), clause.source)


def show_exhibit(exhibit: Exhibit, language: Language) -> ShownExhibit:
    """Evidence as lines: DNS reads like an answer of dig, a header field says at which byte it stands."""
    value = exhibit_value(exhibit.source, exhibit.value, language)
    if exhibit.kind == "header":
        value = re.sub(r"[ \t]+", " ", value)  # where a folded field was joined, there stand whole runs
    lines = tuple(map(harmless, value.split("\n")))
    if exhibit.kind == "dns":
        name, _, rdtype = harmless(exhibit.source).rpartition(" ")
        return ShownExhibit("", tuple(f"{name}.  IN  {rdtype}  {line}" for line in lines), as_typed=True)
    place = "" if exhibit.offset is None else f" @{exhibit.offset}"
    label = harmless(exhibit_label(exhibit.source, language))
    return ShownExhibit(label + place, lines, harmless(exhibit.mark))


def _note(note: Note, language: Language) -> ShownNote:
    return ShownNote(
        note.reason.tag,
        harmless(say(sentence(note), language)),
        tuple(show_exhibit(exhibit, language) for exhibit in note.exhibits),
    )


def _footer(report: Report, language: Language) -> str:
    asked = len(report.transcript)
    read = RULES_READ.isoformat()
    return say(
        Text(
            f"{asked} DNS questions were asked. Rules as read on {read}. todoku explain ID tells more of each.",
            f"DNSへの問い合わせ: {asked}件。ルールの確認日: {read}。各要件の詳細は todoku explain ID で表示できます。",
        ),
        language,
    )
