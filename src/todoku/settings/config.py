"""``todoku.toml``: where the store is and where reports come from. Every setting can be given in the environment instead.

    [store]
    folder = "todoku-store"                   # TODOKU_STORE_FOLDER
    state = "postgresql://todoku@db/todoku"   # TODOKU_STORE_STATE; without it SQLite, in the folder
    rows = "s3://bucket/prefix"               # TODOKU_STORE_ROWS; without it below the folder
    keep_months = 24                          # TODOKU_STORE_KEEP_MONTHS; 0 keeps everything
    domains = ["example.com"]                 # TODOKU_STORE_DOMAINS="example.com,example.net"

    [ingest]
    sources = ["imaps://dmarc@mail.example.com/INBOX"]   # TODOKU_INGEST_SOURCES
    password_file = "/run/secrets/imap"       # TODOKU_INGEST_PASSWORD_FILE; or the password in TODOKU_INGEST_PASSWORD
    oauth_file = "/run/secrets/consent.json"  # TODOKU_INGEST_OAUTH_FILE; token_uri, client_id, refresh_token
    ca_file = "ca.pem"                        # TODOKU_INGEST_CA_FILE; a CA of your own, beside the machine's
    acknowledge = "seen"                      # TODOKU_INGEST_ACKNOWLEDGE; or move:PLACE, delete; of a bucket also tag
    topics = ["arn:aws:sns:eu-west-1:111122223333:ses"]  # TODOKU_INGEST_TOPICS; whose events count; aws.ses: EventBridge
    dns = ["192.0.2.53"]                      # TODOKU_INGEST_DNS; as --dns of check: for the keys of those who report
    most_of_sender = 10000                    # TODOKU_INGEST_MOST_OF_SENDER; reports of one sender that are read on a day; 0: all

    [postmaster]
    credentials_file = "/run/secrets/google.json"  # TODOKU_POSTMASTER_CREDENTIALS_FILE; a service account's key, or an OAuth client
    token_file = "/run/secrets/postmaster.json"    # TODOKU_POSTMASTER_TOKEN_FILE; written by todoku postmaster login

    [watch]
    subjects = ["example.com", "ses:ap-northeast-1"]     # TODOKU_WATCH_SUBJECTS
    minutes = 60                              # TODOKU_WATCH_MINUTES; from one look to the next
    rates_minutes = 360                       # TODOKU_WATCH_RATES_MINUTES; how often Google and CloudWatch are asked
    language = "ja"                           # TODOKU_WATCH_LANGUAGE; of what is told, else the locale's
    dns = ["192.0.2.53"]                      # TODOKU_WATCH_DNS; as --dns of check
    metrics = "127.0.0.1:9105"                # TODOKU_WATCH_METRICS; where Prometheus asks
    metrics_file = "todoku.prom"              # TODOKU_WATCH_METRICS_FILE; for node_exporter's textfile collector

    [alerts]
    urls = ["mailto://..."]                   # TODOKU_ALERTS_URLS; addresses as Apprise has them
    urls_file = "/run/secrets/alerts"         # TODOKU_ALERTS_URLS_FILE; one a line

    [[alerts.routes]]                         # without any: every alarm goes to every address
    requirement = "spam-rate"                 # or tag = "...", level = "fail"; all that are given must hold
    urls = ["slack://..."]

    [[accept]]                                # shown, and not counted; see words/accept.py
    requirement = "one-click-unsubscribe"
    receiver = "yahoo"                        # without it: all
    domain = "*.example.com"                  # without it: all
    reason = "mail among colleagues"
    until = 2027-03-31                        # the last day

A password stands in a file of its own or in the environment, and never on a command line, where every user of the machine
could read it. The file is ``--config``, else ``$TODOKU_CONFIG``, else ``todoku.toml`` in the working folder if there is one and it is
not another user's.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from itertools import takewhile
from pathlib import Path
from typing import Annotated, Any, Literal, get_origin

import msgspec

from todoku.settings.regular_file import read_ordinary
from todoku.words.accept import Accept
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

FILE = "todoku.toml"
SECRETS = ("alerts", "store")
"""The sections in which secrets may stand."""
MAX_DOTS = 1000  # between two "=" or line ends: tomllib takes quadratic time for a dotted key
MAX_FILE = 1024 * 1024

_PASSWORD = re.compile(r"://[^/@\s]*:[^/@\s]+@|[?&]password=")

TABLES = ("accept", "routes")
"""Settings that are lists of tables: they stand in the file alone."""

Pace = Annotated[int, msgspec.Meta(ge=5, le=7 * 24 * 60)]
"""Minutes: fewer would be a burden to those who are asked, more no watching at all."""


class StoreSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[store]``."""

    folder: str = "todoku-store"
    state: str = ""
    rows: str = ""
    keep_months: Annotated[int, msgspec.Meta(ge=0, le=1_200)] = 0  # a century: no calendar holds any number of them
    domains: tuple[str, ...] = ()


class IngestSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[ingest]``."""

    sources: tuple[str, ...] = ()
    password_file: str = ""
    oauth_file: str = ""
    ca_file: str = ""
    acknowledge: str = "seen"
    topics: tuple[str, ...] = ()
    dns: tuple[str, ...] = ()
    most_of_sender: Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)] = 10_000


class PostmasterSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[postmaster]``: Google's Postmaster Tools. Without ``token_file`` the consent is kept in the user's own configuration."""

    credentials_file: str = ""
    token_file: str = ""


class WatchSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[watch]``."""

    subjects: tuple[str, ...] = ()
    minutes: Pace = 60
    rates_minutes: Pace = 360
    language: Literal["", "en", "ja"] = ""
    dns: tuple[str, ...] = ()
    metrics: str = ""
    metrics_file: str = ""


class Route(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of ``[[alerts.routes]]``: to which addresses an alarm goes. What is left out fits every alarm."""

    urls: tuple[str, ...] = ()
    urls_file: str = ""
    requirement: str = ""
    tag: str = ""
    level: Literal["", "warn", "fail"] = ""


class AlertsSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[alerts]``."""

    urls: tuple[str, ...] = ()
    urls_file: str = ""
    routes: tuple[Route, ...] = ()


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All settings."""

    store: StoreSection = StoreSection()
    ingest: IngestSection = IngestSection()
    postmaster: PostmasterSection = PostmasterSection()
    watch: WatchSection = WatchSection()
    alerts: AlertsSection = AlertsSection()
    accept: tuple[Accept, ...] = ()


def read_config(
    path: Path | None = None, environ: Mapping[str, str] = os.environ, *, secrets: Collection[str] = SECRETS
) -> Config:
    """The settings of the file, overridden by those of the environment. Raises ``UsageError``: unknown ones are named.

    ``secrets``: the sections whose secrets the caller uses; a file that others can read is refused where one stands there.
    """
    named = path or (Path(environ["TODOKU_CONFIG"]) if environ.get("TODOKU_CONFIG") else None)
    place = named or Path(FILE)
    settings = _in_file(place, None if named else environ, secrets) if named or place.is_file() else {}
    _known(settings, place)
    written_in = {section: [str(place)] for section in settings}
    for section, fields in _sections().items():
        for name, kind in fields.items():
            variable = f"TODOKU_{section}_{name}".upper()
            if variable in environ and name not in TABLES:
                settings.setdefault(section, {})[name] = _written(environ[variable], kind, variable)
                written_in.setdefault(section, []).append(variable)
    try:
        return msgspec.convert(settings, Config)
    except msgspec.ValidationError:
        raise _refused(settings, written_in, place) from None


def _in_file(path: Path, found_by: Mapping[str, str] | None, secrets: Collection[str]) -> dict[str, Any]:
    """What is in the file. ``found_by``: the environment, where nobody has named the file and it only lay in the working folder."""
    try:
        octets, mode, owner = read_ordinary(path, MAX_FILE)
        if mode & stat.S_IWOTH:
            raise UsageError(
                Text(
                    f"everybody on this machine can change {path}, and settings can send passwords to any host: run chmod o-w {path}",
                    f"{path} は全ユーザーが書き込める状態です。設定によってはパスワードが任意のホストに送られるため、chmod o-w {path} を実行してください",
                )
            )
        if found_by is not None and owner not in _trusted_owners(found_by):
            raise UsageError(
                Text(
                    f"the {path} in this folder belongs to another user, and settings can send passwords to any host: name it with "
                    "--config if you trust it",
                    f"このフォルダーの {path} は別のユーザーのファイルです。設定によってはパスワードが任意のホストに送られるため、読み込みません。"
                    "信頼できる場合は --config で指定してください",
                )
            )
        if len(octets) > MAX_FILE:
            raise UsageError(Text(f"{path} is larger than any settings", f"{path} は設定ファイルとして大きすぎます"))
        text = octets.decode()
        if any(part.count(".") > MAX_DOTS for part in re.split("[=\n]", text)):
            raise UsageError(Text(f"{path} has a key of too many parts", f"{path} のキーの階層が深すぎます"))
        settings = tomllib.loads(text)
    except OSError as error:
        raise UsageError(
            Text(f"cannot read {path}: {error.strerror}", f"{path} を読み込めません: {error.strerror}")
        ) from None
    except RecursionError:
        raise UsageError(
            Text(f"{path} is no TOML: it is nested too deeply", f"{path} をTOMLとして読めません: 入れ子が深すぎます")
        ) from None
    except ValueError as error:  # tomllib's are, and those of numbers without end
        raise UsageError(Text(f"{path} is no TOML: {error}", f"{path} をTOMLとして読めません: {error}")) from None
    if mode & stat.S_IROTH and _holds_secrets(settings, secrets) and not os.statvfs(path).f_flag & os.ST_RDONLY:
        raise UsageError(
            Text(
                f"{path} holds secrets ([alerts] urls or the password of [store] state), and everybody on this machine can read it: run "
                f"chmod 600 {path}, or put them into a urls_file or the environment",
                f"{path} には秘密情報([alerts] urls、または [store] state のパスワード)があり、全ユーザーが読める状態です。chmod 600 {path} を"
                "実行するか、urls_file や環境変数に移してください",
            )
        )
    return settings


