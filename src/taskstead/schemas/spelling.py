"""Spelling correction of search words: deletion keys, and the edit distance to a prefix.

Two words that differ in one letter have a key in common: a key is the beginning of a word, as it
is or without one of its letters. So the words that are similar to a misspelt one are found by
equality, with an index. They are then ranked by their distance.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from os.path import commonprefix

# A word that search correction knows, and one that it corrects: of the letters a to z.
SHORTEST_WORD = 3
LONGEST_WORD = 24
_SPELT_WORD = re.compile(f"[a-z]{{{SHORTEST_WORD},{LONGEST_WORD}}}")
# Keys are made of so many letters at the beginning of a word. The migrations and the triggers that
# they make depend on it.
KEY_LENGTH = 7
# More words of one text are not learnt: a pasted log file has thousands that nobody searches.
_MOST_WORDS_OF_TASK = 200
# Up to this length a word may have one error, a longer one two.
_SHORT_WORD = 5
_MOST_SUGGESTIONS = 5


def is_spelt(word: str) -> bool:
    """Tell whether a word can be corrected, or be a correction."""
    return _SPELT_WORD.fullmatch(word) is not None


def list_spelt_words(*texts: Iterable[str]) -> list[str]:
    """Return the words of a task that are learnt as corrections, each once.

    Args:
        texts: the words of its texts, the most important text first.
    """
    distinct = dict.fromkeys(chain.from_iterable(texts))
    return list(islice(filter(_SPELT_WORD.fullmatch, distinct), _MOST_WORDS_OF_TASK))


def list_keys(word: str) -> set[str]:
    """Return the deletion keys of a word: its beginning, as it is and without each letter."""
    beginning = word[:KEY_LENGTH]
    shorter = {beginning[:i] + beginning[i + 1 :] for i in range(len(beginning))}
    return {beginning, *shorter}


def choose_corrections(typed: str, candidates: Iterable[str]) -> list[str]:
    """Return the words that are most similar to a misspelt one, the best first.

    A search finds words by their beginning, so the distance is the one to the beginning that is
    most similar: ``pasport`` is one letter away from ``passports``.
    """
    limit = 1 if len(typed) <= _SHORT_WORD else 2
    ranked = []
    for word in candidates:
        distance = measure_distance(typed, word, limit)
        if distance <= limit:
            # Corrections with more errors are of no interest any more.
            limit = distance
            ranked.append((distance, abs(len(word) - len(typed)), word))
    return [word for distance, _, word in sorted(ranked) if distance == limit][:_MOST_SUGGESTIONS]


def measure_distance(typed: str, word: str, limit: int) -> int:
    """Return the edit distance from a word to the most similar beginning of another.

    Insertions, deletions, substitutions and swaps of two neighbours count one each (optimal string
    alignment). A distance beyond the limit is returned as ``limit + 1``.
    """
    same = len(commonprefix((typed, word)))  # noqa: RUF071 - these are no paths
    typed, word = typed[same:], word[same : len(typed) + limit]
    before: Sequence[int] = ()
    row: Sequence[int] = range(len(word) + 1)
    for i, letter in enumerate(typed):
        above = row
        row = [i + 1]
        for j, other in enumerate(word):
            cost = min(above[j] + (letter != other), above[j + 1] + 1, row[j] + 1)
            if i and j and letter == word[j - 1] and typed[i - 1] == other:
                cost = min(cost, before[j - 1] + 1)
            row.append(cost)
        before = above
        if min(row) > limit:
            return limit + 1
    return min(*row, limit + 1)
