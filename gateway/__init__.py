"""The gateway: everything that waits, loops, retries or touches the disk.

In come arrivals from the channels; out go complaints to the ledger and letters to the citizens. Nothing here knows a protocol, an
alphabet or a rule of reading: those are the rooms before it (`channels`, `normalizer`, `forwarder`).

The walk of one message: `intake.accept` gives it an identity and a reference and puts it into the `store`; the store commits it and
only then the door says yes; `work` claims the case, lets the channel decode it and the normalizer read it, hands it to the forwarder,
and settles the case together with the letter to its sender; `work` claims the letter and sends it through the same door.

Why there is one queue and no bus: a case and its letters change in one transaction, so a kill at any instant leaves either the state
before or the state after, and both are handled by claiming again.
"""
