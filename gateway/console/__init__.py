"""The operators' room: pages for duty officers at the operators' address.

In: requests of signed-in officers. Out: pages that say how every door is, and acts on what is stuck. It keeps accounts, sessions, the audit
and what it has seen over time in a file of its own beside the store (`cabinet.py`), because the store is for cases and may be shared by
many machines. `room.py` is its wiring.
"""
