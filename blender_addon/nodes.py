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
    _arrange(tree)
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
    output = nodes.new("ShaderNodeOutputMaterial")
    if lit:
        shader = nodes.new("ShaderNodeBsdfPrincipled")
        shader.inputs["Roughness"].default_value = 1.0
        colour_input = shader.inputs["Base Color"]
    else:
        shader = nodes.new("ShaderNodeEmission")
        colour_input = shader.inputs["Color"]
        # A million glowing points are pictures, not a million lamps to sample.
        material.cycles.emission_sampling = "NONE"
    # Points and real geometry have the attribute themselves, instances on their instancer; the other one
    # of the two reads black.
    add = nodes.new("ShaderNodeVectorMath")
    for row, kind in enumerate(("GEOMETRY", "INSTANCER")):
        attribute = nodes.new("ShaderNodeAttribute")
        attribute.attribute_type = kind
        attribute.attribute_name = COLOUR
        links.new(attribute.outputs["Color"], add.inputs[row])
    links.new(add.outputs["Vector"], colour_input)
    links.new(shader.outputs[0], output.inputs["Surface"])
    _arrange(material.node_tree)
    return material


def _arrange(tree: Any) -> None:
    """Place the nodes of a tree in columns, each left of all that it leads to, for who looks into it.

    All at once, as Blender looks through the whole tree after each node that is placed by itself.
    """
    leads_to: dict[str, set[str]] = {node.name: set() for node in tree.nodes}
    for link in tree.links:
        leads_to[link.from_node.name].add(link.to_node.name)
    columns: dict[str, int] = {}

    def column(name: str) -> int:
        if name not in columns:
            columns[name] = 1 + max((column(other) for other in leads_to[name]), default=-1)
        return columns[name]

    filled: dict[int, int] = {}
    places: list[float] = []
    for name in leads_to:
        row = filled.get(column(name), 0)
        filled[column(name)] = row + 1
        places += (-250.0 * column(name), -250.0 * row)
    tree.nodes.foreach_set("location", places)


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
    inputs: Any = nodes.new("NodeGroupInput").outputs
    output = nodes.new("NodeGroupOutput")
    density = _build_density(tree, inputs)
    confidence = _attribute(nodes, CONFIDENCE, "FLOAT")
    radius = _build_radius(tree, inputs, density, confidence)
    # What is worked out for a point comes after the choice of the points, and so costs nothing for others.
    points = _build_colours(tree, inputs, _build_points(tree, inputs, density, confidence, radius))
    # A menu may lead to one menu switch only: it gives the number of the shape, and that decides.
    shape = _menu_switch(nodes)
    links.new(inputs["Shape"], shape.inputs["Menu"])
    instances = _build_instances(tree, inputs, points, shape.outputs[0], radius)
    shown = _switch(tree, "GEOMETRY", shape.outputs[0], points, instances)
    solid = _build_solid(tree, inputs["Geometry"], instances)
    material = nodes.new("GeometryNodeSetMaterial")
    links.new(_switch(tree, "GEOMETRY", inputs["Solid Colours"], shown, solid), material.inputs["Geometry"])
    links.new(inputs["Material"], material.inputs["Material"])
    links.new(material.outputs[0], output.inputs["Geometry"])


def _build_density(tree: Any, inputs: Any) -> Any:
    """Take one density in the viewport, the other in renders."""
    in_viewport = tree.nodes.new("GeometryNodeIsViewport").outputs[0]
    return _switch(tree, "FLOAT", in_viewport, inputs["Render Density"], inputs["Density"])


def _build_colours(tree: Any, inputs: Any, points: Any) -> Any:
    """Correct the colours: ``2^exposure · (grey + saturation · (colour − grey))``, nothing below 0."""
    nodes, links = tree.nodes, tree.links
    colour = _attribute(nodes, COLOUR, "FLOAT_COLOR")
    grey = _vector_math(tree, "DOT_PRODUCT", colour, LUMINANCE).outputs["Value"]
    away = _vector_math(tree, "SUBTRACT", colour, grey).outputs["Vector"]
    saturated = _vector_math(tree, "MULTIPLY_ADD", away, inputs["Saturation"], grey).outputs["Vector"]
    gain = _math(tree, "POWER", 2.0, inputs["Exposure"])
    exposed = _vector_math(tree, "MULTIPLY", saturated, gain).outputs["Vector"]
    positive = _vector_math(tree, "MAXIMUM", exposed, (0.0, 0.0, 0.0)).outputs["Vector"]
    store = nodes.new("GeometryNodeStoreNamedAttribute")
    _set(store, data_type="FLOAT_COLOR", domain="POINT")
    store.inputs["Name"].default_value = COLOUR
    links.new(points, store.inputs["Geometry"])
    links.new(positive, _enabled(store.inputs, "Value"))
    # Where nothing is corrected the colours are not copied.
    kept = _math(tree, "COMPARE", inputs["Exposure"], 0.0, 1e-6)
    full = _math(tree, "COMPARE", inputs["Saturation"], 1.0, 1e-6)
    unchanged = _math(tree, "MULTIPLY", kept, full)
    return _switch(tree, "GEOMETRY", unchanged, store.outputs["Geometry"], points)


