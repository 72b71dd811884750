"""The clerk: reads a message and fills in the canonical record of a complaint.

In comes an `InboundMessage`, the identity that intake gave the case, and the `Rules` of the settings; out goes a `Complaint`. The
same input gives the same record, always. It never reads a clock, a disk or a socket, never logs, and never decides: what it infers
stands beside the citizen's words with its rule and its confidence, and never refuses, merges or rewrites them.
"""
