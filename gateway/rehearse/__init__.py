"""A simulated operator's SMSC and a citizen's handset: to try the gateway, and to rehearse an outage before it comes.

In come SMPP 3.4 binds; out go messages as an operator would send them, and misbehaviour by name when it is asked for. It ships with
the product and serves its tests as well. It never looks into the gateway's store and knows nothing of complaints.
"""

from __future__ import annotations


class NoRehearsal(Exception):
    """The rehearsal cannot begin or go on; its words tell the person at the terminal why."""


class BadUsage(NoRehearsal):
    """What was asked for cannot be done by anybody: an address that is none, a number that is none, a misbehaviour that nobody knows."""
