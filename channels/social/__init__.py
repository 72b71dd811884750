"""Social networks: X and Telegram.

In: posts and messages as the platforms' APIs give them. Out: arrivals, and answers within each platform's rules. Neither of the two
channels knows the other.
"""
