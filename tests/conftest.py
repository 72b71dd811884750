"""What holds for every test: none asserts how long something took, so no example of a property has a deadline either."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("house", deadline=None)
settings.load_profile("house")
