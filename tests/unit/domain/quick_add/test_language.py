"""Word files: each language has vectors, and its words are complete and unambiguous."""

import json
from collections import Counter
from importlib.resources import files
from typing import Any

import pytest

from taskstead.domain.quick_add.language import fold_word, list_languages, load_language
from tests.unit.domain.quick_add.vectors import DATA, list_vectors

WEB_WORDS = DATA.parents[1] / "web/src/domain/quickadd/words"


def read_words(code: str) -> Any:
    file = files("taskstead.domain.quick_add").joinpath("words", f"{code}.json")
    return json.loads(file.read_text(encoding="utf-8"))


def test_english_and_german_are_languages() -> None:
    assert {"de", "en"} <= set(list_languages())


@pytest.mark.parametrize("code", list_languages())
def test_each_language_has_vectors_of_its_own(code: str) -> None:
    path = DATA / f"quick-add-{code}.jsonl"
    assert path.exists(), f"write tests/data/{path.name} for the words of {code}"
    assert {vector["language"] for vector in list_vectors(path.name)} == {code}


@pytest.mark.parametrize("code", list_languages())
def test_web_app_has_the_same_words(code: str) -> None:
    file = files("taskstead.domain.quick_add").joinpath("words", f"{code}.json")
    copy = WEB_WORDS / f"{code}.json"
    message = f"copy {code}.json to {WEB_WORDS}; a new language also needs a line in languages.ts"
    assert copy.read_bytes() == file.read_bytes(), message


@pytest.mark.parametrize("code", list_languages())
def test_word_file_has_the_keys_of_english(code: str) -> None:
    words, english = read_words(code), read_words("en")
    assert words.keys() == english.keys()
    for group in ("dates", "parts", "units"):
        assert words[group].keys() == english[group].keys(), group


@pytest.mark.parametrize("code", list_languages())
def test_language_has_seven_weekdays_and_twelve_months(code: str) -> None:
    language = load_language(code)
    assert set(language.weekdays.values()) == set(range(7))
    assert set(language.months.values()) == set(range(1, 13))


@pytest.mark.parametrize("code", list_languages())
@pytest.mark.parametrize("group", ["weekdays", "months"])
def test_word_means_only_one_weekday_or_month(code: str, group: str) -> None:
    words = [word for words in read_words(code)[group] for word in words]
    assert [word for word, count in Counter(words).items() if count > 1] == []


@pytest.mark.parametrize("code", list_languages())
@pytest.mark.parametrize(
    "name", ["day_after_tomorrow", "next_weekend", "next_week", "end_of_month", "end_of_year"]
)
def test_each_vector_file_names_all_days(code: str, name: str) -> None:
    """A language without vectors for a row of the grammar is not complete."""
    letters = load_language(code).letters
    phrases = [fold_word(phrase, letters) for phrase in read_words(code)["dates"][name]]
    vectors = list_vectors("quick-add.jsonl") + list_vectors(f"quick-add-{code}.jsonl")
    texts = [fold_word(vector["text"], letters) for vector in vectors]
    assert any(phrase in text for phrase in phrases for text in texts)


def test_unknown_language_has_no_words() -> None:
    with pytest.raises(FileNotFoundError):
        load_language("tlh")


@pytest.mark.parametrize("word", ["übermorgen", "ÜBERMORGEN", "uebermorgen", "u\u0308bermorgen"])
def test_umlauts_can_be_written_in_several_ways(word: str) -> None:
    assert fold_word(word, load_language("de").letters) == "uebermorgen"


def test_longest_phrase_of_a_table_is_found() -> None:
    dates = load_language("en").dates
    keys = ["end", "of", "the", "month", "x"]
    assert dates.find(keys, 0) == ("end_of_month", 4)
    assert dates.find(keys, 1) is None
    assert dates.find(keys, 5) is None
    assert dates.skip(["next", "week"], 0) == 2
    assert dates.skip(["next", "door"], 0) is None


def test_abbreviations_may_end_with_a_full_stop() -> None:
    months = load_language("en").months
    assert (months["dec"], months["dec."]) == (12, 12)
    assert "december." not in months


def test_weekday_and_part_of_the_day_are_joined_in_german() -> None:
    assert load_language("de").joined_parts["montagabend"] == (0, 19 * 60)
    assert load_language("en").joined_parts == {}
