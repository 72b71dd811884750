"""Mail: complaints in by SMTP, answers out by SMTP.

`mailbox` is the channel: its server takes messages and says 250 when they are on disk, its outbox sends the letters. `mime` and what
it is made of (trace, fields, address, charset, structure, transfer, flowed, markup, tnef, rtf, uuencode, enclosures, quotes, robots,
dsn) are pure: the bytes of a mail in, what it says out. Whatever the bytes are, reading them ends, soon and without an exception.
"""
