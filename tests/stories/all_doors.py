"""Every way in that the stories know. A new kind of door joins `DOORS`.

In: nothing. Out: doors by name, each made anew for each story.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.stories.door_mail import Mail
from tests.stories.door_push import SmsPush
from tests.stories.door_telegram import Telegram
from tests.stories.door_web import Web, by_api, by_form, by_open311
from tests.stories.door_x import X
from tests.stories.doors import Door

DOORS: dict[str, Callable[[], Door]] = {
    "api": lambda: Web(by_api),
    "email": Mail,
    "form": lambda: Web(by_form),
    "open311": lambda: Web(by_open311),
    "push": SmsPush,
    "telegram": Telegram,
    "telegram_webhook": lambda: Telegram(webhook=True),
    "x": X,
}

#: those whose senders can say again that it is the same: nothing they send can be taken twice. GeoReport has no words for that.
SURE = frozenset(DOORS) - {"open311"}
