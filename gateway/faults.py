"""Why a gateway does not start.

In: words. Out: one sentence that names the file or the address; the command line prints it and exits with 1.
"""

from __future__ import annotations


class CannotStart(Exception):
    """A file, a port or a database that cannot be used as it is."""
