"""What the table of an X account may say (`kind = "social.x"`).

In: a table that was read elsewhere. Out: a record whose every value has been checked. It never shows a key.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec

#: the name under which tweepy signs; with another one in the request X would not know the signature
PUBLIC_API: Final = "https://api.twitter.com"
#: what `__repr__` hides
SECRETS: Final = frozenset({"bearer_token", "consumer_key", "consumer_secret", "access_token", "access_secret"})

Key = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern="^[!-~]+$")]
Handle = Annotated[str, msgspec.Meta(pattern="^@?[A-Za-z0-9_]{1,15}$", description="a handle like lapor1708")]
Hashtag = Annotated[str, msgspec.Meta(pattern="^#?\\w{1,50}$", description="a hashtag like lapor")]
Usd = Annotated[float, msgspec.Meta(ge=0)]

#: ways of saying it that leave no doubt; a complaint that merely contains such a word ("tolong stop bus ini") is a complaint
OPT_OUT: Final = ("berhenti", "stop", "jangan balas", "jangan dibalas", "unsubscribe")


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One account. Prices are USD, as X's price list has them."""

    #: who we are to the citizen
    account: Handle
    #: of the app: reads
    bearer_token: Key
    #: of the app and of the account (OAuth 1.0a): answers
    consumer_key: Key
    consumer_secret: Key
    access_token: Key
    access_secret: Key
    #: everything of X is asked here, its media hosts too when this is not X's own
    api_url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^/\s?#]+(/[^\s?#]*[^/\s?#])?$", description="https://… without a slash")] = (
        PUBLIC_API
    )
    hashtags: Annotated[tuple[Hashtag, ...], msgspec.Meta(max_length=10)] = ("lapor", "lapor1708")
    #: seconds between two looks; X allows 450 in 15 minutes
    poll_s: Annotated[float, msgspec.Meta(gt=0)] = 20.0
    #: a filtered stream beside the polling: sooner, and each post at the full price
    stream: bool = False
    price_read: Usd = 0.005
    #: of a post that mentions the account of the app's owner
    price_own_read: Usd = 0.001
    price_post: Usd = 0.010
    #: USD in a UTC day; 0 is no limit
    daily_cap: Usd = 0.0
    opt_out_words: tuple[str, ...] = OPT_OUT
    #: each post that was kept is looked up so often, in hours; X wants a deleted one forgotten within 24
    watch_hours: Annotated[float, msgspec.Meta(gt=0, le=20)] = 18.0
    #: so long; then what the post said is forgotten here too, since nobody would know that it was deleted
    watch_days: Annotated[float, msgspec.Meta(gt=0)] = 30.0

    def __post_init__(self) -> None:
        """Handles and hashtags without their sign. Raises ValueError for hashtags that one search cannot hold."""
        msgspec.structs.force_setattr(self, "account", self.account.removeprefix("@"))
        msgspec.structs.force_setattr(self, "hashtags", tuple(tag.removeprefix("#") for tag in self.hashtags))
        if len(self.query) > 512:
            raise ValueError("hashtags: together they are longer than the 512 characters of one search")

    @property
    def query(self) -> str:
        """The search for posts with a hashtag and without a mention, which come another way; "" when there are no hashtags."""
        tags = " OR ".join(f"#{tag}" for tag in self.hashtags)
        return f"({tags}) -@{self.account} -is:retweet -from:{self.account}" if tags else ""

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # the struct has one of its own, which would show all
        return [(name, "***" if name in SECRETS else getattr(self, name)) for name in self.__struct_fields__]

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"
