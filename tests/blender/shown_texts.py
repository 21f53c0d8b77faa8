# SPDX-License-Identifier: GPL-3.0-or-later
"""All texts that the add-on can show, collected from Blender's classes and from the source."""

from __future__ import annotations

import ast
import builtins
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy

import blender_addon
import uner3d_core

SOURCES = (Path(blender_addon.__file__).parent, Path(uner3d_core.__file__).parent)
NOT_IN_THE_PANEL = (
    "evaluation",  # commands: bench, compare, hold out
    "studio",  # commands: the scenes of the bench
    "training",
    "dataset",
    "cli",
    "doctor",
    "network",
    "__main__",
    "translations",
)
"""Parts of a module's path whose texts reach a terminal alone."""

NAMES_DATA = ("nodes", "cloud", "compat", "builds", "capture_script", "complaints", "base_python", "place")
"""Modules of the add-on with strings that name sockets, wheels or patterns; their sentences are shown."""

NOT_SHOWN = {
    "bytes {}-",
    "not installed",
    "preferences.addon_show",
    "checksum",
    "disk full",
    "insecure",
    "it gave no report",
    "long path",
    "no build",
    "no venv",
    "uner3d check",
    "uner3d engine",
    "uner3d input survey",
    "uner3d weights",
    "No module named uner3d_core",
    "Tunnel connection failed",
    "Application Support",
    "Error:",
    "UNeR3D Cloud",
    "UNeR3D Cameras",
    "UNeR3D Views",
    "UNeR3D Masks",
    "{} Mesh",
    "{} Preview",
}
"""Names of data, threads, folders and faults, and words of other programs, in the add-on's source."""

_LAYOUT = {"label", "operator", "operator_menu_enum", "prop", "menu", "popover", "progress", "prop_search"}
_LAYOUT |= {"template_list", "column_flow", "panel", "prop_menu_enum", "separator"}
_TELLING = {"log", "stage", "report", "translated", "draw_sentences", "counted"}
_SENTENCE = re.compile(r"[A-ZÄ“{][^\n]* [^\n]*[.?!]", re.DOTALL)
_PLACEHOLDER = re.compile(r"\{[a-z_0-9]*(?::[^{}\"]*)?\}")
_WORDS = re.compile(r"(?!.*[|\\])[^\n]*[a-z][^\n]* [^\n]*|[^\n]* [^\n]*[a-z]{2}[^\n]*", re.DOTALL)
_WORD = re.compile(r"[A-Za-z]{2}")


def of_classes() -> dict[str, str]:
    """Names and descriptions of the add-on's classes, properties and enum items, and where each is from."""
    found: dict[str, str] = {}

    def add(text: Any, where: str) -> None:
        if isinstance(text, str) and _WORD.search(text):
            found.setdefault(text, where)

    for cls in classes():
        for attribute in ("bl_label", "bl_description"):
            add(getattr(cls, attribute, ""), f"{cls.__name__}.{attribute}")
        for name, words in properties(cls):
            where = f"{cls.__name__}.{name}"
            add(words.get("name"), where)
            add(words.get("description"), where)
            items = words.get("items", ())
            for item in items if isinstance(items, list | tuple) else ():
                add(item[1], where)
                add(item[2], where)
    return found


def classes() -> list[Any]:
    """The add-on's registered classes."""
    bases = (bpy.types.Operator, bpy.types.Panel, bpy.types.PropertyGroup, bpy.types.AddonPreferences)
    bases = (*bases, bpy.types.UIList, bpy.types.Menu, bpy.types.FileHandler, bpy.types.Header)
    return [
        cls
        for base in bases
        for cls in base.__subclasses__()
        if cls.__module__.startswith(blender_addon.__name__) and getattr(cls, "is_registered", True)
    ]


