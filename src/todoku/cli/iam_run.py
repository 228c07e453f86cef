"""What ``todoku iam`` does."""

from __future__ import annotations

import re

import msgspec

from todoku.account.permissions import Scope, Use, permissions_for, policy
from todoku.cli.terminal import Screen
from todoku.report.words import Language, say
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+){1,3}-[0-9]", re.ASCII)
_IDENTITY = re.compile(r"[A-Za-z0-9.*!#%&'+=^_`|~@-]+", re.ASCII)  # no / $ ? { }, which mean something in an ARN; * may
_PARTITIONS = (("us-gov-", "aws-us-gov"), ("cn-", "aws-cn"), ("eusc-", "aws-eusc"))


def show(
    use: Use, *, account: str, regions: tuple[str, ...], identities: tuple[str, ...], form: str, language: Language
) -> None:
    """Print the policy, or what its actions are for. Raises ``UsageError`` where a name is none."""
    scope = _scope(account, regions, identities)
    if form == "text":
        asked = permissions_for(use, scope)
        width = max(len(one.action) for one in asked) + 2
        text = "".join(f"{one.action:<{width}}{say(one.why, language)}\n" for one in asked)
    else:
        text = msgspec.json.format(msgspec.json.encode(policy(use, scope)), indent=2).decode() + "\n"
    Screen().write(text)


def _scope(account: str, regions: tuple[str, ...], identities: tuple[str, ...]) -> Scope:
    if account and not re.fullmatch(r"[0-9]{12}", account, re.ASCII):
        raise UsageError(
            Text(
                f"--account {account!r} is not the number of an AWS account, which has 12 digits",
                f"--account {account!r} はAWSアカウントID(12桁の数字)ではありません",
            )
        )
    for region in regions:
        if not _REGION.fullmatch(region):
            raise UsageError(
                Text(
                    f"--region {region!r} is not a region such as ap-northeast-1",
                    f"--region {region!r} は ap-northeast-1 のようなリージョン名ではありません",
                )
            )
    for identity in identities:
        if not _IDENTITY.fullmatch(identity):
            raise UsageError(
                Text(
                    f"--identity {identity!r} is not a domain or an address",
                    f"--identity {identity!r} はドメインでもメールアドレスでもありません",
                )
            )
    return Scope(account=account, regions=regions, identities=identities, partition=_partition(regions))


def _partition(regions: tuple[str, ...]) -> str:
    """The part of AWS that the regions lie in. Raises ``UsageError`` where it is more than one."""
    found = {next((part for start, part in _PARTITIONS if region.startswith(start)), "aws") for region in regions}
    if len(found) > 1:
        raise UsageError(
            Text(
                f"the regions lie in different parts of AWS ({', '.join(sorted(found))}): a policy holds in one",
                f"リージョンが異なるパーティション({', '.join(sorted(found))})にまたがっています。ポリシーはパーティションごとに作成してください",
            )
        )
    return next(iter(found), "aws")
