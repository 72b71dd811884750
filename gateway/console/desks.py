"""The desks of the officers, gathered: what waits for a person.

In: the store, whoever reads its cases, the audit. Out: their pages, and their lines of the menu. It acts on nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gateway.clerk import Clerk
from gateway.console import copying, letters, parked, spooled, triage
from gateway.console.audit import Audit
from gateway.console.frame import Entry
from gateway.console.listing import Listing
from gateway.console.page import Page
from gateway.store.base import Store
from gateway.worklist_api import Desk


def menu(worklists: Sequence[Desk]) -> list[Entry]:
    """Nothing of copying by hand where nobody does."""
    return [
        Entry(path="/triage", key="triage", role="viewer"),
        *([Entry(path="/copying", key="worklist", role="viewer")] if worklists else []),
        Entry(path="/parked", key="parked", role="viewer"),
        Entry(path="/letters", key="letters", role="viewer", more=True),
        Entry(path="/spool", key="spool", role="viewer", more=True),
    ]


def pages(store: Store, clerk: Clerk, book: Audit, *, worklists: Sequence[Desk], data_dir: Path) -> list[Page]:
    """Those of every desk."""
    listing = Listing(store)
    return [
        *triage.pages(store, clerk, book, listing),
        *copying.pages(store, book, worklists),
        *parked.pages(store, clerk, book, listing),
        *letters.pages(store, clerk, book),
        *spooled.pages(data_dir, book),
    ]
