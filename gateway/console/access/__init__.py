"""Who may enter the operators' room, and what each may do there.

In: names, passwords, codes, the word of another house. Out: sessions. A password leaves this folder only as a hash.
"""
