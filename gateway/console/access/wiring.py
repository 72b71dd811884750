"""The wiring of who comes in: the tables of this folder, and its pages.

In: the console's file, its sessions. Out: pages.
"""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from gateway.console.access import accounts, accounts_page, audit_page, leaves, sessions, signing, tries
from gateway.console.access.account_page import Mine
from gateway.console.access.accounts import Accounts
from gateway.console.access.entering import Entrance
from gateway.console.access.passwords import Passwords
from gateway.console.access.seal import Seal
from gateway.console.access.sessions import Sessions
from gateway.console.audit import Audit
from gateway.console.cabinet import Cabinet
from gateway.console.page import Page

TABLES: Final = (*accounts.TABLES, *sessions.TABLES, *tries.TABLES, *leaves.TABLES)


def pages(file: Cabinet, seated: Sessions, seal: Seal, *, name: str, zone: ZoneInfo) -> list[Page]:
    """`name` of the office, `zone` in which its days begin."""
    hasher = Passwords()
    known, entrance = Accounts(file, hasher), Entrance(file, hasher, seal)
    return [
        *signing.pages(known, entrance, seated),
        *(_elsewhere(file, seated, seal) if seated.terms.elsewhere else ()),
        *Mine(file, known, entrance, seated, office=name, seal=seal).pages(),
        *accounts_page.pages(known, seated),
        *audit_page.pages(Audit(file), zone),
    ]


def _elsewhere(file: Cabinet, seated: Sessions, seal: Seal) -> list[Page]:
    # 4 MB of signatures and keys that an office without another house does without
    from gateway.console.access import elsewhere_page

    return elsewhere_page.pages(file, seated, seal)
