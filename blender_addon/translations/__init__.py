# SPDX-License-Identifier: GPL-3.0-or-later
"""What the add-on says, in the language of Blender's interface.

Blender itself translates names, tooltips and the constant texts of layouts, from a dictionary that it gets
from :func:`register`. Sentences with values, and those of errors and of the worker, are made in English and
translated where they are shown, by :func:`translated`. A text without a translation stays English.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import bpy

from uner3d_core.errors import Uner3dError

_CONTEXTS = ("*", "Operator")
_GERMAN = "de_DE"
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+")
_PLACE = "{}"
_FEW_LETTERS = 2
"""Of a sentence such as “{} of {}”, which is none of ours where it is a value: it may be somebody's name."""


def register() -> None:
    """Give Blender the translations of what it translates by itself."""
    from .german.interface import INTERFACE  # noqa: PLC0415 -- the tables are read when they are needed

    words = {(context, english): german for english, german in INTERFACE.items() for context in _CONTEXTS}
    bpy.app.translations.register(__package__ or "", {_GERMAN: words})


def unregister() -> None:
    """Take them back."""
    bpy.app.translations.unregister(__package__ or "")
    _in_german.cache_clear()


def translated(text: str) -> str:
    """Say a text of ours in the language of the interface.

    Parameters
    ----------
    text : str
        An English text with its values in it, such as “12 cameras added.”

    Returns
    -------
    str
        The same in the language that Blender's preferences choose for its interface; ``text`` itself where
        that is English, or a language or a text for which there is no translation.
    """
    if not text or bpy.app.translations.locale != _GERMAN:
        return text
    preferences: Any = bpy.context.preferences
    return _in_german(text) if preferences.view.use_translate_interface else text


def error_sentences(error: Uner3dError) -> str:
    """Say what an error says, and its hint, in the language of the interface."""
    return f"{translated(error.message)} {translated(error.hint)}".strip()


def german_table() -> dict[str, str]:
    """Gather all texts that have a translation.

    Returns
    -------
    dict of str to str
        From English, with ``{}`` for each value, to German, with ``{0}`` for the first value and so on.
    """
    from .german.addon import ADDON  # noqa: PLC0415 -- the tables are read when they are needed
    from .german.core import CORE  # noqa: PLC0415
    from .german.interface import INTERFACE  # noqa: PLC0415
    from .german.photographs import PHOTOGRAPHS  # noqa: PLC0415
    from .german.system import SYSTEM  # noqa: PLC0415

    return {**SYSTEM, **CORE, **PHOTOGRAPHS, **ADDON, **INTERFACE}


@dataclass(frozen=True)
class _Sentence:
    """A sentence with values: how it begins and ends, a pattern of all of it, and what it is in German."""

    begin: str
    end: str
    pattern: str
    german: str
    says_much: bool


@lru_cache(maxsize=1)
def _german() -> tuple[dict[str, str], tuple[_Sentence, ...]]:
    """Gather texts without values, and sentences with them.

    The sentence with the most words of its own comes first, as the others may take its words for values.
    """
    table = german_table()
    exact = {english: german for english, german in table.items() if _PLACE not in english}
    sentences = []
    for english in sorted(
        table.keys() - exact.keys(), key=lambda key: (2 * key.count(_PLACE) - len(key), key)
    ):
        parts = english.split(_PLACE)
        pattern = "(.*?)".join(re.escape(part) for part in parts)
        letters = sum(character.isalpha() for character in "".join(parts))
        sentences.append(_Sentence(parts[0], parts[-1], pattern, table[english], letters > _FEW_LETTERS))
    return exact, tuple(sentences)


@lru_cache(maxsize=4096)
def _in_german(text: str, is_value: bool = False) -> str:
    exact, sentences = _german()
    bare = text.strip()
    if _GROUPED.fullmatch(bare):
        return text.replace(",", ".")
    german = exact.get(bare)
    if german is None and bare[:1].isupper():  # a stage, for instance, that begins a line
        german = exact.get(bare[0].lower() + bare[1:])
        german = german and german[0].upper() + german[1:]
    sentences = tuple(sentence for sentence in sentences if sentence.says_much or not is_value)
    if german is None:
        german = _with_values(bare, tuple(sentence for sentence in sentences if ". " in sentence.end))
    if german is None:
        german = _with_its_hint(bare, exact)
    if german is None:
        german = _with_values(bare, sentences)
    return text if german is None else text.replace(bare, german)


def _with_values(text: str, sentences: tuple[_Sentence, ...]) -> str | None:
    """Say a sentence with its values; None where it is none of ``sentences``."""
    for sentence in sentences:
        if text.startswith(sentence.begin) and text.endswith(sentence.end):
            found = re.fullmatch(sentence.pattern, text, re.DOTALL)
            if found:
                return sentence.german.format(*(_value(found, n) for n in range(1, len(found.groups()) + 1)))
    return None


def _with_its_hint(text: str, exact: dict[str, str]) -> str | None:
    """Say what is wrong and what to do, where they are one text; None where no hint of ours ends it."""
    for end in re.finditer(r"[.!?] ", text):
        hint = exact.get(text[end.end() :])
        said = text[: end.end() - 1]
        if hint is not None and _in_german(said) != said:
            return f"{_in_german(said)} {hint}"
    return None


def _value(found: re.Match[str], number: int) -> str:
    """Say a value in German: a word or a sentence of ours, or a large number; a name in quotes stays."""
    value, (start, end) = found[number], found.span(number)
    if found.string[start - 1 : start] == "“" and found.string[end : end + 1] == "”":
        return value
    if _GROUPED.fullmatch(value):
        return value.replace(",", ".")
    return _in_german(value, is_value=True) if value else value
