# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between Blender's versions: the one module that asks for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy


def set_modifier_input(modifier: Any, name: str, value: Any) -> None:
    """Set an input of a geometry-nodes modifier by its name.

    Parameters
    ----------
    modifier : bpy.types.NodesModifier
        The modifier, whose node group has the input.
    name : str
        Name of the input as the group's interface calls it.
    value : object
        The new value; of a menu, the name of its item.

    Raises
    ------
    KeyError
        If the group has no such input.
    """
    socket = _input_socket(modifier, name)
    if hasattr(modifier, "properties"):  # Blender 5.2 and later
        getattr(modifier.properties.inputs, socket.identifier).value = value
    elif socket.socket_type == "NodeSocketMenu":
        modifier[socket.identifier] = _menu_items(modifier, name).index(value)
    else:
        modifier[socket.identifier] = value
    # Neither way tells the dependency graph.
    modifier.id_data.update_tag()


def get_modifier_input(modifier: Any, name: str) -> Any:
    """Read an input of a geometry-nodes modifier by its name; of a menu, the name of its item.

    Raises
    ------
    KeyError
        If the group has no such input.
    """
    socket = _input_socket(modifier, name)
    if hasattr(modifier, "properties"):  # Blender 5.2 and later
        return getattr(modifier.properties.inputs, socket.identifier).value
    value = modifier[socket.identifier]
    return _menu_items(modifier, name)[value] if socket.socket_type == "NodeSocketMenu" else value


def has_modifier_input(modifier: Any, name: str) -> bool:
    """Tell whether the group of a geometry-nodes modifier has an input of that name."""
    return _find_socket(modifier, name) is not None


def _input_socket(modifier: Any, name: str) -> Any:
    socket = _find_socket(modifier, name)
    if socket is None:
        raise KeyError(f"The modifier “{modifier.name}” has no input “{name}”.")
    return socket


def _find_socket(modifier: Any, name: str) -> Any:
    tree = modifier.node_group
    for item in tree.interface.items_tree if tree else ():
        if item.item_type == "SOCKET" and item.in_out == "INPUT" and item.name == name:
            return item
    return None


def _menu_items(modifier: Any, name: str) -> list[str]:
    # Before 5.2 a menu's value is the number of the item, in the order in which the items were made.
    for node in modifier.node_group.nodes:
        if node.bl_idname == "GeometryNodeMenuSwitch" and node.inputs[0].links[0].from_socket.name == name:
            return [item.name for item in node.enum_items]
    raise KeyError(f"The modifier “{modifier.name}” has no menu “{name}”.")


def enable_nodes(material: bpy.types.Material) -> None:
    """Give a material its node tree; from Blender 5.0 on every material has one."""
    if material.node_tree is None:
        material.use_nodes = True


def set_png(image_settings: bpy.types.ImageFormatSettings) -> None:
    """Set an image format to PNG with alpha, 8 bit a channel."""
    if hasattr(image_settings, "media_type"):  # Blender 5.0 and later: limits the formats to choose from
        image_settings.media_type = "IMAGE"
    image_settings.file_format = "PNG"
    image_settings.color_mode = "RGBA"
    image_settings.color_depth = "8"
    image_settings.compression = 15


def set_multilayer_exr(image_settings: bpy.types.ImageFormatSettings) -> None:
    """Set an image format to OpenEXR with all passes in one part, 32 bit a channel."""
    if hasattr(image_settings, "media_type"):  # Blender 5.0 and later: limits the formats to choose from
        image_settings.media_type = "MULTI_LAYER_IMAGE"
    image_settings.file_format = "OPEN_EXR_MULTILAYER"
    image_settings.color_depth = "32"
    image_settings.exr_codec = "ZIP"
    if hasattr(image_settings, "use_exr_interleave"):  # Blender 5.0 and later; before, it is always one part
        image_settings.use_exr_interleave = True


def literal_path(path: Path) -> str:
    """Spell a render output path as Blender must be told it; from 4.5 on, braces are fields to fill in."""
    text = str(path)
    return text.replace("{", "{{").replace("}", "}}") if bpy.app.version >= (4, 5, 0) else text


def relative_path_options() -> set[str]:
    """Tell the options of a path property that may hold a path beside the .blend file (``//``).

    Before Blender 4.5 every one may.
    """
    return {"PATH_SUPPORTS_BLEND_RELATIVE"} if bpy.app.version >= (4, 5, 0) else set()


def disable_white_balance(view_settings: bpy.types.ColorManagedViewSettings) -> None:
    """Switch off white balance, which Blender has from 4.3 on."""
    if hasattr(view_settings, "use_white_balance"):
        view_settings.use_white_balance = False
