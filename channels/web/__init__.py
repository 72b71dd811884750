"""The web door: the public form and its pages, the JSON API, and Open311 GeoReport v2.

In: HTTP requests. Out: arrivals for the inbox, and pages or JSON that tell a status and never a text or an identity. `site` is the
channel; `submission` is what all three doors make of a request; `pages` is the human side, `api` and `open311` the machine side.
"""
