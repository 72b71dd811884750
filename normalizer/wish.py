"""What a message asks of us instead of complaining: STATUS, BATAL, BANTUAN, BERHENTI, MULAI; and what it adds to, TAMBAH.

In: a message as a channel read it. Out: a `Question`, or None for a complaint; or where the words behind `TAMBAH CODE` begin. It looks
nothing up.

A wish is its word, a code where one is needed, and nothing more than a few polite words. Whoever says more complains: "Status jalan kami
tidak jelas", "Batal berangkat karena jalan rusak", "Stop pungli!", "Info pungli di samsat". In doubt it is a complaint, for a complaint
that is read as a wish would reach nobody. So a plea ("tolong bantuan") is no wish for the help text either.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from channels.base import InboundMessage, Question
from normalizer import title
from normalizer.keyword import TAGS
from normalizer.reference import BadReference, read

#: key of `InboundMessage.extras` under which a channel passes on what is new in a text that quotes others
NEW_TEXT: Final = "new_text"
#: characters, words: nobody asks at greater length
_LONGEST, _MOST = 140, 16

#: what may be wished for with a code, and without one
_WITH_CODE: Final[Mapping[str, Literal["status", "withdraw"]]] = {
    **dict.fromkeys(("status", "cek", "check", "lacak", "info"), "status"),
    **dict.fromkeys(("batal", "batalkan", "cabut", "cancel", "withdraw"), "withdraw"),
}
_ALONE: Final[Mapping[str, Literal["help", "stop", "start"]]] = {
    **dict.fromkeys(("bantuan", "info", "help"), "help"),
    **dict.fromkeys(("berhenti", "stop", "unreg"), "stop"),
    **dict.fromkeys(("mulai", "start"), "start"),
}
_HEADS: Final = (*_WITH_CODE, *_ALONE)
#: of the words that want a code, those that nobody writes alone for another reason
_LACKS_CODE: Final = frozenset({"status", "batal", "batalkan"})
#: beside any wish: they ask for nothing
_FILLER_WORDS: Final = "admin bapak bpk bu dong gan halo hallo ibu kak kakak mas mbak min om pak pls ya yaa yah"
_FILLERS: Final = frozenset((*_FILLER_WORDS.split(), *map(str.lower, TAGS)))
_POLITE_WORDS: Final = """
    aduan aku apa assalamualaikum bagaimana bisa code complaint dari dengan dgn for gimana hai ingin kami kasih kode laporan laporannya
    makasih malam mana mau minta mohon my nmr no nomer nomor number of pagi pengaduan please report salam sampai saya sdh selamat siang
    sore spasi sudah sy terima thank thanks the tks tolong trims untuk utk you
