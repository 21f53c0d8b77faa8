# SPDX-License-Identifier: GPL-3.0-or-later
"""The geometry-nodes group that shows a cloud, and its materials; built by code, shared by every cloud."""

from __future__ import annotations

from typing import Any

import bpy

from . import compat

COLOUR = "Col"
"""Name of the colour attribute, the one Blender's own PLY importer gives it."""
NORMAL = "normal"
CONFIDENCE = "confidence"
RANK = "rank"

GROUP_NAME = "UNeR3D Cloud 2"
"""The group's name carries its version: a file keeps the group that it was made with."""
MATERIAL_NAME = "UNeR3D Colours"
LIT_MATERIAL_NAME = "UNeR3D Colours, lit"

LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Weights of linear red, green and blue in their grey (ITU-R BT.709)."""

SHAPES = ("Points", "Spheres", "Cubes", "Discs", "Object")
"""What the group can show at a point, in the order of its menu."""


def cloud_node_group() -> Any:
    """Get the group that turns a mesh of loose vertices into what one sees; build it where there is none.

    Its inputs are ``Density`` and ``Render Density`` (the shares of the points shown in the viewport and in
    renders, 0 to 1), ``Minimum Confidence`` (less sure points are not shown), ``Radius`` (metres), ``Relative
    Radius`` (above 0 it takes the place of the radius, in distances between neighbours at the density shown),
    ``Spacing`` (that distance, in metres, of all points), ``Size by Confidence`` (0 to 1: how much smaller
    unsure points are), ``Shape`` (one of :data:`SHAPES`), ``Object`` (instanced where the shape is
    ``Object``, one of its metres to a radius), ``Exposure`` (stops), ``Saturation`` (1 leaves it), ``Solid
    Colours`` (real geometry that carries the colours into Solid view) and ``Material``.
    """
    tree: Any = bpy.data.node_groups.get(GROUP_NAME)
    if tree is not None and tree.bl_idname == "GeometryNodeTree" and tree.library is None:
        return tree
    tree = bpy.data.node_groups.new(GROUP_NAME, "GeometryNodeTree")
    tree.is_modifier = True
    _build_interface(tree)
    _build_nodes(tree)
    return tree


def colour_material(lit: bool) -> Any:
    """Get the material that shows the points' colours; build it where there is none.

    Parameters
    ----------
    lit : bool
        Whether the scene's lamps light the points. Unlit, a rendered cloud has the colours of the pictures,
        whose light is already in them.
    """
    name = LIT_MATERIAL_NAME if lit else MATERIAL_NAME
    material: Any = bpy.data.materials.get(name)
    if material is not None and material.library is None:
        return material
    material = bpy.data.materials.new(name)
    compat.enable_nodes(material)
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    output = _node(nodes, "ShaderNodeOutputMaterial", 400, 0)
    if lit:
        shader = _node(nodes, "ShaderNodeBsdfPrincipled", 100, 0)
        shader.inputs["Roughness"].default_value = 1.0
        colour_input = shader.inputs["Base Color"]
    else:
        shader = _node(nodes, "ShaderNodeEmission", 100, 0)
        colour_input = shader.inputs["Color"]
        # A million glowing points are pictures, not a million lamps to sample.
        material.cycles.emission_sampling = "NONE"
    # Points and real geometry have the attribute themselves, instances on their instancer; the other one
    # of the two reads black.
    add = _node(nodes, "ShaderNodeVectorMath", -150, 0)
    add.operation = "ADD"
    for row, kind in enumerate(("GEOMETRY", "INSTANCER")):
        attribute = _node(nodes, "ShaderNodeAttribute", -400, 100 - 250 * row)
        attribute.attribute_type = kind
        attribute.attribute_name = COLOUR
        links.new(attribute.outputs["Color"], add.inputs[row])
    links.new(add.outputs["Vector"], colour_input)
    links.new(shader.outputs[0], output.inputs["Surface"])
    return material


def _node(nodes: Any, kind: str, x: float, y: float) -> Any:
    node = nodes.new(kind)
    node.location = (x, y)
    return node


def _build_interface(tree: Any) -> None:
    def add(name: str, kind: str, description: str = "", in_out: str = "INPUT", **values: Any) -> None:
        socket: Any = tree.interface.new_socket(
            name, description=description, in_out=in_out, socket_type=f"NodeSocket{kind}"
        )
        for key, value in values.items():
            setattr(socket, key, value)

    add("Geometry", "Geometry", in_out="OUTPUT")
    add("Geometry", "Geometry")

    def add_share(name: str, default: float, description: str) -> None:
        add(
            name,
            "Float",
            description,
            subtype="FACTOR",
            default_value=default,
            min_value=0.0,
            max_value=1.0,
        )

    shown = "Share of the points shown in {}; a lower one shows some of the same points, still evenly spread"
    add_share("Density", 1.0, shown.format("the viewport"))
    add_share("Render Density", 1.0, shown.format("renders"))
    add_share("Minimum Confidence", 0.0, "Points that fewer views agreed on are not shown")
    add(
        "Radius",
        "Float",
        "Radius of a point, half the edge of a cube",
        subtype="DISTANCE",
        default_value=0.01,
        min_value=0.0,
    )
    add(
        "Relative Radius",
        "Float",
        "Radius in distances between neighbours, which grow as fewer points are shown; 0 takes Radius",
        default_value=0.0,
        min_value=0.0,
    )
    add(
        "Spacing",
        "Float",
        "Distance between neighbours where all points are shown",
        subtype="DISTANCE",
        default_value=0.01,
        min_value=0.0,
    )
    add_share("Size by Confidence", 0.0, "How much smaller points are that fewer views agreed on")
    add("Shape", "Menu", "What stands at each point")
    add("Object", "Object", "Stands at each point if the shape is Object; 1 m of it becomes one radius")
    add("Exposure", "Float", "Stops by which the colours are brighter", default_value=0.0)
    add("Saturation", "Float", "0 is grey, 1 as in the pictures", default_value=1.0, min_value=0.0)
    add("Solid Colours", "Bool", "Make real geometry, whose colours Solid view shows with Color: Attribute")
    add("Material", "Material", "Shows the colours when rendered")


def _build_nodes(tree: Any) -> None:
    nodes, links = tree.nodes, tree.links
    inputs: Any = _node(nodes, "NodeGroupInput", -1200, 0).outputs
    output = _node(nodes, "NodeGroupOutput", 1200, 0)
    density = _build_density(tree, inputs)
    radius = _build_radius(tree, inputs, density)
    # What is worked out for a point comes after the choice of the points, and so costs nothing for others.
    points = _build_colours(tree, inputs, _build_points(tree, inputs, density, radius))
    # A menu may lead to one menu switch only: it gives the number of the shape, and that decides.
    shape = _menu_switch(nodes, -800, -500)
    links.new(inputs["Shape"], shape.inputs["Menu"])
    instances = _build_instances(tree, inputs, points, shape.outputs[0], radius)

    has_instances = _switch(nodes, 400, 0)
    links.new(shape.outputs[0], _enabled(has_instances.inputs, "Switch"))
    links.new(points, _enabled(has_instances.inputs, "False"))
    links.new(instances, _enabled(has_instances.inputs, "True"))
    solid = _switch(nodes, 700, 0)
    links.new(inputs["Solid Colours"], _enabled(solid.inputs, "Switch"))
    links.new(_enabled(has_instances.outputs, "Output"), _enabled(solid.inputs, "False"))
    links.new(_build_solid(tree, inputs["Geometry"], instances), _enabled(solid.inputs, "True"))
    material = _node(nodes, "GeometryNodeSetMaterial", 900, 0)
    links.new(_enabled(solid.outputs, "Output"), material.inputs["Geometry"])
    links.new(inputs["Material"], material.inputs["Material"])
    links.new(material.outputs[0], output.inputs["Geometry"])


def _build_density(tree: Any, inputs: Any) -> Any:
    """Take one density in the viewport, the other in renders."""
    nodes, links = tree.nodes, tree.links
    in_viewport = _node(nodes, "GeometryNodeIsViewport", -1800, 300)
    density = _switch(nodes, -1600, 250, "FLOAT")
    links.new(in_viewport.outputs[0], _enabled(density.inputs, "Switch"))
    links.new(inputs["Render Density"], _enabled(density.inputs, "False"))
    links.new(inputs["Density"], _enabled(density.inputs, "True"))
    return _enabled(density.outputs, "Output")


def _build_colours(tree: Any, inputs: Any, points: Any) -> Any:
    """Correct the colours: ``2^exposure · (grey + saturation · (colour − grey))``, nothing below 0."""
    nodes, links = tree.nodes, tree.links
    colour = _attribute(nodes, COLOUR, "FLOAT_COLOR", -2600, 700)
    grey = _vector_math(nodes, links, "DOT_PRODUCT", -2400, 600, colour, LUMINANCE)
    level = grey.outputs["Value"]
    away = _vector_math(nodes, links, "SUBTRACT", -2200, 700, colour, level).outputs["Vector"]
    kept = _vector_math(nodes, links, "MULTIPLY", -2000, 700, away, inputs["Saturation"]).outputs["Vector"]
    saturated = _vector_math(nodes, links, "ADD", -1800, 700, kept, level).outputs["Vector"]
    gain = _math(nodes, links, "POWER", -2000, 500, 2.0, inputs["Exposure"])
    exposed = _vector_math(nodes, links, "MULTIPLY", -1600, 700, saturated, gain).outputs["Vector"]
    positive = _vector_math(nodes, links, "MAXIMUM", -1400, 700, exposed, (0.0, 0.0, 0.0)).outputs["Vector"]
    store = _node(nodes, "GeometryNodeStoreNamedAttribute", -1200, 600)
    store.data_type, store.domain = "FLOAT_COLOR", "POINT"
    store.inputs["Name"].default_value = COLOUR
    links.new(points, store.inputs["Geometry"])
    links.new(positive, _enabled(store.inputs, "Value"))
    # Where nothing is corrected the colours are not copied.
    off = _math(nodes, links, "ABSOLUTE", -1600, 450, inputs["Exposure"])
    pale = _math(nodes, links, "SUBTRACT", -1800, 450, inputs["Saturation"], 1.0)
    change = _math(nodes, links, "ADD", -1400, 450, off, _math(nodes, links, "ABSOLUTE", -1600, 350, pale))
    changed = _switch(nodes, -1000, 500)
    links.new(
        _math(nodes, links, "GREATER_THAN", -1200, 400, change, 1e-6), _enabled(changed.inputs, "Switch")
    )
    links.new(points, _enabled(changed.inputs, "False"))
    links.new(store.outputs["Geometry"], _enabled(changed.inputs, "True"))
    return _enabled(changed.outputs, "Output")


def _build_radius(tree: Any, inputs: Any, density: Any) -> Any:
    """Radius of each point: absolute or by the spacing, which grows with the root of how few are shown."""
    nodes, links = tree.nodes, tree.links
    shown = _math(nodes, links, "MAXIMUM", -1600, -400, density, 1e-6)
    root = _math(nodes, links, "SQRT", -1400, -400, shown)
    apart = _math(nodes, links, "DIVIDE", -1200, -400, inputs["Spacing"], root)
    relative = _math(nodes, links, "MULTIPLY", -1000, -400, inputs["Relative Radius"], apart)
    chosen = _switch(nodes, -800, -300, "FLOAT")
    is_relative = _math(nodes, links, "GREATER_THAN", -1000, -250, inputs["Relative Radius"], 0.0)
    links.new(is_relative, _enabled(chosen.inputs, "Switch"))
    links.new(inputs["Radius"], _enabled(chosen.inputs, "False"))
    links.new(relative, _enabled(chosen.inputs, "True"))
    # 1 − size by confidence · (1 − confidence)
    doubt = _math(
        nodes, links, "SUBTRACT", -1200, -600, 1.0, _attribute(nodes, CONFIDENCE, "FLOAT", -1400, -600)
    )
    less = _math(nodes, links, "MULTIPLY", -1000, -600, inputs["Size by Confidence"], doubt)
    share = _math(nodes, links, "SUBTRACT", -800, -600, 1.0, less)
    return _math(nodes, links, "MULTIPLY", -650, -400, _enabled(chosen.outputs, "Output"), share)


def _build_points(tree: Any, inputs: Any, density: Any, radius: Any) -> Any:
    """Show the points whose rank is below the density and that are sure enough."""
    nodes, links = tree.nodes, tree.links
    rank = _attribute(nodes, RANK, "FLOAT", -1000, -150)
    shown = _compare(nodes, links, "LESS_THAN", -800, -100, rank, density)
    confidence = _attribute(nodes, CONFIDENCE, "FLOAT", -1000, 100)
    sure = _compare(nodes, links, "GREATER_EQUAL", -800, 100, confidence, inputs["Minimum Confidence"])
    both = _node(nodes, "FunctionNodeBooleanMath", -700, 200)
    both.operation = "AND"
    links.new(shown, both.inputs[0])
    links.new(sure, both.inputs[1])
    points = _node(nodes, "GeometryNodeMeshToPoints", -600, 0)
    points.mode = "VERTICES"
    links.new(inputs["Geometry"], points.inputs["Mesh"])
    links.new(both.outputs[0], points.inputs["Selection"])
    links.new(radius, points.inputs["Radius"])
    return points.outputs["Points"]


def _build_instances(tree: Any, inputs: Any, points: Any, shape: Any, radius: Any) -> Any:
    """Put the shape, of radius 1 scaled to the radius, at each point with its z axis along the normal."""
    nodes, links = tree.nodes, tree.links
    # Solid view can't show point primitives in their colours: there, a point is a coarse ball.
    ball = _node(nodes, "GeometryNodeMeshIcoSphere", -600, -250)
    ball.inputs["Subdivisions"].default_value = 1
    sphere = _node(nodes, "GeometryNodeMeshIcoSphere", -600, -400)
    sphere.inputs["Subdivisions"].default_value = 2
    smooth = _node(nodes, "GeometryNodeSetShadeSmooth", -400, -400)
    links.new(sphere.outputs["Mesh"], smooth.inputs[0])
    cube = _node(nodes, "GeometryNodeMeshCube", -600, -550)
    cube.inputs["Size"].default_value = (2.0, 2.0, 2.0)
    disc = _node(nodes, "GeometryNodeMeshCircle", -600, -750)
    disc.fill_type = "NGON"
    disc.inputs["Vertices"].default_value = 12
    own = _node(nodes, "GeometryNodeObjectInfo", -600, -950)
    own.inputs["As Instance"].default_value = True
    links.new(inputs["Object"], own.inputs["Object"])

    chosen = _node(nodes, "GeometryNodeIndexSwitch", -200, -400)
    chosen.data_type = "GEOMETRY"
    links.new(shape, chosen.inputs["Index"])
    meshes = (ball.outputs["Mesh"], smooth.outputs[0], cube.outputs["Mesh"], disc.outputs["Mesh"])
    for number, source in enumerate((*meshes, own.outputs["Geometry"])):
        if number >= len(chosen.index_switch_items):
            chosen.index_switch_items.new()
        links.new(source, chosen.inputs[number + 1])

    align = _node(nodes, "FunctionNodeAlignRotationToVector", -200, -150)
    align.axis = "Z"
    links.new(_attribute(nodes, NORMAL, "FLOAT_VECTOR", -400, -100), align.inputs["Vector"])
    instances = _node(nodes, "GeometryNodeInstanceOnPoints", 0, -200)
    links.new(points, instances.inputs["Points"])
    links.new(chosen.outputs[0], instances.inputs["Instance"])
    # Half the time of a million instances goes into their rotations, which balls don't need.
    turned = _switch(nodes, -100, -50, "ROTATION")
    is_no_ball = _compare(nodes, links, "GREATER_THAN", -200, 0, shape, SHAPES.index("Spheres") + 0.5)
    links.new(is_no_ball, _enabled(turned.inputs, "Switch"))
    links.new(align.outputs["Rotation"], _enabled(turned.inputs, "True"))
    links.new(_enabled(turned.outputs, "Output"), instances.inputs["Rotation"])
    links.new(radius, instances.inputs["Scale"])
    return instances.outputs["Instances"]


def _build_solid(tree: Any, geometry: Any, instances: Any) -> Any:
    """Make a real mesh whose active colour attribute is the cloud's, for Solid view.

    Realized instances have no active attribute. Joining takes it from the first mesh, so one vertex of the
    cloud goes before them; a vertex without a face is not drawn.
    """
    nodes, links = tree.nodes, tree.links
    index = _node(nodes, "GeometryNodeInputIndex", -200, -700)
    first = _node(nodes, "GeometryNodeDeleteGeometry", 0, -500)
    first.domain = "POINT"
    links.new(index.outputs[0], first.inputs["Selection"])  # every index but 0 is true
    links.new(geometry, first.inputs["Geometry"])
    realized = _node(nodes, "GeometryNodeRealizeInstances", 200, -250)
    links.new(instances, realized.inputs[0])
    join = _node(nodes, "GeometryNodeJoinGeometry", 400, -300)
    links.new(realized.outputs[0], join.inputs[0])
    links.new(first.outputs[0], join.inputs[0])  # the last link made is the first one joined
    return join.outputs[0]


def _switch(nodes: Any, x: float, y: float, kind: str = "GEOMETRY") -> Any:
    node = _node(nodes, "GeometryNodeSwitch", x, y)
    node.input_type = kind
    return node


def _feed(links: Any, socket: Any, source: Any) -> None:
    """Link a socket to another, or set its value."""
    if isinstance(source, bpy.types.NodeSocket):
        links.new(source, socket)
    else:
        socket.default_value = source


def _math(nodes: Any, links: Any, operation: str, x: float, y: float, *operands: Any) -> Any:
    node = _node(nodes, "ShaderNodeMath", x, y)
    node.operation = operation
    for socket, operand in zip(node.inputs, operands, strict=False):
        _feed(links, socket, operand)
    return node.outputs[0]


def _vector_math(nodes: Any, links: Any, operation: str, x: float, y: float, *operands: Any) -> Any:
    node = _node(nodes, "ShaderNodeVectorMath", x, y)
    node.operation = operation
    for socket, operand in zip(node.inputs, operands, strict=False):
        _feed(links, socket, operand)
    return node


def _compare(nodes: Any, links: Any, operation: str, x: float, y: float, *operands: Any) -> Any:
    node = _node(nodes, "FunctionNodeCompare", x, y)
    node.data_type, node.operation = "FLOAT", operation
    for name, operand in zip("AB", operands, strict=True):
        _feed(links, _enabled(node.inputs, name), operand)
    return node.outputs["Result"]


def _enabled(sockets: Any, name: str) -> Any:
    # Nodes with several data types have a socket for each by the same name; one of them is enabled.
    return next(socket for socket in sockets if socket.enabled and socket.name == name)


def _attribute(nodes: Any, name: str, data_type: str, x: float, y: float) -> Any:
    node = _node(nodes, "GeometryNodeInputNamedAttribute", x, y)
    node.data_type = data_type
    node.inputs["Name"].default_value = name
    return _enabled(node.outputs, "Attribute")


def _menu_switch(nodes: Any, x: float, y: float) -> Any:
    node = _node(nodes, "GeometryNodeMenuSwitch", x, y)
    node.data_type = "INT"
    # The two items that a new switch has are renamed, so that the items' numbers count from 0.
    for name, item in zip(SHAPES, node.enum_items, strict=False):
        item.name = name
    for name in SHAPES[len(node.enum_items) :]:
        node.enum_items.new(name)
    for number, name in enumerate(SHAPES):
        node.inputs[name].default_value = number
    return node