def _build_radius(tree: Any, inputs: Any, density: Any, confidence: Any) -> Any:
    """Radius of each point: absolute or by the spacing, which grows with the root of how few are shown.

    One for all, while their size does not go by confidence.
    """
    wider = _math(tree, "POWER", density, -0.5)
    apart = _math(tree, "MULTIPLY", inputs["Spacing"], wider)
    relative = _math(tree, "MULTIPLY", inputs["Relative Radius"], apart)
    # As a switch's condition, a number above 0 is true.
    chosen = _switch(tree, "FLOAT", inputs["Relative Radius"], inputs["Radius"], relative)
    # 1 − size by confidence · (1 − confidence)
    least = _math(tree, "SUBTRACT", 1.0, inputs["Size by Confidence"])
    share = _math(tree, "MULTIPLY_ADD", inputs["Size by Confidence"], confidence, least)
    smaller = _math(tree, "MULTIPLY", chosen, share)
    return _switch(tree, "FLOAT", inputs["Size by Confidence"], chosen, smaller)


def _build_points(tree: Any, inputs: Any, density: Any, confidence: Any, radius: Any) -> Any:
    """Show the points whose rank is below the density and that are sure enough.

    What leaves none out is not asked of any point.
    """
    nodes, links = tree.nodes, tree.links
    ranked = _compare(tree, "LESS_THAN", _attribute(nodes, RANK, "FLOAT"), density)
    shown = _switch(tree, "BOOLEAN", _math(tree, "LESS_THAN", density, 1.0), True, ranked)
    sure = _compare(tree, "GREATER_EQUAL", confidence, inputs["Minimum Confidence"])
    both = nodes.new("FunctionNodeBooleanMath")
    _set(both, operation="AND")
    links.new(shown, both.inputs[0])
    links.new(sure, both.inputs[1])
    points = nodes.new("GeometryNodeMeshToPoints")
    _set(points, mode="VERTICES")
    links.new(inputs["Geometry"], points.inputs["Mesh"])
    selection = _switch(tree, "BOOLEAN", inputs["Minimum Confidence"], shown, both.outputs[0])
    links.new(selection, points.inputs["Selection"])
    links.new(radius, points.inputs["Radius"])
    return points.outputs["Points"]


def _build_instances(tree: Any, inputs: Any, points: Any, shape: Any, radius: Any) -> Any:
    """Put the shape, of radius 1 scaled to the radius, at each point with its z axis along the normal."""
    nodes, links = tree.nodes, tree.links
    # Solid view can't show point primitives in their colours: there, a point is a coarse ball.
    ball = nodes.new("GeometryNodeMeshIcoSphere")
    _set(ball.inputs["Subdivisions"], default_value=1)
    sphere = nodes.new("GeometryNodeMeshIcoSphere")
    _set(sphere.inputs["Subdivisions"], default_value=2)
    smooth = nodes.new("GeometryNodeSetShadeSmooth")
    links.new(sphere.outputs["Mesh"], smooth.inputs[0])
    cube = nodes.new("GeometryNodeMeshCube")
    cube.inputs["Size"].default_value = (2.0, 2.0, 2.0)
    disc = nodes.new("GeometryNodeMeshCircle")
    _set(disc, fill_type="NGON")
    _set(disc.inputs["Vertices"], default_value=12)
    own = nodes.new("GeometryNodeObjectInfo")
    _set(own.inputs["As Instance"], default_value=True)
    links.new(inputs["Object"], own.inputs["Object"])

    chosen = nodes.new("GeometryNodeIndexSwitch")
    _set(chosen, data_type="GEOMETRY")
    links.new(shape, chosen.inputs["Index"])
    meshes = (ball.outputs["Mesh"], smooth.outputs[0], cube.outputs["Mesh"], disc.outputs["Mesh"])
    for number, source in enumerate((*meshes, own.outputs["Geometry"])):
        if number >= len(chosen.index_switch_items):
            chosen.index_switch_items.new()
        links.new(source, chosen.inputs[number + 1])

    align = nodes.new("FunctionNodeAlignRotationToVector")
    _set(align, axis="Z")
    links.new(_attribute(nodes, NORMAL, "FLOAT_VECTOR"), align.inputs["Vector"])
    instances = nodes.new("GeometryNodeInstanceOnPoints")
    links.new(points, instances.inputs["Points"])
    links.new(chosen.outputs[0], instances.inputs["Instance"])
    # Half the time of a million instances goes into their rotations, which balls don't need.
    is_no_ball = _compare(tree, "GREATER_THAN", shape, SHAPES.index("Spheres") + 0.5)
    turned = _switch(tree, "ROTATION", is_no_ball, None, align.outputs["Rotation"])
    links.new(turned, instances.inputs["Rotation"])
    links.new(radius, instances.inputs["Scale"])
    return instances.outputs["Instances"]