def _holds_secrets(settings: Mapping[str, Any], secrets: Collection[str]) -> bool:
    """Whether an address of ``[alerts]`` or a URL with a password stands in the file. What has another shape is refused later."""
    used = {name: settings.get(name) for name in SECRETS if name in secrets}
    alerts, store = (one if isinstance(one := used.get(name), dict) else {} for name in SECRETS)
    routes = alerts.get("routes", ())
    named = [alerts, *(one for one in routes if isinstance(one, dict))] if isinstance(routes, list) else [alerts]
    return (
        any(isinstance(one.get("urls"), list) and one["urls"] for one in named)
        or _PASSWORD.search(str(store.get("state", ""))) is not None
    )


def _trusted_owners(environ: Mapping[str, str]) -> set[int]:
    """Whoever runs this, root, and who has become root by sudo."""
    before = environ.get("SUDO_UID", "")
    return {0, os.geteuid(), *([int(before)] if os.geteuid() == 0 and before.isdecimal() else [])}


def _sections() -> dict[str, dict[str, Any]]:
    """The settings of each section with their types."""
    return {
        section.name: {field.name: field.type for field in msgspec.structs.fields(section.type)}
        for section in msgspec.structs.fields(Config)
        if section.name not in TABLES
    }


def _known(settings: Mapping[str, Any], path: Path) -> None:
    sections = _sections()
    for section, fields in settings.items():
        if section in TABLES and section in Config.__struct_fields__:
            continue  # what it lacks is told later
        if section not in sections:
            raise _unknown(f"[{section}]", section, [*sections, "accept"], path)
        if not isinstance(fields, dict):
            raise UsageError(
                Text(f"{path}: [{section}] must be a table", f"{path}: [{section}] は表として書いてください")
            )
        for name in fields:
            if name not in sections[section]:
                raise _unknown(f"[{section}] {name}", name, list(sections[section]), path)


def _unknown(shown: str, word: str, known: list[str], path: Path) -> UsageError:
    close = get_close_matches(word, known, n=1)
    meant = Text(f" Did you mean {close[0]}?", f"もしかして {close[0]} ですか?") if close else Text("", "")
    return UsageError(
        Text(f"{path}: there is no setting {shown}.{meant.en}", f"{path}: {shown} という設定はありません。{meant.ja}")
    )


def _refused(settings: Mapping[str, Any], written_in: Mapping[str, Sequence[str]], file: Path) -> UsageError:
    """Which of the settings does not fit, and where it is written."""
    from todoku.settings.settings_errors import misfit  # noqa: PLC0415 -- it takes 2 ms, and most settings fit

    wrong = misfit(settings, Config)
    at, where = _setting(wrong.path), ", ".join(_blamed(wrong.path, written_in) or [str(file)])
    return UsageError(Text(f"{where}: {at.en}{wrong.said.en}", f"{where}: {at.ja}{wrong.said.ja}"))


def _blamed(path: tuple[str | int, ...], written_in: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """Where the value stands that does not fit: the variable that gave it, else wherever its section is written."""
    places = written_in.get(str(path[0]), ())
    variable = "_".join(map(str, ("TODOKU", *path[:2]))).upper()
    return [variable] if variable in places else places


def _setting(path: tuple[str | int, ...]) -> Text:
    """A place in the settings as a person knows it: ``[watch] dns``, and ``until`` of the first ``[[accept]]``."""
    names = [*takewhile(lambda part: isinstance(part, str), path)]
    number, *below = path[len(names) :] or [None]
    if not isinstance(number, int) or names[-1] not in TABLES:
        shown = f"[{names[0]}] {' '.join(map(str, names[1:]))}".rstrip()
        return Text(shown, shown)
    table, behind = f"[[{'.'.join(map(str, names))}]]", "".join(f" {name}" for name in below[:1])
    return Text(f"{table} {number + 1}{behind}", f"{number + 1}番目の {table}{behind}")


def _written(value: str, kind: object, variable: str) -> object:
    if get_origin(kind) is tuple:
        return [part.strip() for part in value.split(",") if part.strip()]
    if kind is str or get_origin(kind) is Literal:
        return value
    try:
        return int(value)
    except ValueError:
        raise UsageError(Text(f"{variable} must be a whole number", f"{variable} には整数を指定してください")) from None
