"""Addresses that bounce are not written to again. Only the sending account can show it."""

from __future__ import annotations

from todoku.account.sending import ConfigurationSet, SesAccount
from todoku.causes.witnesses.aws import aws_witness
from todoku.causes.witnesses.ses_rates import BOUNCES
from todoku.receivers import au, clause, docomo, outlook, softbank, yahoo_japan
from todoku.words.change import Change, SesCall
from todoku.words.pages import SES_GUIDE, ses_guide
from todoku.words.verdict import Exhibit, Finding, Fix, Note, Reason, Requirement, SesDefault, Text, Witness

REASONS = ("BOUNCE", "COMPLAINT")


def suppress(account: SesAccount, configuration_set: ConfigurationSet | None) -> tuple[Change, ...]:
    """Both reasons, where what decides lacks one: the configuration set, which overrides the account, or the account."""
    parameters = {"SuppressedReasons": list(REASONS)}
    if set(REASONS) <= set(_suppressed(account, configuration_set)):
        return ()
    if configuration_set is not None and configuration_set.suppressed is not None:
        named = {"ConfigurationSetName": configuration_set.name, **parameters}
        return (SesCall("PutConfigurationSetSuppressionOptions", named, account.region),)
    return (SesCall("PutAccountSuppressionAttributes", parameters, account.region),)


def _suppressed(account: SesAccount, configuration_set: ConfigurationSet | None) -> tuple[str, ...]:
    """For which reasons SES puts an address on its list and sends it nothing more."""
    own = configuration_set.suppressed if configuration_set is not None else None
    return account.suppressed if own is None else own


SUPPRESS = Fix(
    "suppress-bounces",
    Text(
        "Have SES keep bounced and complaining addresses on its suppression list",
        "バウンス・苦情のあった宛先をサプレッションリストに登録させる",
    ),
    suppress,
)
ON = Reason(
    "suppression-on",
    Text(
        "SES puts addresses that bounce on its suppression list and sends them nothing more ({where}).",
        "バウンスした宛先はSESのサプレッションリストに登録され、以後は送信されません({where})。",
    ),
)
OFF = Reason(
    "suppression-off",
    Text(
        "SES goes on sending to addresses that bounce: its suppression list does not take them ({where}).",
        "サプレッションリストがバウンスを対象にしていないため、SESはバウンスした宛先にも送信を続けます({where})。",
    ),
    fixes=(SUPPRESS,),
)
COMPLAINTS_OFF = Reason(
    "complaints-not-suppressed",
    Text(
        "SES goes on sending to addresses that complained: its suppression list does not take them ({where}).",
        "サプレッションリストが苦情を対象にしていないため、SESは苦情のあった宛先にも送信を続けます({where})。",
    ),
    fixes=(SUPPRESS,),
)
ELSEWHERE = Reason(
    "bounce-handling-elsewhere",
    Text(
        "No message shows this. See whether SES's account suppression list holds bounces (GetAccount: SuppressionAttributes), "
        "and whether your own list drops them too.",
        "メールからは判定できません。SESのアカウントレベルのサプレッションリストがバウンスを対象にしているか"
        "(GetAccount の SuppressionAttributes)、自社の配信リストからも除いているかを確認してください。",
    ),
)


def decide_setup(aspect: str, account: SesAccount, configuration_set: ConfigurationSet | None) -> Finding | None:
    """Whether SES itself drops addresses that bounce, for what is sent through the identity's default configuration set.

    That it does not, says nothing of how you act on errors yourself (``smtp-errors``).
    """
    reasons = _suppressed(account, configuration_set)
    overrides = configuration_set is not None and configuration_set.suppressed is not None
    where = f"GetConfigurationSet {configuration_set.name}" if overrides and configuration_set else "GetAccount"
    exhibit = Exhibit("api", f"{where} ({account.region})", f"SuppressedReasons = {', '.join(reasons) or '-'}")
    values = {"where": where}
    if "BOUNCE" not in reasons:
        return None if aspect == "smtp-errors" else Finding("fail", OFF, values, (exhibit,))
    complaints = () if "COMPLAINT" in reasons else (Note(COMPLAINTS_OFF, values),)
    return Finding("pass", ON, values, (exhibit,), complaints)


RULE = Text("Remove addresses that bounce from your lists.", "バウンスした宛先を配信リストから除くこと。")

REQUIREMENT = Requirement(
    id="bounce-handling",
    title=Text("Bounced addresses dropped", "バウンスした宛先の除外"),
    clauses=(
        clause(
            "outlook",
            "all",
            "must",
            Text(
                "After multiple bounces of an address, stop sending to it.",
                "宛先が繰り返しバウンスしたら、その宛先への送信をやめること。",
            ),
            since=outlook.SEEN,
            since_seen=True,
            source=outlook.POLICIES,
            consequence=outlook.NO_SUPPORT,
        ),
        clause(
            "outlook",
            "bulk",
            "should",
            Text("Remove invalid addresses regularly.", "無効な宛先を定期的に配信リストから除くこと。"),
            aspect="list-hygiene",
        ),
        clause("yahoo", "all", "should", RULE),
        clause(
            "icloud",
            "bulk",
            "must",
            Text(
                "Act on temporary and permanent SMTP errors, and have a policy for addresses that bounce.",
                "一時的・恒久的なSMTPエラーに応じて対処し、バウンスした宛先の扱いを決めておくこと。",
            ),
            aspect="smtp-errors",
        ),
        clause(
            "icloud",
            "bulk",
            "should",
            Text("Remove addresses that bounce consistently.", "続けてバウンスする宛先を配信リストから除くこと。"),
        ),
        clause(
            "docomo",
            "all",
            "must",
            RULE,
            consequence=docomo.BLOCKS,
            source=docomo.BLOCKS.source,
        ),
        clause(
            "au",
            "all",
            "should",
            RULE,
            consequence=au.SLOWS,
            source=au.SLOWS.source,
            certain="reported",
        ),
        clause(
            "softbank",
            "all",
            "should",
            RULE,
            consequence=softbank.BLOCKS,
            source=softbank.BLOCKS.source,
            certain="undated",
        ),
        clause(
            "yahoo-japan",
            "all",
            "should",
            RULE,
            consequence=yahoo_japan.FOLDER,
            source=yahoo_japan.FOLDER.source,
            certain="reported",
        ),
    ),
    ses_default=SesDefault(
        met=True,
        text=Text(
            "Accounts made since 2019-11-25 keep a suppression list of bounces and complaints; older ones switch it on with "
            "PutAccountSuppressionAttributes (SuppressedReasons BOUNCE, COMPLAINT).",
            "2019年11月25日以降のアカウントでは、バウンスと苦情のサプレッションリストが既定で有効です。それ以前のアカウントでは "
            "PutAccountSuppressionAttributes(SuppressedReasons に BOUNCE と COMPLAINT)で有効にします。",
        ),
        source=f"{SES_GUIDE}sending-email-suppression-list.html",
    ),
    witnesses=(Witness("setup", decide_setup), aws_witness("BOUNCE"), BOUNCES),
    elsewhere=ELSEWHERE,
    setup_page=ses_guide("sending-email-suppression-list"),
)
