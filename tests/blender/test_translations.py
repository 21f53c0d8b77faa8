# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import time
from typing import Any

import bpy
import pytest
import shown_texts

from blender_addon import translations
from blender_addon.translations.german.interface import INTERFACE
from uner3d_core.errors import ImageError

_NUMBERED = re.compile(r"\{(\d)\}")


@pytest.fixture
def german(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Blender in German: its module has no languages, so it is told what a whole Blender would say."""
    app = type("App", (), {"translations": type("Translations", (), {"locale": "de_DE"})})
    view = type("View", (), {"use_translate_interface": True})
    context = type("Context", (), {"preferences": type("Preferences", (), {"view": view})})
    monkeypatch.setattr(translations, "bpy", type("Blender", (), {"app": app, "context": context}))
    return view


def test_all_that_blender_translates_by_itself_has_a_german() -> None:
    shown = {**shown_texts.of_layouts(), **shown_texts.of_classes()}
    assert len(shown) > 200
    missing = {text: where for text, where in shown.items() if text not in INTERFACE}
    assert not missing, "add these to blender_addon/translations/german/interface.py"


def test_all_that_the_source_says_has_a_german() -> None:
    shown = shown_texts.of_source()
    assert len(shown) > 350
    missing = {text: where for text, where in shown.items() if text not in translations.german_table()}
    assert not missing, "add these to blender_addon/translations/german/addon.py, or to core.py beside it"


def test_nothing_is_translated_that_is_not_said_any_more() -> None:
    said = (
        shown_texts.written()
        | {os.strerror(number) for number in errno.errorcode}
        | set(shown_texts.of_classes())
    )
    assert [text for text in translations.german_table() if text not in said] == []


def test_all_operators_and_properties_are_described() -> None:
    wrong = []
    for cls in shown_texts.classes():
        if issubclass(cls, bpy.types.Operator):
            wrong += [] if getattr(cls, "bl_description", "") else [cls.__name__]
        for name, words in shown_texts.properties(cls):
            described = words.get("description", "")
            lacking = not described or described.endswith(".")  # Blender adds the full stop
            if lacking and "HIDDEN" not in words.get("options", ()):
                wrong.append(f"{cls.__name__}.{name}")
    assert not wrong


def test_every_text_is_found_with_its_values(german: Any) -> None:
    for english, template in translations.german_table().items():
        values = [
            f"“a {n}: b.png” ({n})" if "“{}" not in english else f"/x {n}/ä: b"
            for n in range(english.count("{}"))
        ]
        assert sorted(map(int, _NUMBERED.findall(template))) == list(range(len(values))), english
        assert translations.translated(english.format(*values)) == template.format(*values)


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        (
            "“a, b” has 1,000,000 points. The viewport shows 50% of them.",
            "„a, b“ hat 1.000.000 Punkte. Das Ansichtsfenster zeigt 50% davon.",
        ),
        ("200,000", "200.000"),
        ("Draft", "Entwurf"),
        ("Fine stereo: 3 of 24", "Feines Stereo: 3 von 24"),
        ("    Write files", "    Dateien schreiben"),
        ("Cup of tea, 100,000 points", "Cup of tea, 100.000 Punkte"),
        ("512 × 512, alpha, camera to be found", "512 × 512, Alpha, Kamera wird ermittelt"),
        (
            "“points” is gone. Put it back, or leave it out.",
            "„points“ ist verschwunden. Es zurücklegen oder weglassen.",
        ),
        ("The look “Cup” is kept.", "Aussehen „Cup“ ist gespeichert."),
        ("The worker says what nobody has foreseen.", "The worker says what nobody has foreseen."),
        ("", ""),
    ],
)
def test_a_text_is_said_in_german_with_its_values(english: str, expected: str, german: Any) -> None:
    assert translations.translated(english) == expected


def test_an_error_is_said_with_its_hint(german: Any) -> None:
    error = ImageError("“C:\\a “b”.png” is gone.", "Put it back, or leave it out.")
    assert translations.error_sentences(error) == (
        "„C:\\a “b”.png“ ist verschwunden. Es zurücklegen oder weglassen."
    )


def test_english_stays_where_the_interface_is_english(german: Any) -> None:
    german.use_translate_interface = False
    assert translations.translated("3 cameras added.") == "3 cameras added."


def test_a_text_that_was_asked_for_before_costs_next_to_nothing(german: Any) -> None:
    texts = [f"{number} cameras added." for number in range(200)]
    for text in texts:
        translations.translated(text)
    start = time.perf_counter()
    for text in texts:
        translations.translated(text)
    assert time.perf_counter() - start < 2e-3


def test_the_sentences_are_read_only_when_one_is_to_be_said() -> None:
    script = (
        "import os, sys, bpy, blender_addon; blender_addon.register(); "
        "tables = {name for name in sys.modules if name.startswith('blender_addon.translations.german.')}; "
        "os._exit(tables != {'blender_addon.translations.german.interface'})"  # Python's own crashes bpy 4.2
    )
    subprocess.run([sys.executable, "-c", script], check=True)
