"""The text of an RTF body, as Outlook packs it into winmail.dat.

In: compressed RTF (MS-OXRTFCP) or RTF. Out: plain text. It never raises; of what cannot be read it makes nothing.
"""

from __future__ import annotations

import re

from channels.email import charset

#: MS-OXRTFCP §2.1.3.1.1: what the window holds before anything was written
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArial"
    rb"Times New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_COMPRESSED, _PLAIN = b"LZFu", b"MELA"
_WINDOW = 4096
_LARGEST = 2_000_000
_TOKEN = re.compile(rb"\\'([0-9a-fA-F]{2})|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\([^a-zA-Z'])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\")
_SPOKEN = {b"par": "\n", b"line": "\n", b"tab": "\t", b"cell": "\t", b"row": "\n", b"emdash": "—", b"endash": "–", b"bullet": "•"}
_QUOTES = {b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”"}
#: groups that say nothing to a reader
_SILENT = {b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"header", b"footer", b"generator", b"themedata"}


def decompress(packed: bytes) -> bytes:
    """MS-OXRTFCP §2.2. Of damaged bytes, what was written before the damage."""
    mark, raw_size = packed[8:12], int.from_bytes(packed[4:8], "little")
    if mark == _PLAIN:
        return packed[16 : 16 + raw_size]
    if mark != _COMPRESSED:
        return b""
    window = bytearray(_DICTIONARY.ljust(_WINDOW, b"\0"))
    out, write, position = bytearray(), len(_DICTIONARY), 16
    while position < len(packed) and len(out) < _LARGEST:
        control, position = packed[position], position + 1
        for bit in range(8):
            if control >> bit & 1:
                pair = int.from_bytes(packed[position : position + 2], "big")
                offset, length, position = pair >> 4, (pair & 15) + 2, position + 2
                if position > len(packed) or offset == write:
                    return bytes(out)
                copied = range(offset, offset + length)
            else:
                if position >= len(packed):
                    return bytes(out)
                window[write] = packed[position]
                copied, position = range(write, write + 1), position + 1
            for place in copied:
                sign = window[place % _WINDOW]
                out.append(sign)
                window[write] = sign
                write = (write + 1) % _WINDOW
    return bytes(out)


def to_text(rtf: bytes) -> str:
    """The words of an RTF document, and of HTML within one (MS-OXRTFEX); empty when these are none."""
    if not rtf.startswith(b"{\\rtf"):
        return ""
    return _Reader().read(rtf[:_LARGEST])


class _Reader:
    """Where in a document we are: the group's silence and how many signs stand in for a \\u, for each group that is open."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.octets = bytearray()
        self.codepage = "cp1252"
        self.silent, self.stand_ins = False, 1
        self.groups: list[tuple[bool, int]] = []
        self.skip = 0

    def read(self, rtf: bytes) -> str:
        for token in _TOKEN.finditer(rtf):
            octet, word, number, sign, brace, plain = token.groups()
            if brace:
                self._group(opens=brace == b"{")
            elif word:
                self._word(word.lower(), int(number) if number else None)
            elif octet or plain or sign in {b"\\", b"{", b"}"}:
                self._say(bytes.fromhex(octet.decode()) if octet else plain or sign)
            elif sign == b"*":
                self.silent = True
            elif sign == b"~":
                self._say(b" ")
        self._flush()
        return charset.clean("".join(self.out)).strip()  # a sign beyond U+FFFF comes in two halves

    def _group(self, *, opens: bool) -> None:
        self.skip = 0
        if opens:
            self.groups.append((self.silent, self.stand_ins))
        elif self.groups:
            self.silent, self.stand_ins = self.groups.pop()

    def _word(self, word: bytes, number: int | None) -> None:
        if word == b"u" and number is not None:
            self._flush()
            if not self.silent:
                self.out.append(chr(number % 0x10000))
            self.skip = self.stand_ins
        elif word == b"uc":
            self.stand_ins = min(abs(number or 0), 10)
        elif word == b"ansicpg" and number:
            self.codepage = f"cp{number}"
        elif word in _SILENT:
            self.silent = True
        elif word == b"htmlrtf":  # what stands between \htmlrtf and \htmlrtf0 is a second telling of the same
            self.silent = number != 0
        elif (spoken := _SPOKEN.get(word) or _QUOTES.get(word)) and not self.silent:
            self._flush()
            self.out.append(spoken)

    def _say(self, octets: bytes) -> None:
        passed = min(self.skip, len(octets))
        self.skip -= passed
        if not self.silent:
            self.octets += octets[passed:]

    def _flush(self) -> None:
        if self.octets:
            self.out.append(charset.decode(bytes(self.octets), self.codepage).text)
            self.octets.clear()
