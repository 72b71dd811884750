"""SMS over SMPP 3.4: short messages in, answers out, one link for each bind with an operator.

In come PDUs from an operator's SMSC; out go arrivals and parts, exactly as they came, receipts, and the letters of the gateway as
submit_sm. `pdu`, `alphabet`, `segments` and `reading` are pure: bytes and an instant in, values out. This package never decides what
a message means and never acknowledges one that is not on disk.
"""
