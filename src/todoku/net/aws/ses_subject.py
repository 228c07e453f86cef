"""Which SES account and region ``ses:...`` names. Reads the AWS configuration files and the environment, asks nobody."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from typing import NamedTuple

from todoku.net.aws.errors import library
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

ROLE = re.compile(r"arn:(aws[a-z-]*):iam::[0-9]{12}:role/[\w+=,.@/-]+", re.ASCII)


class SesSubject(NamedTuple):
    """An SES account in one region. ``account`` is a profile's name, a role's ARN, or "" for the ordinary chain."""

    account: str
    region: str


def is_ses_subject(text: str) -> bool:
    """Whether a subject names an SES account."""
    return text.startswith("ses:")


def ses_subject(text: str, *, otherwise: str = "") -> SesSubject:
    """The account and region of ``ses:``, ``ses:REGION``, ``ses:PROFILE@REGION``, ``ses:PROFILE@`` or ``ses:ROLE_ARN@REGION``.

    Where no region is said it is that of AWS_REGION, AWS_DEFAULT_REGION or the profile, and ``otherwise`` where none is
    set there. The last @ divides, since names of profiles and roles may hold one. Raises ``UsageError`` where AWS or the profiles know no such name.
    """
    named = text.removeprefix("ses:")
    account, at, region = named.rpartition("@")
    if not at and named.startswith("arn:"):
        account, region = named, ""
    elif not at and named in _profiles() and named not in ses_regions():
        raise UsageError(
            Text(
                f"{text}: {named} is a profile. Say its region too: ses:{named}@REGION, or ses:{named}@ for the profile's own",
                f"{text}: {named} はプロファイル名です。リージョンも指定してください: ses:{named}@REGION(プロファイルの既定なら ses:{named}@)",
            )
        )
    _check_account(text, account)
    region = region or _own_region(account) or otherwise
    if not region:
        raise UsageError(
            Text(
                f"no region is set: name one, such as ses:{account}{'@' if account else ''}us-east-1, or set AWS_REGION",
                f"リージョンが設定されていません。ses:{account}{'@' if account else ''}us-east-1 のように指定するか、AWS_REGIONを設定してください",
            )
        )
    if region not in ses_regions():
        meant = _meant(region, ses_regions())
        raise UsageError(
            Text(
                f"{text}: there is no SES in a region {region!r}.{meant.en}",
                f"{text}: {region!r} というSESのリージョンはありません。{meant.ja}",
            )
        )
    return SesSubject(account, region)


@cache
def ses_regions() -> tuple[str, ...]:
    """Every region that has SES, as this version of botocore knows them."""
    session = library("botocore.session").Session()
    return tuple(
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("sesv2", partition)
    )


def _check_account(text: str, account: str) -> None:
    """Refuse a profile that is not there, and what is no ARN of a role."""
    if account.startswith("arn:"):
        if ROLE.fullmatch(account):
            return
        raise UsageError(
            Text(
                f"{text}: {account!r} is not the ARN of a role: arn:aws:iam::123456789012:role/NAME",
                f"{text}: {account!r} はロールのARNではありません。例: arn:aws:iam::123456789012:role/NAME",
            )
        )
    if account and account not in _profiles():
        raise no_profile(account)


def no_profile(name: str) -> UsageError:
    """That there is no such profile, with those that were probably meant."""
    meant = _meant(name, _profiles())
    return UsageError(
        Text(
            f"there is no AWS profile {name!r}.{meant.en}",
            f"{name!r} というAWSプロファイルはありません。{meant.ja}",
        )
    )


def _meant(word: str, known: Sequence[str]) -> Text:
    """Which known words were probably meant."""
    close = ", ".join(get_close_matches(word, known, n=3))
    return Text(f" Did you mean {close}?", f"もしかして {close} ですか?") if close else Text("", "")


def _profiles() -> tuple[str, ...]:
    """The profiles that are set up. Raises ``UsageError`` where the AWS configuration cannot be read."""
    try:
        return tuple(library("botocore.session").Session().available_profiles)
    except library("botocore.exceptions").ConfigParseError as error:
        raise UsageError(
            Text(f"the AWS configuration cannot be read: {error}", f"AWSの設定ファイルを読み取れません: {error}")
        ) from None


def _own_region(account: str) -> str:
    """The region that the environment says, or the profile's own."""
    profile = None if not account or account.startswith("arn:") else account
    session = library("botocore.session").Session(profile=profile)
    try:
        own = session.get_config_variable("region")
    except library("botocore.exceptions").ProfileNotFound:  # the one of AWS_PROFILE: that of the subject is there
        raise no_profile(os.environ.get("AWS_PROFILE", "")) from None
    return os.environ.get("AWS_REGION") or own or ""
