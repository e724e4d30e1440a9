"""Spelling correction of search words: deletion keys, and the edit distance to a prefix.

The deletion keys of a word are its first letters, and the same letters with one of them deleted.
Words that differ in one letter have a common key, so an index on the keys finds the candidates for
a misspelt word. The candidates are then ranked by edit distance.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from os.path import commonprefix

# The length of words that can be corrected or be corrections. Words of the search index contain
# letters, vowel signs and digits. Words with digits are excluded. In scripts without spaces, each
# character is a word, which is too short.
MIN_WORD_LENGTH = 3
MAX_WORD_LENGTH = 24
_SPELT_WORD = re.compile(rf"[^0-9]{{{MIN_WORD_LENGTH},{MAX_WORD_LENGTH}}}")
# The number of first letters in the keys. Migrations and database triggers depend on it, so a new
# value needs a migration.
KEY_LENGTH = 7
# The limit for one task: a pasted log file contains thousands of words that nobody searches.
_MAX_WORDS_PER_TASK = 200
# Words up to this length may have one error, longer words two.
_MAX_SHORT_WORD_LENGTH = 5
_MAX_SUGGESTIONS = 5


def is_spelt(word: str) -> bool:
    """Return whether a word can be corrected or be a correction."""
    return _SPELT_WORD.fullmatch(word) is not None


def list_spelt_words(*texts: Iterable[str]) -> list[str]:
    """Return the distinct words of a task that are stored as corrections.

    Args:
        texts: the words of its texts, in order of importance.
    """
    distinct = dict.fromkeys(chain.from_iterable(texts))
    return list(islice(filter(_SPELT_WORD.fullmatch, distinct), _MAX_WORDS_PER_TASK))


def list_keys(word: str) -> set[str]:
    """Return the deletion keys of a word."""
    beginning = word[:KEY_LENGTH]
    shorter = {beginning[:i] + beginning[i + 1 :] for i in range(len(beginning))}
    return {beginning, *shorter}


def choose_corrections(typed: str, candidates: Iterable[str]) -> list[str]:
    """Return the candidates most similar to a misspelt word, the best first.

    A search matches prefixes, so the distance to the most similar prefix counts: ``pasport`` is one
    letter away from ``passports``.
    """
    limit = 1 if len(typed) <= _MAX_SHORT_WORD_LENGTH else 2
    ranked = []
    for word in candidates:
        distance = measure_distance(typed, word, limit)
        if distance <= limit:
            # Only the candidates with the smallest distance are returned.
            limit = distance
            ranked.append((distance, abs(len(word) - len(typed)), word))
    return [word for distance, _, word in sorted(ranked) if distance == limit][:_MAX_SUGGESTIONS]


def measure_distance(typed: str, word: str, limit: int) -> int:
    """Return the edit distance from a word to the most similar prefix of another.

    Insertions, deletions, substitutions and transpositions of adjacent letters count one each
    (optimal string alignment distance). A distance over the limit is returned as ``limit + 1``.
    """
    prefix_length = len(commonprefix((typed, word)))  # noqa: RUF071 - not paths
    typed, word = typed[prefix_length:], word[prefix_length : len(typed) + limit]
    row_before_previous: Sequence[int] = ()
    row: Sequence[int] = range(len(word) + 1)
    for i, letter in enumerate(typed):
        previous_row = row
        row = [i + 1]
        for j, word_letter in enumerate(word):
            cost = min(
                previous_row[j] + (letter != word_letter), previous_row[j + 1] + 1, row[j] + 1
            )
            if i and j and letter == word[j - 1] and typed[i - 1] == word_letter:
                cost = min(cost, row_before_previous[j - 1] + 1)
            row.append(cost)
        row_before_previous = previous_row
        if min(row) > limit:
            return limit + 1
    return min(*row, limit + 1)
