"""Parser of quick add: finds items and one phrase in a text. The remaining words are the title."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from taskstead.domain.quick_add.due_dates import find_due_date
from taskstead.domain.quick_add.items import add_item, drop_duplicates, find_item
from taskstead.domain.quick_add.language import Language, fold_word
from taskstead.domain.quick_add.repeats import find_repeat
from taskstead.domain.quick_add.result import (
    DateOrder,
    Issue,
    Phrase,
    QuickAdd,
    Span,
    SpanKind,
)
from taskstead.domain.quick_add.sentence import Sentence
from taskstead.domain.quick_add.times import format_time
from taskstead.domain.quick_add.words import SplitText, Word, split_text

# Longer phrases are not searched for, so that the time does not grow with the text's square.
_MAX_PHRASE_WORDS = 40
_MESSAGES = {
    "no_such_day": "There is no such day, so this is a part of the title.",
    "repeat_never": "The repeat ends before its first day, so this is a part of the title.",
}


def parse_quick_add(
    text: str,
    *,
    now: datetime,
    time_zone: ZoneInfo,
    language: Language,
    date_order: DateOrder | None = None,
) -> QuickAdd:
    """Parse a text.

    Items are recognised anywhere. A phrase (a due date or a repeat) is recognised at the end or
    else at the beginning of the other words, if it leaves a title. The longest phrase wins.

    Args:
        text: the text.
        now: the current time, with a time zone.
        time_zone: the time zone of the user, which determines today.
        language: the language of dates and repeats.
        date_order: the order of day and month in dates with slashes. None means that they are text.
    """
    sentence = Sentence([], language, now.astimezone(time_zone), date_order)
    split = split_text(text)
    task = QuickAdd(description=split.description, errors=[*split.errors])
    words = _read_items(task, split, sentence)
    sentence = replace(sentence, keys=_make_keys(words, language))
    task.title = " ".join(_read_phrase(task, split.words, words, sentence))
    if split.description_start is not None:
        task.spans.append(Span("description", split.description_start, len(text)))
    _check(task, text)
    task.spans.sort(key=lambda span: span.start)
    task.errors.sort(key=lambda error: error.start)
    return task


def _read_items(task: QuickAdd, split: SplitText, sentence: Sentence) -> list[Word]:
    """Add all items to the task; return the other words."""
    words = []
    for word in split.words:
        item = find_item(word, sentence)
        if item is None:
            words.append(word)
        else:
            add_item(task, item, word)
    task.tags = drop_duplicates(task.tags)
    task.reminders = drop_duplicates(task.reminders)
    return words


def _make_keys(words: list[Word], language: Language) -> list[str]:
    """Return the keys of the words at the beginning and the end, where a phrase may be."""
    last = max(_MAX_PHRASE_WORDS, len(words) - _MAX_PHRASE_WORDS - 1)
    return [
        *(_make_plain_key(word, language) for word in words[:_MAX_PHRASE_WORDS]),
        *([""] * len(words[_MAX_PHRASE_WORDS:last])),
        *(_make_plain_key(word, language) for word in words[last:]),
    ]


def _make_plain_key(word: Word, language: Language) -> str:
    return _make_key(word, language) if word.kind == "plain" else ""


def _make_key(word: Word, language: Language) -> str:
    # A comma separates the parts of a phrase: "every mon, wed and fri", "dec 1, 2027".
    return fold_word(word.text, language.letters).removesuffix(",")


def _read_phrase(
    task: QuickAdd, all_words: list[Word], words: list[Word], sentence: Sentence
) -> list[str]:
    """Add the due date or the repeat to the task; return the words of the title.

    Args:
        task: the task.
        all_words: all words, in the order of the text.
        words: the words that are not items.
        sentence: the keys of these words.
    """
    start, phrase = _find_phrase_at_end(words, sentence)
    phrase = _drop_unusable(task, phrase, words)
    if phrase is None:
        start = 0
        phrase = _drop_unusable(task, _find_phrase_at_beginning(words, sentence), words)
    if phrase is None:
        return [word.text for word in words]
    _add_phrase(task, phrase)
    _add_phrase_spans(task, phrase, words[start : phrase.end], all_words)
    title = [word.text for word in words[:start] + words[phrase.end :]]
    return _drop_comma(title) if start > 0 and words[start - 1].kind == "plain" else title


def _drop_comma(title: list[str]) -> list[str]:
    """Return the words without a comma at their end, unless nothing else is left."""
    last = title[-1].removesuffix(",")
    rest = title[:-1] if last == "" else [*title[:-1], last]
    return rest or title


def _find_phrase_at_end(words: list[Word], sentence: Sentence) -> tuple[int, Phrase | None]:
    """Return the longest phrase that ends with the last word, and the index of its first word.

    If the longest phrase is rejected, no shorter one is used: "for friday at 9" does not mean today
    at 9. A backslash before the first word rejects the whole phrase.
    """
    keys = sentence.keys
    for start in range(max(0, len(words) - _MAX_PHRASE_WORDS), len(words)):
        word = words[start]
        if word.kind == "escaped":
            keys[start] = _make_key(word, sentence.language)
        phrase = _find_phrase(sentence, start) if keys[start] else None
        if word.kind == "escaped":
            keys[start] = ""
        if phrase is not None and phrase.end == len(words):
            is_text = start == 0 or word.kind == "escaped" or _belongs_to_title(sentence, start)
            return start, None if is_text else phrase
    return 0, None


def _belongs_to_title(sentence: Sentence, start: int) -> bool:
    """Return whether a word such as "before" or "the" precedes a phrase at the end of the text."""
    language = sentence.language
    if sentence.keys[start - 1] not in language.no_phrase_after:
        return False
    has_lead_in = language.lead_ins.skip(sentence.keys, start) is not None
    return not has_lead_in and sentence.keys[start] not in language.at


def _find_phrase_at_beginning(words: list[Word], sentence: Sentence) -> Phrase | None:
    phrase = _find_phrase(sentence, 0)
    if phrase is None or phrase.end == len(words):
        return None
    return None if phrase.end == 1 and _is_title(words, sentence) else phrase


def _is_title(words: list[Word], sentence: Sentence) -> bool:
    """Return whether the first word is the title of a person, as in "Fr. Müller anrufen"."""
    is_abbreviation = sentence.keys[0] in sentence.language.titles and words[0].text[-1] == "."
    return is_abbreviation and words[1].text[:1].isupper()


def _find_phrase(sentence: Sentence, index: int) -> Phrase | None:
    try:
        return find_repeat(sentence, index) or find_due_date(sentence, index)
    except (OverflowError, ValueError):
        # The date is after the year 9999.
        return None


def _drop_unusable(task: QuickAdd, phrase: Phrase | None, words: list[Word]) -> Phrase | None:
    """Return the phrase, or None and add a warning if it cannot be used."""
    if phrase is None or phrase.issue is None:
        return phrase
    start, end = words[phrase.issue_start].start, words[phrase.issue_end - 1].end
    task.warnings.append(Issue(phrase.issue, _MESSAGES[phrase.issue], start, end))
    return None


def _add_phrase(task: QuickAdd, phrase: Phrase) -> None:
    time = "" if phrase.minutes is None else f"T{format_time(phrase.minutes)}:00"
    task.due_date = f"{phrase.day}{time}"
    task.repeat_rule = phrase.rule
    if phrase.counts_from_completion:
        task.repeat_mode = "completion"


def _add_phrase_spans(
    task: QuickAdd, phrase: Phrase, words: list[Word], all_words: list[Word]
) -> None:
    """Add a span for each part of the phrase. Items may separate the parts."""
    kind: SpanKind = "due_date" if phrase.rule is None else "repeat"
    starts = {word.start for word in words}
    span_start: int | None = None
    span_end = 0
    for word in all_words:
        if word.start in starts:
            span_start = word.start if span_start is None else span_start
            span_end = word.end
        elif span_start is not None:
            task.spans.append(Span(kind, span_start, span_end))
            span_start = None
    if span_start is not None:
        task.spans.append(Span(kind, span_start, span_end))


def _check(task: QuickAdd, text: str) -> None:
    if not task.title:
        message = "The text has no title. Add words that are not a date, a name or a sign."
        task.errors.append(Issue("no_title", message, 0, len(text)))
    if task.due_date is None:
        message = "A reminder requires a due date. Add a date, or remove the reminder."
        task.errors += [
            Issue("reminder_without_date", message, span.start, span.end)
            for span in task.spans
            if span.kind == "reminder"
        ]
