"""What the table of a Telegram bot may say (`kind = "social.telegram"`).

In: a table that was read elsewhere. Out: a record whose every value has been checked. It never shows the token or the webhook's secret.
"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec

PUBLIC_API = "https://api.telegram.org"
_HIDDEN = {"token", "webhook_secret"}


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One bot."""

    #: as @BotFather gives it: the bot's number, a colon, its secret
    token: Annotated[str, msgspec.Meta(pattern="^[0-9]{1,20}:[A-Za-z0-9_-]{1,200}$", description="a number, a colon and a secret")]
    #: another one for a Bot API server of one's own
    api_url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^/\s?#]+(/[^\s?#]*)?$", description="https://…")] = PUBLIC_API
    #: true: Telegram calls us at webhook_url; false: we ask Telegram
    webhook: bool = False
    #: the public address that Telegram calls; the part behind the host is where the gateway listens for it
    webhook_url: str = ""
    #: what Telegram repeats in each call, to prove that it is Telegram (setWebhook, secret_token)
    webhook_secret: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{0,256}$", description="up to 256 of A-Z a-z 0-9 _ -")] = ""
    #: how long Telegram may keep a question for news open, in seconds
    poll_s: Annotated[int, msgspec.Meta(ge=1, le=300)] = 50
    #: how long a call may take to be answered, and a file to send its next bytes, in seconds
    timeout_s: Annotated[float, msgspec.Meta(gt=0)] = 10.0
    #: a larger file is left out, and told of; the public Bot API gives none above 20 MB (getFile)
    max_bytes: Annotated[int, msgspec.Meta(ge=0)] = 20_000_000

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # the struct has one of its own, which would show all
        return [(name, "***" if name in _HIDDEN else getattr(self, name)) for name in self.__struct_fields__]

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"


def webhook_path(settings: Settings) -> str:
    """Where Telegram's calls arrive. Raises ValueError, in words for the operator, for a webhook that cannot work."""
    if not settings.webhook_secret:
        raise ValueError("webhook_secret: a webhook needs one (1 to 256 of A-Z a-z 0-9 _ -), or anybody could speak for Telegram")
    try:
        address = urlsplit(settings.webhook_url)
    except ValueError:
        address = urlsplit("")
    if not address.hostname or address.query or address.fragment:
        raise ValueError("webhook_url: the public address that Telegram shall call, like https://lapor.example/telegram/bot")
    if address.scheme != "https" and settings.api_url == PUBLIC_API:
        raise ValueError("webhook_url: Telegram calls https addresses only")
    path = address.path.rstrip("/")
    if not path:
        raise ValueError("webhook_url: it needs a path of its own, like https://lapor.example/telegram/bot")
    return path
