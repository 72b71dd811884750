"""Letters as the submit_sm PDUs that carry them.

In: a letter. Out: one whole PDU for each segment, the sequence number still open. It never sends anything.
"""

from __future__ import annotations

import random
from collections import OrderedDict

from smpplib import consts

from channels.base import Letter, Refused
from channels.sms import pdu, segments

#: addressees whose last reference is remembered; a forgotten one starts anew at random
REMEMBERED = 10_000


class Submissions:
    """The letters of one short code. Long ones get a reference that differs from the last one to the same phone."""

    def __init__(self, short_code: str, default_alphabet: str) -> None:
        self._short_code, self._default = short_code, default_alphabet
        self._source_ton, self._source_npi = _source_kind(short_code)
        self._references: OrderedDict[str, int] = OrderedDict()

    def of(self, letter: Letter) -> list[bytes]:
        """Raises Refused when the letter cannot be written as a short message."""
        ton, npi, number = _addressee(letter)
        try:
            parts = segments.split_text(letter.text, 0, default=self._default)
            if len(parts) > 1:
                parts = segments.split_text(letter.text, self._reference(number), default=self._default)
            return [
                pdu.write_message(
                    pdu.ShortMessage(
                        command=pdu.SUBMIT_SM,
                        source_ton=self._source_ton,
                        source_npi=self._source_npi,
                        source=self._short_code,
                        destination_ton=ton,
                        destination_npi=npi,
                        destination=number,
                        esm_class=esm_class,
                        # SMPP 3.4 §5.2.17: a receipt for the final outcome, good or bad
                        registered_delivery=consts.SMPP_SMSC_DELIVERY_RECEIPT_BOTH,
                        data_coding=data_coding,
                        body=body,
                    )
                )
                for body, esm_class, data_coding in parts
            ]
        except ValueError as problem:
            raise Refused("unsendable") from problem

    def _reference(self, number: str) -> int:
        """The reference after the last one to this phone; the first is drawn, because the phone may remember one from before a restart."""
        reference = self._references.pop(number, None)
        reference = random.randrange(256) if reference is None else (reference + 1) % 256
        self._references[number] = reference
        if len(self._references) > REMEMBERED:
            self._references.popitem(last=False)
        return reference


def _source_kind(short_code: str) -> tuple[int, int]:
    """TON and NPI of our own address (SMPP 3.4 §5.2.5-6).

    A short code is no telephone number of any country: "unknown" leaves it as it is, where "national" makes some SMSCs put 62 before
    it; ISDN is the plan that it is dialled in. A word is alphanumeric and has no plan.
    """
    if short_code.isdigit():
        return consts.SMPP_TON_UNK, consts.SMPP_NPI_ISDN
    return consts.SMPP_TON_ALNUM, consts.SMPP_NPI_UNK


def _addressee(letter: Letter) -> tuple[int, int, str]:
    """TON, NPI and number of the addressee: `+62812…` is international; anything else goes back as it came, which the SMSC knows best."""
    written = letter.reply_to.get("to") or letter.to
    if written.startswith("+"):
        return consts.SMPP_TON_INTL, consts.SMPP_NPI_ISDN, written[1:]
    ton, npi = letter.reply_to.get("ton", ""), letter.reply_to.get("npi", "")
    return _octet(ton, consts.SMPP_TON_UNK), _octet(npi, consts.SMPP_NPI_ISDN), written


def _octet(written: str, otherwise: int) -> int:
    return int(written) if written.isdecimal() and int(written) < 256 else otherwise
