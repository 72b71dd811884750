"""The PDUs of the fixture files, written by hand in the forms that SMSCs send them."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "pdus"


def captured(name: str) -> bytes:
    """The octets of a fixture; a # begins a comment."""
    return bytes.fromhex(re.sub("#.*", "", (FOLDER / f"{name}.hex").read_text()))
