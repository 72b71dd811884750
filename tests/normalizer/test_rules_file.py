"""The file of rules: each key does what the file says it does, and one that is wrong is refused with its rule and key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rulebook import rulebook
from gateway.wordlists import shipped
from normalizer.phrases import LONGEST, covers, find, grow, spelled
from normalizer.reading import read
from normalizer.rulebook import Rulebook, parse
from normalizer.weigh import Findings, weigh

CATEGORIES = ("PERHUBUNGAN", "KESEHATAN", "TOPIK LAINNYA")
FIRE = '[[rule]]\nname = "fire"\nwords = ["api"]\nweight = 0.9\nflags = ["emergency"]\n'


def book(document: str) -> Rulebook:
    return parse("mine.toml", document, CATEGORIES)


def found(document: str, text: str, *more: str) -> Findings:
    return weigh(book(document), [(read(each), 0) for each in (text, *more)])


@pytest.mark.parametrize(
    ("key", "fires", "silent"),
    [
        ('words = ["rumah api"]', "ada rumah api", "ada api rumah"),
        ('words = ["api*"]', "apinya besar", "apiun"),
        ('except = ["kereta api"]', "kereta lama, api", "naik kereta api"),
        ('near = ["rumah*"]\naround = 2', "rumahnya kena api", "rumah di ujung jalan kena api"),
        ('not_before = ["tidak"]\nwithin = 2', "tidak jauh dari api", "tidak ada api"),
        ('not_after = ["unggun"]', "ada api", "api unggun"),
        ('without = ["kereta"]', "api", "kereta lewat lalu ada api"),
        ("edge = true", "api, tolong", "lihat api di sana"),
        ("longest = 3", "ada api sana", "ada api di sana"),
    ],
)
def test_each_key_does_what_the_file_says(key: str, fires: str, silent: str) -> None:
    document = FIRE.replace('words = ["api"]', key if key.startswith("words") else f'words = ["api"]\n{key}')
    assert "emergency" in found(document, fires)
    assert "emergency" not in found(document, silent)


@pytest.mark.parametrize("text", ["api", "ada api", "lihat (api) di sana", "lihat #api di sana", "Lihat. Api! Sana", "#lapor api di sana"])
def test_an_edge_is_a_beginning_an_end_a_bracket_or_a_hash(text: str) -> None:
    edge = FIRE.replace("weight", "edge = true\nweight")
    assert weigh(book(edge), [(read(text), len("#lapor ") if text.startswith("#lapor") else 0)])


def test_a_list_stands_for_its_words() -> None:
    document = FIRE.replace("weight", 'not_before = ["@no"]\nweight') + '[lists]\nno = ["tidak", "bukan"]\n'
    assert not found(document, "bukan api")
    assert found(document, "lihat api")


def test_a_question_mark_is_a_word() -> None:
    asked = '[[rule]]\nname = "asked"\nwords = ["?"]\nweight = 0.6\nclassification = "permintaan_informasi"\n'
    assert found(asked, "jam berapa ?")["classification"].rule == "asked"
    assert not found(asked, "jam berapa")


def test_two_that_agree_weigh_more_and_what_is_light_is_not_said() -> None:
    light = FIRE.replace("0.9", "0.4")
    both = light + light.replace('"fire"', '"smoke"').replace('"api"', '"asap"')
    assert not found(both, "api api api")
    verdict = found(both, "api dan asap")["emergency"]
    assert (verdict.confidence, verdict.rule) == (0.64, "fire")


def test_of_two_classes_that_weigh_the_same_neither_and_of_two_subjects_the_first() -> None:
    one = '[[rule]]\nname = "one"\nwords = ["bus"]\nweight = 0.6\nclassification = "pengaduan"\ncategory = "PERHUBUNGAN"\n'
    other = '[[rule]]\nname = "two"\nwords = ["obat"]\nweight = 0.6\nclassification = "aspirasi"\ncategory = "KESEHATAN"\n'
    for text, subject in (("bus dan obat", "PERHUBUNGAN"), ("obat dan bus", "KESEHATAN")):
        said = found(one + other, text)
        assert "classification" not in said
        assert said["category"].value == subject


def test_one_rule_silences_another_in_the_whole_message() -> None:
    past = '[[rule]]\nname = "past"\nwords = ["tahun lalu"]\nweight = 0.5\nsilences = ["fire"]\n'
    assert not found(FIRE + past, "Kronologi tahun lalu", "ada api")
    assert found(FIRE + past, "tahun ini ada api")


def test_a_group_of_rules_is_silenced_by_its_name() -> None:
    past = '[[rule]]\nname = "past"\nwords = ["lalu"]\nweight = 0.5\nsilences = ["@all"]\n[groups]\nall = ["fire"]\n'
    assert not found(FIRE + past, "ada api tahun lalu")


@pytest.mark.parametrize(
    ("key", "fires", "silent"),
    [
        ("at_least = 0.5", "kobaran", "kayu"),
        ("below = 0.5", "kayu", "kobaran"),
        ('at_least = 0.5\nwords = ["api"]', "api kobaran", "kobaran"),
        ('at_least = 0.5\nwithout = ["unggun"]', "kobaran", "kobaran unggun"),
        # a word of a list counts as the list does
        ("at_least = 0.5", "geni", "gemi"),
    ],
)
def test_a_rule_asks_what_the_whole_text_resembles(key: str, fires: str, silent: str) -> None:
    document = FIRE.replace('words = ["api"]', f'resembles = "emergency"\n{key}') + '[lists]\nfire = ["geni*"]\n'
    weights = {"^": (0.0, -2.0, 0.0), "kobar": (0.0, 4.0, 0.0), "@fire": (0.0, 4.0, 0.0)}
    mine = parse("mine.toml", document, CATEGORIES, learned=weights)
    assert "emergency" in weigh(mine, [(read(fires), 0)])
    assert "emergency" not in weigh(mine, [(read(silent), 0)])


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (FIRE.replace("words", "wrods"), "rule 'fire': Object contains unknown field `wrods`"),
        (FIRE.replace('["api"]', '["api", 7]'), "rule 'fire': Expected `str`, got `int` - at `$.words[1]`"),
        (FIRE.replace('["api"]', "[]"), "rule 'fire': Expected `array` of length >= 1 - at `$.words`"),
        (FIRE.replace('["api"]', '["!"]'), "rule 'fire', words: '!' has no word"),
        (FIRE.replace('["api"]', '["a*pi"]'), "rule 'fire', words: 'a*pi' has a * elsewhere than at its end"),
        (FIRE.replace('["api"]', '["a b c d e f g"]'), "rule 'fire', words: 'a b c d e f g' has more than 6 words"),
        (FIRE.replace("weight", 'near = ["dua kata"]\nweight'), "rule 'fire', near: 'dua kata' is more than one word"),
        (FIRE.replace("weight", 'near = ["@no"]\nweight'), "rule 'fire', near: there is no list 'no' in [lists]"),
        (FIRE.replace("0.9", "2"), "rule 'fire': Expected `float` <= 1.0 - at `$.weight`"),
        (FIRE.replace("emergency", "undecodable"), "rule 'fire', flags: 'undecodable' is not raised by words"),
        (FIRE.replace('flags = ["emergency"]', 'category = "JALAN"'), "rule 'fire', category: there is no category 'JALAN'"),
        (
            FIRE.replace('flags = ["emergency"]', 'category = "TOPIK LAINNYA"'),
            "rule 'fire', category: there is no category 'TOPIK LAINNYA'",
        ),
        (FIRE.replace('flags = ["emergency"]', 'oversight = "tidak_berkadar"'), "rule 'fire': Invalid enum value 'tidak_berkadar'"),
        (FIRE.replace('flags = ["emergency"]', ""), "rule 'fire': it says nothing and silences nothing"),
        (FIRE.replace("weight", 'silences = ["smoke"]\nweight'), "rule 'fire', silences: there is no rule 'smoke'"),
        (FIRE.replace("weight", 'silences = ["@smoke"]\nweight'), "rule 'fire', silences: there is no group 'smoke' in [groups]"),
        (
            FIRE.replace("weight", 'silences = ["@all"]\nweight') + '[groups]\nall = ["smoke"]\n',
            "rule 'fire', silences: there is no rule 'smoke'",
        ),
        (FIRE.replace('words = ["api"]\n', ""), "rule 'fire': it needs words, or what it resembles"),
        (FIRE.replace("weight", 'resembles = "fire"\nweight'), "rule 'fire': Invalid enum value 'fire' - at `$.resembles`"),
        (FIRE + FIRE, "rule 'fire': there are two of this name"),
        (FIRE.replace('name = "fire"\n', ""), "rule 1: Object missing required field `name`"),
        ('placeless = ["JALAN"]\n' + FIRE, "placeless: there is no category 'JALAN'"),
        (FIRE + '[agencies]\n"JALAN" = "Dinas"\n', "agencies: there is no category 'JALAN'"),
        ("rule = ", "mine.toml: "),
    ],
)
def test_a_fault_names_file_rule_and_key(document: str, fault: str) -> None:
    with pytest.raises(ValueError, match=r"^mine\.toml: ") as refusal:
        book(document)
    assert fault in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_the_file_that_comes_with_the_gateway_is_sound() -> None:
    own = rulebook("", shipped()[0])
    assert len(own.clauses) > 100
    assert all(clause.says or clause.silences for clause in own.clauses)


@given(
    st.lists(st.sampled_from("abcd"), max_size=30), st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=LONGEST), max_size=10)
)
def test_what_is_found_is_what_a_search_at_every_place_finds(words: list[str], phrases: list[list[str]]) -> None:
    tree = grow((" ".join(phrase), mark) for mark, phrase in enumerate(phrases))
    hits = find(tree, words)
    assert sorted(hits) == sorted(
        (start, start + len(phrase), mark)
        for mark, phrase in enumerate(phrases)
        for start in range(len(words))
        if words[start : start + len(phrase)] == phrase
    )
    spans = {(start, end) for start, end, _ in hits}
    for start in range(len(words)):
        assert covers(tree, words, start, start + 1) == any(begin <= start < end for begin, end in spans)


def test_a_star_stands_for_the_usual_endings() -> None:
    assert ("jalan", "rusaknya") in spelled("jalan rusak*")
    assert spelled("jalan rusak") == (("jalan", "rusak"),)


@pytest.mark.parametrize(
    "text",
    [
        "Ada kebakaran di pasar Wage, mohon bantuan segera, apinya besar",
        "Kebakaran di pasar Wage mohon bantuan",
        "mohon bantuan segera ada kecelakaan di tol km 23 korban luka parah",
        "banjir sudah sepinggang warga butuh evakuasi segera mohon bantuan perahu",
    ],
)
def test_who_asks_for_help_in_a_danger_is_heard_whatever_the_text_resembles(text: str) -> None:
    meanings, _ = shipped()
    assert "emergency" in weigh(rulebook("", meanings), [(read(text, meanings), 0)])
