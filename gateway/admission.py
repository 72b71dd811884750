"""Whom the operators' address tells what, as the settings have it.

In: settings. Out: records for the address and for its console. It judges nobody.
"""

from __future__ import annotations

from config.settings import Settings
from gateway.console.access.terms import OtherHouse, Terms
from gateway.http import Admission


def admission(settings: Settings) -> Admission:
    """Of the address itself."""
    secure = settings.console.url.startswith("https://")
    return Admission(token=settings.http.metrics_token, proxies=settings.http.trusted, secure=secure)


def terms(settings: Settings) -> Terms:
    """Of officers."""
    given, house = settings.console, settings.console.oidc
    elsewhere = OtherHouse(
        issuer=house.issuer, client_id=house.client_id, client_secret=house.client_secret, scope=house.scope, claim=house.claim,
        roles=house.roles,
    )  # fmt: skip
    return Terms(
        url=given.url,
        idle_s=given.idle_min * 60,
        longest_s=given.longest_h * 3600,
        second_proof=None if given.second_proof == "nobody" else given.second_proof,
        elsewhere=elsewhere if house.issuer else None,
    )
