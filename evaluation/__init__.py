"""How well the normalizer reads (`make eval`, `python -m evaluation`): labelled messages, and a table of precision and recall.

In: messages that were invented for this, each with what a careful clerk would say of it. Out: Markdown on standard output. It decides
nothing: an evaluation prints, a test decides.
"""
