"""Proof under fire: a load, a ledger, faults, and a judge who shares no code with the gateway.

Nothing here imports a room of the gateway, the tests or the benchmarks, and nothing but Python's own library is used: what is judged and
who judges must not have a mistake in common. What the gateway is told and answers is read from its sockets alone. RELIABILITY.md says
what is promised and how to run this; the order of reading is message, book, operator, mail, web, ledger, hosts, world, faults, judge.
"""