"""
#: … and beside one that names a code, or speaks of a report
_POLITE: Final = _FILLERS | frozenset(_POLITE_WORDS.split())
_KNOWN: Final = _POLITE.union(_HEADS)
#: what is said to a message that has come
_THANKS_WORDS: Final = "baik balas hatur iya matur mtr nggih nuhun nuwun ok oke okay okey siap sip suwun tq"
_THANKS: Final = frozenset(_THANKS_WORDS.split())

_TOKEN = re.compile(r"[^\s:;,=/()<>\[\]{}!?\"'*]+")
_REPLY = re.compile(r"\s*(?:re|bls|balas)\s*:", re.IGNORECASE)
_ID = re.compile(r"#?[1-9][0-9]{4,11}")
#: as a code is written; with dashes, also one with a symbol too few or too many
_SHAPE = re.compile(r"[0-9A-Za-z]{3,5}-[0-9A-Za-z]{3,5}-[0-9A-Za-z]{3,5}|[0-9A-Za-z]{4}[ -]?[0-9A-Za-z]{4}[ -]?[0-9A-Za-z]{4}")
_ADDRESS = re.compile(r"r[tw] ?[0-9]", re.IGNORECASE)
#: symbols of a code: it may come one by one
_SYMBOLS = 12

#: the wish; what it is added to; a code in its usual spellings, or an id of the ledger
_ADDING = re.compile(
    r"[\W_]{0,5}(?:tambah(?:an|kan)?|menambah(?:kan)?)(?P<to>(?:[\W_]{1,3}(?:untuk|utk|pada|ke|kode|nomor|nomer|no|laporan|aduan)){0,4})[^\w#]{1,3}"
    r"(?:(?P<code>[0-9A-Z]{4}[ -]?[0-9A-Z]{4}[ -]?[0-9A-Z]{4})|(?P<id>\#?[1-9][0-9]{4,11}))(?![0-9A-Z-])[\s.,:;!-]{0,5}",
    re.IGNORECASE,
)


class Addition(msgspec.Struct, frozen=True, gc=False):
    """How a text begins that adds to a report."""

    #: a code of ours or an id of the ledger; empty when it names none, or a mistyped one
    to: str
    #: index of the first character behind it
    body: int


def question(message: InboundMessage) -> Question | None:
    """What it asks; None when it is a complaint. A mail may ask in its subject, or in both."""
    if message.attachments:
        return None
    said = message.extras.get(NEW_TEXT) or message.text
    if not message.subject:
        return asked(said)
    heading, found = title.from_line(message.subject) or "", asked(said)
    if found is None or not found.code:
        both = asked(f"{heading} {said}")
        if found is None or both is not None:
            return both
    # "bantuan" under the subject "Jalan rusak" belongs to it
    return found if found.code or _REPLY.match(message.subject) else None


def asked(text: str) -> Question | None:
    """What the words of a text ask."""
    text = text.strip()
    # nearly all messages are told from a wish by this line
    if len(text) > _LONGEST or len(text.split()) > _MOST or not any(map(text.lower().__contains__, _HEADS)):
        return None
    tokens = _tokens(text)
    words = [token.lstrip("#").lower() for token in tokens]
    strange = [place for place, word in enumerate(words) if word not in _KNOWN]
    if strange:
        return _about_code(tokens, words, strange) if len(words) <= _MOST else None
    alone = {_ALONE.get(word) for word in words if word not in _FILLERS}
    if len(alone) == 1 and (kind := alone.pop()):
        return Question(kind=kind)
    if _LACKS_CODE.intersection(words) and all(word in _POLITE or word in _WITH_CODE for word in words):
        return Question(kind="help")
    return None


def _tokens(text: str) -> list[str]:
    """What stands between spaces, without signs around it and without mentions."""
    return [token for each in _TOKEN.findall(text) if (token := each.strip(".-_~")) and token[0] != "@"]


def _about_code(tokens: list[str], words: list[str], strange: list[int]) -> Question | None:
    """The strange words are one code, and what stands around them is the wish and politeness. A right code before what may be a mistyped
    one: its groups may look like words that we know."""
    first, last = strange[0], strange[-1]
    spans = [(start, end) for start in range(first + 1) for end in range(last + 1, len(words) + 1) if end - start <= _SYMBOLS]
    wanted = {span: kind for span in spans if (kind := _wanted([*words[: span[0]], *words[span[1] :]]))}
    for spelt in (_right, _mistyped):
        for (start, end), kind in wanted.items():
            if code := spelt(tokens[start:end]):
                return Question(kind=kind, code=code)
    return None


def _wanted(rest: list[str]) -> Literal["status", "withdraw"] | None:
    kinds = {_WITH_CODE.get(word) for word in rest if word not in _POLITE}
    return kinds.pop() if len(kinds) == 1 else None


def _right(tokens: list[str]) -> str:
    """The code as we write it, or the ledger's number."""
    if len(tokens) == 1 and _ID.fullmatch(tokens[0]):
        return tokens[0]
    spelt = " ".join(tokens)
    try:
        code = read(spelt)
    except BadReference:
        return ""
    # of words that happen to be a code no one has a digit
    return code if len(tokens) == 1 or not spelt.replace(" ", "").isalpha() else ""


def _mistyped(tokens: list[str]) -> str:
    spelt = " ".join(tokens)
    if not _like_code(spelt):
        return ""
    symbols = re.sub("[ -]", "", spelt).upper()
    return "-".join((symbols[:4], symbols[4:8], symbols[8:]))


def _like_code(spelt: str) -> bool:
    """Letters and digits in its shape; without dashes a single digit is too little (simpanglima5)."""
    digits = sum(map(str.isdigit, spelt))
    if _SHAPE.fullmatch(spelt) is None or _ADDRESS.search(spelt) is not None:
        return False
    return digits >= (1 if "-" in spelt else 2) and any(map(str.isalpha, spelt))


def tells(words: Sequence[str]) -> bool:
    """False for thanks and politeness alone: `baik pak, terima kasih`."""
    return any(word not in _POLITE and word not in _THANKS for word in words)


def addition(text: str, start: int = 0) -> Addition:
    """Where the words begin behind `TAMBAH CODE` at `start`, and what they are added to."""
    found = _ADDING.match(text, start)
    if found is None:
        return Addition("", start)
    if number := found["id"]:
        # "tambah 10000 per sak" is no report
        spoken = number[0] == "#" or re.search("laporan|aduan", found["to"], re.IGNORECASE)
        return Addition(number.lstrip("#"), found.end()) if spoken else Addition("", start)
    code = found["code"]
    try:
        # of words that happen to be a code no one has a digit
        return Addition("", start) if code.replace(" ", "").isalpha() else Addition(read(code), found.end())
    except BadReference:
        return Addition("", found.end() if "-" in code and _like_code(code) else start)
