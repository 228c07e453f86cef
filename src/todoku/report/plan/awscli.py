r"""A plan as a script for bash and the AWS CLI, with the DNS in Route 53. It stops at the first call that fails.

Before each call it looks whether SES is still as it was when the plan was made. A record set is deleted as it was read and
created as it is to be, in one change, so that Route 53 refuses it where somebody changed it meanwhile. Waits have an end.
Every value stands in quotes of the shell: no name, no record and no sentence of a stranger is run.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

from todoku.plan.step import Expectation, Plan, Step, Wait
from todoku.plan.trace import trace
from todoku.report.changes import aws_command, named_output
from todoku.report.plan.notes import heading
from todoku.report.plan.records import planned_sets, route53_value
from todoku.report.plan.words import as_shown, queried, title
from todoku.report.render_options import Manner
from todoku.report.words import Language, harmless, say
from todoku.words.change import Instruction, Output, RecordSet, RecordSetChange, SesCall
from todoku.words.verdict import Text

MARK = re.compile(r"\{([0-9]+)\}")
TTL_MARK = "\0"
"""Where the variable with a TTL comes: what no value has, since the octet is escaped in each."""
SECONDS, TRIES = 30, 360
"""A wait looks every 30 seconds, for three hours."""

FUNCTIONS = """\
stop() {{ echo "$*" >&2; exit 1; }}

# expect VALUE COMMAND...: go on only where the command shows the value
expect() {{
  local wanted=$1 found; shift
  found=$("$@")
  [ "$found" = "$wanted" ] || stop {changed}: "$* = $found ($wanted)"
}}

# wait_for VALUE HOPELESS COMMAND...: look until the command shows the value; HOPELESS is where it never will
wait_for() {{
  local wanted=$1 hopeless=$2 found=; shift 2
  for _ in $(seq {tries}); do
    found=$("$@") || found=?
    case " $wanted " in *" $found "*) return ;; esac
    case " $hopeless " in *" $found "*) stop {hopeless}: "$* = $found" ;; esac
    echo {waiting}: "$found" >&2
    sleep {seconds}
  done
  stop {timeout}: "$* = $found"
}}

# ttl_of ZONE NAME TYPE: the TTL of a record set as Route 53 has it; that of a resolver's answer runs down
ttl_of() {{
  aws route53 list-resource-record-sets --hosted-zone-id "$1" --start-record-name "$2" --start-record-type "$3" \\
    --max-items 1 --query 'ResourceRecordSets[0].TTL' --output text
}}