def _build_solid(tree: Any, geometry: Any, instances: Any) -> Any:
    """Make a real mesh whose active colour attribute is the cloud's, for Solid view.

    Realized instances have no active attribute. Joining takes it from the first mesh, so one vertex of the
    cloud goes before them; a vertex without a face is not drawn.
    """
    nodes, links = tree.nodes, tree.links
    index = nodes.new("GeometryNodeInputIndex")
    first = nodes.new("GeometryNodeDeleteGeometry")
    _set(first, domain="POINT")
    links.new(index.outputs[0], first.inputs["Selection"])  # every index but 0 is true
    links.new(geometry, first.inputs["Geometry"])
    realized = nodes.new("GeometryNodeRealizeInstances")
    links.new(instances, realized.inputs[0])
    join = nodes.new("GeometryNodeJoinGeometry")
    links.new(realized.outputs[0], join.inputs[0])
    links.new(first.outputs[0], join.inputs[0])  # the last link made is the first one joined
    return join.outputs[0]


def _set(target: Any, **values: Any) -> None:
    """Set what is not so already: Blender looks through the whole tree after each change."""
    for name, value in values.items():
        if getattr(target, name) != value:
            setattr(target, name, value)


def _feed(tree: Any, socket: Any, source: Any) -> None:
    """Link a socket to another, or set its value."""
    if isinstance(source, bpy.types.NodeSocket):
        tree.links.new(source, socket)
    else:
        socket.default_value = source


def _switch(tree: Any, kind: str, condition: Any, otherwise: Any, then: Any) -> Any:
    """Lead on one of two sockets or values; None for the value that its kind starts with."""
    node = tree.nodes.new("GeometryNodeSwitch")
    _set(node, input_type=kind)
    for name, source in (("Switch", condition), ("False", otherwise), ("True", then)):
        if source is not None:
            _feed(tree, _enabled(node.inputs, name), source)
    return _enabled(node.outputs, "Output")


def _math(tree: Any, operation: str, *operands: Any) -> Any:
    node = tree.nodes.new("ShaderNodeMath")
    _set(node, operation=operation)
    for socket, operand in zip(node.inputs, operands, strict=False):
        _feed(tree, socket, operand)
    return node.outputs[0]


def _vector_math(tree: Any, operation: str, *operands: Any) -> Any:
    node = tree.nodes.new("ShaderNodeVectorMath")
    _set(node, operation=operation)
    for socket, operand in zip(node.inputs, operands, strict=False):
        _feed(tree, socket, operand)
    return node


def _compare(tree: Any, operation: str, *operands: Any) -> Any:
    node = tree.nodes.new("FunctionNodeCompare")
    _set(node, data_type="FLOAT", operation=operation)
    for name, operand in zip("AB", operands, strict=True):
        _feed(tree, _enabled(node.inputs, name), operand)
    return node.outputs["Result"]


def _enabled(sockets: Any, name: str) -> Any:
    # Nodes with several data types have a socket for each by the same name; one of them is enabled.
    return next(socket for socket in sockets if socket.enabled and socket.name == name)


def _attribute(nodes: Any, name: str, data_type: str) -> Any:
    node = nodes.new("GeometryNodeInputNamedAttribute")
    _set(node, data_type=data_type)
    node.inputs["Name"].default_value = name
    return _enabled(node.outputs, "Attribute")


def _menu_switch(nodes: Any) -> Any:
    node = nodes.new("GeometryNodeMenuSwitch")
    node.data_type = "INT"
    # The two items that a new switch has are renamed, so that the items' numbers count from 0.
    for name, item in zip(SHAPES, node.enum_items, strict=False):
        item.name = name
    for name in SHAPES[len(node.enum_items) :]:
        node.enum_items.new(name)
    for number, name in enumerate(SHAPES):
        _set(node.inputs[name], default_value=number)
    return node
