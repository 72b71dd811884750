"""The table [alerts]: who is told when something is wrong, and by which way.

In: nothing. Out: a type. What is wrong is the console's matter.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Address = Annotated[str, msgspec.Meta(pattern=r"^$|^[^@\s<>,;]+@[A-Za-z0-9.-]+$", description="an address of mail")]


class Recipient(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of [[alerts.recipients]]: a name for the officers, and exactly one way."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    #: an address of mail
    mail: Address = ""
    #: the number of a chat, or @channel
    telegram: str = ""
    #: where JSON is posted to
    webhook: Annotated[str, msgspec.Meta(pattern="^$|^https?://[^/]", description="https://…")] = ""

    def __post_init__(self) -> None:
        """Exactly one way."""
        if sum(map(bool, (self.mail, self.telegram, self.webhook))) != 1:
            raise ValueError("each recipient has one of mail, telegram and webhook")


class AlertSettings(msgspec.Struct, frozen=True, kw_only=True):
    """[alerts]"""

    #: in the order in which they are told
    recipients: tuple[Recipient, ...] = ()
    #: after so many minutes the next recipient hears of an urgent alert that nobody has taken on
    escalate_min: Annotated[float, msgspec.Meta(gt=0)] = 15
    #: how many minutes the oldest case may wait for its ledger
    waiting_min: Annotated[float, msgspec.Meta(gt=0)] = 15
    language: Literal["id", "en"] = "id"
    #: who writes the mails, and the relay that takes them: as in a channel of kind email.mailbox
    mail_from: Address = ""
    smtp_url: str = ""
    smtp_ca: str = ""
    #: of a bot that the chats know; let it be another than the one that citizens write to
    telegram_token: str = ""
    telegram_api: Annotated[str, msgspec.Meta(pattern="^https?://[^/]+$", description="https://HOST without a slash at its end")] = (
        "https://api.telegram.org"
    )
    #: with which calls are signed
    webhook_secret: Annotated[str, msgspec.Meta(pattern="^$|^.{16}", description="16 characters or more")] = ""

    def __post_init__(self) -> None:
        """Each way that is used can be gone."""
        names = [each.name for each in self.recipients]
        if len(set(names)) != len(names):
            raise ValueError("two recipients have the same name")
        if any(each.mail for each in self.recipients) and not (self.mail_from and self.smtp_url):
            raise ValueError("a recipient has a mail address: mail_from and smtp_url must be set")
        if any(each.telegram for each in self.recipients) and not self.telegram_token:
            raise ValueError("a recipient has a Telegram chat: telegram_token must be set")
        if any(each.webhook for each in self.recipients) and not self.webhook_secret:
            raise ValueError("a recipient has a webhook: webhook_secret must be set")

    def __repr__(self) -> str:
        """Without secrets: settings end up in tracebacks."""
        return f"AlertSettings(recipients={[each.name for each in self.recipients]})"
