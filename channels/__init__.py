"""The doors of the gateway: one package or module for each kind of channel.

In comes whatever an operator, a mail server or a browser sends; out go `Arrival`s and `Part`s to an `Inbox`, and answers
(`Letter`s) to citizens. A channel never opens the store, never decides what a message means, and knows no other channel.
"""
