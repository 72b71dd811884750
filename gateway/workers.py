"""The wiring of those who tell the ledgers.

In: the store, the ledgers, what each takes. Out: coroutines to run: one for each ledger, one that sorts, one that looks for cases whose
ledger is gone. It starts none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence

from forwarder.ledger import Filing, Ledger
from forwarder.sorting import Take
from gateway import duties
from gateway.attempts import Submitting
from gateway.enclosures import Enclosures
from gateway.filing import Bringing, bring
from gateway.journal import Journal
from gateway.ledgers import Told
from gateway.metrics import Metrics
from gateway.sorter import Sorter
from gateway.store.base import Store
from gateway.store.record import ALONE


def workers(
    store: Store, doors: duties.Doors, told: Sequence[Told], submitting: Callable[[Ledger | Sorter], Submitting],
    *, takes: Mapping[str, Sequence[Take]], journal: Journal,
) -> list[Coroutine[None, None, None]]:  # fmt: skip
    """Where there is one ledger, what comes goes straight to it; it is sorted only while that ledger is away."""
    default, several = told[0], len(told) > 1
    submits = [
        duties.submit(
            store, submitting(each.ledger), doors, pace=each.pace, way=each.way, ledgers=(each.place.queue,) if several else ALONE
        )
        for each in told
    ]
    sorting = submitting(Sorter(default.place.name, takes))
    sort = duties.sort(store, sorting, doors, needed=lambda: several or default.way.away)
    return [*submits, sort, duties.stray(store, [each.place.queue for each in told], journal)]


def bringers(
    store: Store, told: Sequence[Told], enclosures: Enclosures, *, metrics: Metrics, journal: Journal
) -> list[Coroutine[None, None, None]]:
    """Of files, to the ledgers that take some."""
    taking = [(place, ledger) for place, ledger, *_ in told if isinstance(ledger, Filing) and ledger.largest_file]
    return [
        bring(store, Bringing(store, ledger, enclosures, name=place.name, metrics=metrics, journal=journal), place.held)
        for place, ledger in taking
    ]
