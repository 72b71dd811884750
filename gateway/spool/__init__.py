"""What comes while the store cannot be reached: it waits in files of ours, and its sender gets his yes all the same.

In: arrivals, parts, receipts, and a store that is away. Out: yes after an fsync of ours; and, when the store is back, the same things in
the store, in the order in which they came. `detour` decides which of the two ways a message takes, `writer` and `file` are the disk,
`drain` brings it home.

What polls (Telegram, X) does not come this way: its cursor lies in the store and its provider keeps the messages, so it waits.
"""
