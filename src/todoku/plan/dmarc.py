"""A DMARC record at the organizational domain: the first one, with p=none; one that is there is never weakened."""

from __future__ import annotations

from urllib.parse import unquote

from todoku.auth.ask import readable
from todoku.causes.dmarc.tag_edit import FIRST_RECORD, with_report_address
from todoku.plan.part import Part, added
from todoku.plan.step import Conflict, Step
from todoku.plan.survey import Survey
from todoku.words.change import Instruction, RecordSetChange
from todoku.words.verdict import Text

FIRST = Text(
    "Gmail, Yahoo, Outlook.com and iCloud ask bulk senders for a DMARC record; p=none asks for no action and breaks nothing.",
    "Gmail、Yahoo、Outlook.com、iCloudは一括送信者にDMARCレコードを求めています。p=none は受信側の処理を変えないため、配信に影響しません。",
)
REPORTS = Text(
    "You asked for aggregate reports with --rua; the rest of the record stays as it is.",
    "--rua で指定された集約レポートの送付先を追加します。レコードの他の部分は変わりません。",
)


def dmarc_record(survey: Survey) -> Part:
    """The record, the report address that was asked for, and the permission that the address needs."""
    dmarc = survey.setup.dmarc
    place = survey.place(f"_dmarc.{survey.setup.organization}")
    if cname := place.of("CNAME").values:
        return Part(conflicts=(_cname(place.name, cname[0]),))
    status = dmarc.treewalk.status
    if status == "found":
        return _with_reports(survey)
    if status != "none" or any(value.lower().startswith("v=dmarc") for value in place.of("TXT").values):
        return Part(conflicts=(_unusable(survey),))
    value = f"{FIRST_RECORD}; rua=mailto:{survey.aims.rua}" if survey.aims.rua else FIRST_RECORD
    first = added("dmarc", place.of("TXT"), value, FIRST, ())
    return Part(steps=(first, *_permission(survey, survey.setup.organization)))


def _with_reports(survey: Survey) -> Part:
    """The record that is there, with the address that was asked for."""
    record, wanted = survey.setup.dmarc.record, survey.aims.rua
    if record is None or not wanted or wanted.lower() in map(_address, record.rua):
        return Part()
    place = survey.place(f"_dmarc.{record.domain}")
    if cname := place.of("CNAME").values:
        return Part(conflicts=(_cname(place.name, cname[0]),))
    before = place.of("TXT")
    if record.text not in before.values:  # a wildcard answered, or it is gone since it was found
        return Part(conflicts=(_unusable(survey),))
    change = RecordSetChange(
        before, add=(with_report_address(record.text, wanted),), remove=(record.text,), ttl=before.ttl
    )
    step = Step(id="dmarc-reports", action=change, why=REPORTS)
    return Part(steps=(step, *_permission(survey, record.domain)))


def _address(uri: str) -> str:
    """The address of a report URI, without the size that may stand behind it (RFC 7489 6.2)."""
    return unquote(uri.lower().removeprefix("mailto:").partition("!")[0])


def _permission(survey: Survey, domain: str) -> tuple[Step, ...]:
    """Where the reports go to another organization, what that one has to publish (RFC 9990 section 4)."""
    host = survey.aims.rua.rpartition("@")[2].lower()
    organization = survey.setup.organization
    if not host or host == organization or host.endswith(f".{organization}"):
        return ()
    line = f'{domain}._report._dmarc.{host}. TXT "v=DMARC1"'
    told = Instruction(
        Text(
            f"Have this record published in the zone of {host}; without it receivers send no reports there.",
            f"{host} のゾーンに次のレコードを登録してもらってください。登録がないと、受信側はレポートを送りません。",
        ),
        (line,),
    )
    why = Text("The report address belongs to another organization.", "レポートの送付先が別の組織のドメインです。")
    return (Step(id="report-permission", action=told, why=why),)


def _cname(name: str, target: str) -> Conflict:
    return Conflict(
        tag="dmarc-cname",
        text=Text(
            f"A CNAME to {target} stands at {name}: the DMARC record belongs to whoever keeps {target}. Change it there, or remove the "
            "CNAME.",
            f"{name} に {target} へのCNAMEがあり、DMARCレコードは {target} の管理者が設定しています。管理者に変更を依頼するか、CNAMEを削除してください。",
        ),
    )


def _unusable(survey: Survey) -> Conflict:
    shown = "; ".join(
        f"{name}: {' | '.join(map(readable, records))}" for name, records in survey.setup.dmarc.records_at if records
    )
    return Conflict(
        tag="dmarc-there",
        text=Text(
            f"There is a DMARC record that does not count as it stands, or there are several: {shown}. Keep one and mend it; a "
            "second one would make receivers ignore both.",
            f"無効なDMARCレコードがあるか、DMARCレコードが複数あります({shown})。1件だけを残して修正してください。2件あると、受信側はどちらも無視します。",
        ),
    )
