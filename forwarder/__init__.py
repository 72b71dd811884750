"""The way from a canonical record to a ledger, and the words with which its sender is told.

In come `Complaint`s; out go an `Outcome` for each attempt (done, again later, a person must look) and `Letter`s to citizens.
It never opens the gateway's store, never loops and never waits for a next try: one call is one attempt, and who called decides
when the next one is due.
"""
