"""The language of a message: known by its small words, and left open where it is not sure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wordlists import shipped
from normalizer import language
from normalizer.complaint import Inferred
from normalizer.language import LANGUAGES, MOST_WORDS, Languages
from normalizer.reading import read

MEANINGS, LISTS = shipped()


def spoken(text: str) -> str | None:
    return LISTS.of(read(text, MEANINGS)).value


@pytest.mark.parametrize(
    "text",
    [
        "mbk lek mlm puskesmas driyo masih buka ta",
        "dalane rusak",
        "Lampune mati kabeh wis telung dina",
        "Pak lurah njaluk duit 50 ewu kanggo ngurus KTP, iki bener opo ora",
        "kulo nyuwun tulung dalan wonten desa kulo dereng dipun dandani",
        "Nyuwun sewu pak, kula badhe nyuwun pirsa pripun caranipun damel KK ingkang ical",
        "jembatane ambrol, durung ono sing ndandani",
        "bansos gak tau oleh padahal wong ora duwe, sing sugih malah oleh",
    ],
)
def test_javanese_is_known_in_both_its_manners(text: str) -> None:
    assert spoken(text) == "jv"


@pytest.mark.parametrize(
    "text",
    [
        "jalan ruksak teu acan diomean",
        "Punten abdi bade naros, iraha jalan ka desa abdi diomean",
        "Lampu jalan di payuneun imah abdi pareum tos saminggu, mugi enggal dilereskeun",
        "kumaha carana ngadamel akta lahir",
        "cai PDAM teu ngocor ti kamari",
        "Pa lurah menta duit keur nyieun KTP, naha kitu aturanna",
        "Badé naroskeun, iraha bantosan dibagikeun",
    ],
)
def test_sundanese_is_known(text: str) -> None:
    assert spoken(text) == "su"


def test_capitals_hide_no_ending() -> None:
    for text in ("lampunya mati, katanya trafonya", "diperhatoskeun sing dileresKEUN"):
        assert LISTS.of(read(text.upper(), MEANINGS)) == LISTS.of(read(text.lower(), MEANINGS))
    assert spoken("DIPERHATOSKEUN") == "su"


@pytest.mark.parametrize(
    "text",
    [
        "The street light in front of our house has been broken for two weeks",
        "Please fix the road",
        "An officer asked us for money, what should we do?",
    ],
)
def test_english_is_known(text: str) -> None:
    assert spoken(text) == "en"


@pytest.mark.parametrize(
    "text",
    [
        "jalan rusak",
        "Lampu penerangan mati,d jl raya senggreng rt 04 rw 02",
        "bpjs sy ga aktif",
        "Mas Karo, abdi negara minta izin, katanya untuk LAN dan NU",
        "Pak Lek Wong dari Kulon sudah lapor tapi belum ada jawaban",
        "mbak teh manisnya kok mahal sekali di kantin rumah sakit itu",
        "server error, please try again. sudah saya coba berkali-kali tidak bisa",
        "neng, kang, teh, saya tidak tahu kapan jalannya diperbaiki",
        "anak saya kelas 3 SMP di The Green School belum dapat buku",
    ],
)
def test_indonesian_stays_indonesian_whatever_it_borrows(text: str) -> None:
    assert spoken(text) == "id"


@pytest.mark.parametrize(
    "text",
    [
        # Madurese, Banjar, Minangkabau, Balinese, Sasak, Acehnese, Batak, Manado, Palembang
        "jhalan e compok kaule rosak, nyo'on tolong ka panjennengan",
        "jalanan di kampung ulun rusak banar, kada kawa dilalui, banyu ledeng mati",
        "jalan di kampuang awak alah rusak bana, indak ado nan mampelokan urang",
        "margine usak pisan, durung wenten sane mecikang, titiang nunas mangda digelis",
        "jalan leq dese tiang rusak, endek araq sak bedait",
        "jalan di gampong kamoe ka reuloh, peu hana soe peugot",
        "rusak do dalan di huta nami, ndang adong na padengganhon",
        "torang pe jalan so rusak, nyanda ada yang bekeng bae",
        "jalan kami rusak nian, banyu mati galo, dak katek yang benerke wong",
    ],
)
def test_the_other_languages_of_the_country_are_never_taken_for_javanese_or_sundanese(text: str) -> None:
    assert spoken(text) in {None, "id"}


@pytest.mark.parametrize(
    "text", ["", "?", "ok", "halo", "STATUS 7K3Q-9FXM-2CH4", "Ponorogo", "12345", "ISO LAN NU", "😭", "Rusak do", "jalan rusak abdi kula"]
)
def test_where_it_is_not_sure_nothing_is_said(text: str) -> None:
    assert LISTS.of(read(text)) == Inferred()


def test_what_is_sure_names_its_rule_and_says_how_sure() -> None:
    said = LISTS.of(read("dalane rusak"))
    assert (said.value, said.provenance, said.rule) == ("jv", "derived", "words:jv")
    longer = LISTS.of(read("dalane rusak ora ono sing ndandani"))
    assert 0.5 <= said.confidence < longer.confidence < 1


def test_without_lists_no_language_is_sure() -> None:
    assert Languages({}).of(read("jalan kami rusak dan tidak diperbaiki")) == Inferred()


@pytest.mark.parametrize(
    "document",
    [
        "nonsense",
        "[jv]\nlikely = 'a'",
        "[jv]\ncertain = 1",
        "[jv]\ncertain = ''\ntails = 'ipun'",
        "[jw]\ncertain = ''",
        "[jv]\ncertain = ''\nsure = ''",
        "jv = 1",
    ],
)
def test_a_list_with_a_fault_is_refused(document: str) -> None:
    with pytest.raises(ValueError, match=r"Expected|missing|unknown|pattern"):
        language.parse(document)


def test_every_word_of_the_lists_can_be_met() -> None:
    """In a message, words have small letters and no accents, and no word counts more for a language than its share can hold."""
    assert all(read(word).spelt == [word] for word in LISTS.words)


@given(
    st.text()
    | st.lists(st.sampled_from(["yang", "ora", "teu", "the", "indak", "dibagikeun", "jalan"]), max_size=3 * MOST_WORDS).map(" ".join)
)
def test_any_text_has_one_language_or_none(text: str) -> None:
    said = LISTS.of(read(text))
    assert said == LISTS.of(read(text))
    assert said.value in {None, *LANGUAGES}
    assert 0 <= said.confidence < 1


@pytest.mark.parametrize("word", ["yang", "ora", "teu", "the"])
def test_a_very_long_message_is_known_like_a_long_one(word: str) -> None:
    assert spoken(f"{word} " * MOST_WORDS) == spoken(f"{word} " * 10 * MOST_WORDS) is not None
