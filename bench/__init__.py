"""What the gateway does in a second, beside its peers, on one machine in one run (`make bench`, `python -m bench`).

In: a checkout, and Kannel where it can be had. Out: a table in Markdown on standard output, each run as a line of JSON on standard
error. It asserts nothing: a benchmark prints, a test decides.
"""
