"""An office's own texts: a folder of files that go over those of the gateway, and what in them is refused, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from forwarder.wording import KEYS, SHIPPED, Wordings, load, texts

REFERENCE = "7K3Q-9FXM-2CH4"


def _receipt(wordings: Wordings, language: str) -> str:
    return wordings.fill("receipt", language, reference=REFERENCE)


def test_a_key_of_an_office_goes_over_ours_and_the_others_stay(tmp_path: Path) -> None:
    (tmp_path / "jv.toml").write_text("# mung siji\n\nreceipt = 'Sampun, {reference}.'\n[states]\n# dereng\n", encoding="utf-8")
    wordings = load(folder=str(tmp_path))
    assert _receipt(wordings, "jv") == f"Sampun, {REFERENCE}."
    assert _receipt(wordings, "id") == _receipt(load(), "id")
    ours, theirs = texts()["jv"], texts(str(tmp_path))["jv"]
    assert theirs["receipt"].place == f"{tmp_path / 'jv.toml'}, line 3"
    assert {**theirs, "receipt": ours["receipt"]} == ours
    assert all(text.place.startswith(SHIPPED) for text in ours.values())


def test_a_whole_file_replaces_a_language(tmp_path: Path) -> None:
    ours = (Path(__file__).parents[2] / SHIPPED / "en.toml").read_text(encoding="utf-8")
    (tmp_path / "id.toml").write_text(ours.replace("LAPOR!", "REPORT"), encoding="utf-8")
    wordings = load(folder=str(tmp_path))
    assert _receipt(wordings, "id") == _receipt(wordings, "min") == _receipt(wordings, "en").replace("LAPOR!", "REPORT")
    found = texts(str(tmp_path))["id"]
    assert found.keys() == KEYS.keys()
    assert {text.place.partition(",")[0] for text in found.values()} == {str(tmp_path / "id.toml")}


def test_what_programs_leave_in_a_folder_is_left_alone(tmp_path: Path) -> None:
    for name in (".id.toml", "id.toml~", "id.toml.bak", "README.md"):
        (tmp_path / name).write_text("receipt = ")
    (tmp_path / "old").mkdir()
    assert texts(str(tmp_path)) == texts()


def test_a_file_as_other_editors_write_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "id.toml").write_bytes(b"\xef\xbb\xbf# teks\r\nreceipt = 'Kode {reference}'\r\n")
    assert _receipt(load(folder=str(tmp_path)), "id") == f"Kode {REFERENCE}"
    assert texts(str(tmp_path))["id"]["receipt"].place.endswith("id.toml, line 2")


NUMBERS = "{general} {police} {ambulance}"


@pytest.mark.parametrize(
    "document",
    [
        f"help = '''\n{'x' * 160}'''",
        f"help = '{'x' * 158}€'",
        f"receipt = '{'x' * 146}{{reference}}'",
        f"[states]\nregistered = '{'x' * 48}{{tracking_id}}'",
        f"[emergency]\nreceipt = '{'x' * 125}{{reference}} {NUMBERS}'",
        "help = 'Apa, di mana, kapan? é'",
        "help = 'Tulis {{di sini}}'",
        "",
    ],
)
def test_what_just_fits_is_taken(tmp_path: Path, document: str) -> None:
    (tmp_path / "id.toml").write_text(document, encoding="utf-8")
    load(folder=str(tmp_path))


@pytest.mark.parametrize(
    ("document", "line", "words"),
    [
        ("# id\n\nreceipt = 'Kode {referensi}'", 3, "'receipt' lacks {reference}"),
        ("receipt = 'Kode {reference}, {nama}'", 1, "'receipt' cannot have {nama}"),
        ("help = 'x'\n[states]\nhilang = 'hilang'", 3, "unknown key 'states.hilang'"),
        ("help = 'x'\nask = ''", 2, "'ask' must be a text"),
        ("help = 'x'\nreceipt = 'Kode {reference}\nask = 'x'", 2, "'receipt' is not TOML: "),
        ('help = """x\nreceipt = "Kode {reference}"\n', 1, "'help' is not TOML: "),
        ("help = 'x'\nask = 'Kode {reference}'\nhelp = 'y'", 3, "'help' is not TOML: "),
        ("[states]\n\n[states]", 3, "'states' is not TOML: "),
        ("help = 'x'\nkode {reference}", 2, "this is not TOML: "),
        (f"\nhelp = '''\n{'x' * 161}'''", 2, "'help' takes 161 characters when it is filled, and may take 160"),
        (f"help = '{'x' * 159}€'", 1, "'help' takes 161 "),
        (f"receipt = '{'x' * 147}{{reference}}'", 1, "'receipt' takes 161 "),
        (
            f"[states]\nregistered = '{'x' * 49}{{tracking_id}}'",
            2,
            "'states.registered' takes 61 characters when it is filled, and may take 60",
        ),
        (f"[emergency]\nreceipt = '{'x' * 126}{{reference}} {NUMBERS}'", 2, "'emergency.receipt' takes 161 "),
        ("help = 'Jangan panik — tulis'", 1, "'help' has '—' (U+2014), which GSM-7 lacks"),
        ("help = 'a\tb'", 1, r"'help' has '\t' (U+0009), which GSM-7 lacks"),
    ],
)
def test_a_fault_names_file_line_and_key(tmp_path: Path, document: str, line: int, words: str) -> None:
    (tmp_path / "id.toml").write_text(document, encoding="utf-8")
    with pytest.raises(ValueError, match=r"id\.toml, line ") as refusal:
        load(folder=str(tmp_path))
    assert str(refusal.value).startswith(f"{tmp_path / 'id.toml'}, line {line}: {words}")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", ["min.toml", "jw.toml", "ID.TOML"])
def test_a_file_that_is_no_language_of_ours_is_refused_and_not_overlooked(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    with pytest.raises(ValueError, match=r"none of the languages; files here are called id\.toml, en\.toml, jv\.toml, su\.toml") as refusal:
        load(folder=str(tmp_path))
    assert str(refusal.value).startswith(f"{tmp_path / name}: ")


def test_a_folder_or_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nowhere: No such file or directory"):
        load(folder=str(tmp_path / "nowhere"))
    (tmp_path / "id.toml").write_bytes(b"# teks\nhelp = 'caf\xe9'")
    with pytest.raises(ValueError, match=r"id\.toml, line 2: not UTF-8 text"):
        load(folder=str(tmp_path))
    (tmp_path / "id.toml").unlink()
    (tmp_path / "id.toml").mkdir()
    with pytest.raises(ValueError, match=r"id\.toml: Is a directory"):
        load(folder=str(tmp_path))