def properties(cls: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name of each of a class's own properties, and what it was made with."""
    made = {
        name: made
        for base in reversed(cls.__mro__)
        for name, made in inspect.get_annotations(base).items()
        if hasattr(made, "keywords")
    }
    for name, one in made.items():
        yield name, one.keywords


def of_layouts() -> dict[str, str]:
    """Constant texts that are given to layouts, which Blender translates by itself."""
    found: dict[str, str] = {}
    for path, tree in _modules():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and _name(call.func) in _LAYOUT:
                for keyword in call.keywords:
                    if keyword.arg in {"text", "placeholder"}:
                        for text in _constants(keyword.value):
                            found.setdefault(text, f"{path.name}:{call.lineno}")
    return {text: where for text, where in found.items() if _WORD.search(text)}


def of_source() -> dict[str, str]:
    """Sentences, texts of errors, logs, stages and layouts; values are written as ``{}``."""
    found: dict[str, str] = {}
    for path, tree in _modules():
        ignored = set(_documentation(tree))
        within_addon = SOURCES[0] in path.parents and path.stem not in NAMES_DATA
        parts = {
            id(part) for text in ast.walk(tree) if isinstance(text, ast.JoinedStr) for part in text.values
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _is_builtin_error(_name(node.func)):
                ignored |= {id(part) for part in ast.walk(node)}
        for node in ast.walk(tree):
            texts: list[str] = []
            if isinstance(node, ast.Call) and _tells(_name(node.func)):
                values = [
                    *node.args,
                    *(k.value for k in node.keywords if k.arg in {None, "text", "placeholder"}),
                ]
                for value in values:
                    texts += _templates(value)
            if isinstance(node, ast.Constant | ast.JoinedStr) and not {id(node)} & (ignored | parts):
                texts += [text for text in _templates(node) if _SENTENCE.fullmatch(text)]
            texts += _stages(node)
            if (
                within_addon
                and isinstance(node, ast.Constant | ast.JoinedStr)
                and id(node) not in ignored | parts
            ):
                texts += [text for text in _templates(node) if _WORDS.fullmatch(text)]
            for text in texts:
                if (
                    '{"' not in text
                    and _WORD.search(_PLACEHOLDER.sub("", text))
                    and text.strip() not in NOT_SHOWN
                    and not text.isupper()
                    and id(node) not in ignored
                ):
                    found.setdefault(text.strip(), f"{path.name}:{node.lineno}")  # type: ignore[attr-defined]
    return found


def written() -> set[str]:
    """Every string and template in the source, whatever it is for."""
    found = set()
    for path in (path for source in SOURCES for path in source.rglob("*.py")):
        if "translations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant | ast.JoinedStr):
                found.update(text.strip() for text in _templates(node))
    return found


def _modules() -> Iterator[tuple[Path, ast.Module]]:
    for source in SOURCES:
        for path in sorted(source.rglob("*.py")):
            if not set(path.relative_to(source).with_suffix("").parts) & set(NOT_IN_THE_PANEL):
                yield path, ast.parse(path.read_text("utf-8"))


def _documentation(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            yield id(node.value)


def _name(function: ast.expr) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


def _is_builtin_error(name: str) -> bool:
    return name.endswith("Error") and hasattr(builtins, name)


def _tells(name: str) -> bool:
    error = name == "Cancelled" or (name.endswith("Error") and not hasattr(builtins, name))
    return error or name in _TELLING or name in _LAYOUT - {"prop", "template_list", "operator_menu_enum"}


def _templates(node: ast.AST) -> list[str]:
    """Texts that an expression can be, with ``{}`` for each value."""
    if isinstance(node, ast.Constant):
        return [_PLACEHOLDER.sub("{}", node.value)] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return ["".join(p.value if isinstance(p, ast.Constant) else "{}" for p in node.values)]
    if isinstance(node, ast.IfExp):
        return _templates(node.body) + _templates(node.orelse)
    if isinstance(node, ast.Tuple | ast.List | ast.Starred | ast.BoolOp):
        return [text for part in ast.iter_child_nodes(node) for text in _templates(part)]
    return []


def _stages(node: ast.AST) -> list[str]:
    """Names of stages whose times are kept: keys of what is called ``stages``."""
    if (
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Dict)
        and _name(node.targets[0]) == "stages"
    ):
        return [text for key in node.value.keys if key is not None for text in _templates(key)]
    if isinstance(node, ast.Subscript) and _name(node.value) == "stages":
        return _templates(node.slice)
    return []


def _constants(node: ast.AST) -> list[str]:
    return [text for text in _templates(node) if "{}" not in text]
