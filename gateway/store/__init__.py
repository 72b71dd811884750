"""Where everything waits: cases, parts of long messages, letters, receipts.

In: arrivals and settlements. Out: claims. `base` holds the promises that every store keeps (`tests/promises/test_store.py`);
`sqlite` is the embedded one, `redis` the one for several machines. A store never reads what a message says.
"""