# change ZONE BATCH: one change of a record set, until every server of Route 53 has it
change() {{
  local id
  id=$(aws route53 change-resource-record-sets --hosted-zone-id "$1" --change-batch "$2" --query ChangeInfo.Id --output text)
  aws route53 wait resource-record-sets-changed --id "$id"
}}
"""


def render(plan: Plan, manner: Manner) -> str:
    """The script."""
    return "".join(f"{line}\n" for line in _Script(plan, manner.language).lines())


class _Script:
    """One plan as the lines of a script."""

    def __init__(self, plan: Plan, language: Language) -> None:
        self.plan = plan
        self.language = language
        zones = dict.fromkeys(one.zone for one in planned_sets(plan))
        self.zones = {
            zone: "HOSTED_ZONE_ID" if len(zones) == 1 else f"HOSTED_ZONE_ID_{number}"
            for number, zone in enumerate(zones, 1)
        }

    def quoted(self, en: str, ja: str) -> str:
        """A sentence as one word of the shell."""
        return shlex.quote(harmless(say(Text(en, ja), self.language)))

    def lines(self) -> Iterator[str]:
        yield "#!/usr/bin/env bash"
        yield from (f"# {harmless(line)}" for line in heading(self.plan, self.language))
        if not self.plan.ready:
            yield f"echo {self.quoted('this plan cannot be carried out', 'この計画は適用できません')} >&2"
            yield "exit 1"
            return
        yield "set -eu"
        yield "export AWS_PAGER="
        if self.plan.profile and not self.plan.profile.startswith("arn:"):
            yield f"export AWS_PROFILE={shlex.quote(harmless(self.plan.profile))}"
        yield ""
        yield from self.functions().splitlines()
        yield ""
        for zone, name in self.zones.items():
            told = self.quoted(
                f"the id of the Route 53 hosted zone of {zone}", f"{zone} のRoute 53ホストゾーンのIDを指定してください"
            )
            yield f'[ -n "${{{name}:-}}" ] || stop {name}: {told}'
        if self.plan.account:
            yield f"expect {shlex.quote(harmless(self.plan.account))} aws sts get-caller-identity --query Account --output text"
        for number, step in enumerate(self.plan.steps, 1):
            yield ""
            yield f"# {number}. {harmless(say(title(step), self.language))}"
            yield from self.step(number, step)

    def functions(self) -> str:
        return FUNCTIONS.format(
            tries=TRIES,
            seconds=SECONDS,
            changed=self.quoted("not as it was when the plan was made", "計画の作成時から変わっています"),
            hopeless=self.quoted("SES has given up", "SESが確認を打ち切りました"),
            waiting=self.quoted("waiting", "待機中"),
            timeout=self.quoted(
                "waited for too long; run the rest later", "待機時間の上限です。残りは後で実行してください"
            ),
        )

    def step(self, number: int, step: Step) -> Iterator[str]:
        for expectation in step.expects:
            yield from self.expected(expectation)
        match step.action:
            case SesCall() as call:
                yield f"{aws_command(call)} > /dev/null"
                yield from self.known(number, call)
            case RecordSetChange() as change:
                zone, before = self.zones[self.plan.zone_of(change.before.name)], change.before
                if before.values:
                    yield f'ttl=$(ttl_of "${zone}" {shlex.quote(before.name)} {before.rdtype})'
                yield f'change "${zone}" {self.batch(change)}'
            case Wait(call=call, path=path, until=until, hopeless=hopeless):
                words = (shlex.quote(" ".join(until)), shlex.quote(" ".join(hopeless)))
                yield f"wait_for {' '.join(words)} {queried(call, path)}"
            case Instruction(text=text, lines=lines):
                told = (harmless(say(text, self.language)), *map(harmless, lines))
                yield f"printf '%s\\n' {' '.join(map(shlex.quote, told))}"

    def expected(self, expectation: Expectation) -> Iterator[str]:
        """What must still be so. That something is not there yet the call that makes it sees for itself."""
        if not expectation.absent:
            value = shlex.quote(as_shown(expectation.value))
            yield f"expect {value} {queried(expectation.call, expectation.path)}"

    def known(self, number: int, call: SesCall) -> Iterator[str]:
        """What later steps need of what SES made, read into variables."""
        outputs = (
            output
            for step in self.plan.steps
            if isinstance(step.action, RecordSetChange)
            for output in step.action.outputs
        )
        for output in dict.fromkeys(outputs):
            if output.step == number:
                name = _variable(output)
                yield f"{name}=$({queried(trace(call).read, output.path)})"
                yield f'[ "${name}" != None ] || stop {shlex.quote(output.path)}'

    def batch(self, change: RecordSetChange) -> str:
        """The change as a word of the shell, with the variables in it. A set has one TTL, and that of one that is there stays."""
        stands = bool(change.before.values)
        changes = [_entry("DELETE", change.before, stands)] if stands else []
        changes += [_entry("CREATE", change.after, stands)] if change.after.values else []
        document = json.dumps({"Comment": f"todoku:plan={self.plan.id}", "Changes": changes})
        if stands:
            return '"$ttl"'.join(map(shlex.quote, document.split(json.dumps(TTL_MARK))))
        return "".join(_pieces(document, [_variable(output) for output in change.outputs]))


def _entry(action: str, records: RecordSet, stands: bool) -> Mapping[str, object]:
    ttl = TTL_MARK if stands else records.ttl
    values = [{"Value": route53_value(records.rdtype, value)} for value in records.values]
    entry = {"Name": records.name, "Type": records.rdtype, "TTL": ttl, "ResourceRecords": values}
    return {"Action": action, "ResourceRecordSet": entry}


def _variable(output: Output) -> str:
    return named_output(output).lower().replace("-", "_")


def _pieces(document: str, variables: Sequence[str]) -> Iterator[str]:
    """A text whose marks are variables of the shell; all else in quotes."""
    at = 0
    for mark in MARK.finditer(document):
        yield f'{shlex.quote(document[at : mark.start()])}"${variables[int(mark[1])]}"'
        at = mark.end()
    yield shlex.quote(document[at:])
