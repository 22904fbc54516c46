"""The innermost steps of a sweep, on eight sources at once, as vectors that the compiler does not find by itself."""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

LANES = 8
"""Sources that go side by side: so many float64 fill a line of the cache, and two registers of AVX2."""
_WORD = ir.IntType(64)
_COSTS = ir.VectorType(ir.DoubleType(), LANES)
_NONE = ir.Constant(_COSTS, ir.Undefined)
_FIRST, _SAME = ir.Constant(ir.IntType(32), 0), ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)


def _data(context, builder, signature, args, place):
    """Where the values of an array argument begin."""
    return context.make_array(signature.args[place])(context, builder, args[place]).data


def _row(builder, data, node):
    """Where the lanes of a node lie."""
    first = builder.gep(data, [builder.mul(node, ir.Constant(_WORD, LANES))])
    return builder.bitcast(first, _COSTS.as_pointer())


@intrinsic
def forget(typing, distance, node):
    """Set the costs of a node to infinity, in one piece: what is written by halves cannot be read back at once.

    Parameters
    ----------
    distance : (row * LANES,) float64
        Changes in place. [any]
    node : int
        Its row.
    """

    def code(context, builder, signature, args):
        own = _row(builder, _data(context, builder, signature, args, 0), args[1])
        builder.store(ir.Constant(_COSTS, [float("inf")] * LANES), own, align=8)
        return context.get_dummy_value()

    return types.void(distance, types.intp), code


def _each(builder, begin, end, carried, step):
    """Loop from ``begin`` to before ``end``: ``step(number, values)`` gives what the next round carries."""
    before = builder.block
    head, body, done = (builder.append_basic_block(name) for name in ("each", "one", "done"))
    builder.branch(head)
    builder.position_at_end(head)
    number, values = builder.phi(_WORD), [builder.phi(one.type) for one in carried]
    builder.cbranch(builder.icmp_signed("<", number, end), body, done)
    builder.position_at_end(body)
    found = step(number, values)
    following = builder.add(number, ir.Constant(_WORD, 1))
    for block, counter, results in ((before, begin, carried), (builder.block, following, found)):
        number.add_incoming(counter, block)
        for value, result in zip(values, results, strict=True):
            value.add_incoming(result, block)
    builder.branch(head)
    builder.position_at_end(done)
    return values


def _in_all(builder, value):
    """One number in all lanes."""
    return builder.shuffle_vector(builder.insert_element(_NONE, value, _FIRST), _NONE, _SAME)


def _by_way_of(builder, costs, ends, weights, number):
    """What the lanes of the node at the other end cost, and with the step from there."""
    node = builder.sext(builder.load(builder.gep(ends, [number])), _WORD)
    there = builder.load(_row(builder, costs, node), align=8)
    return there, builder.fadd(there, _in_all(builder, builder.load(builder.gep(weights, [number]))))


@intrinsic
def take_least(typing, distance, node, other, weight, begin, end):
    """Set the costs of a node to the least of its own and of those by way of the nodes above it.

    Parameters
    ----------
    distance : (row * LANES,) float64
        Changes in place. [any]
    node : int
        Its row.
    other, weight : (arc,) int32, (arc,) float64
        Upper ends of arcs, and what they cost from there. [as distance]
    begin, end : int
        Arcs of the node.
    """
    signature = types.void(distance, types.intp, other, weight, types.intp, types.intp)

    def code(context, builder, signature, args):
        costs, ends, weights = (_data(context, builder, signature, args, place) for place in (0, 2, 3))
        own = _row(builder, costs, args[1])

        def step(arc, values):
            _, way = _by_way_of(builder, costs, ends, weights, arc)
            return [builder.select(builder.fcmp_ordered("<", way, values[0]), way, values[0])]

        found = _each(builder, args[4], args[5], [builder.load(own, align=8)], step)
        builder.store(found[0], own, align=8)
        return context.get_dummy_value()

    return signature, code


@intrinsic
def find_entry(typing, distance, entry, node, other, weight, begin, end):
    """Find by which of its links the least cost of a node comes, when all costs are known.

    Parameters
    ----------
    distance : (row * LANES,) float64
        [any]
    entry : (row * LANES,) float64
        Written: the place of the link, or -1 where the cost at its beginning is not truly lower: such a link might lead
        round for ever. A float64, so that the mask of the costs fits it. [1]
    node : int
        Its row.
    other, weight : (place,) int32, (place,) float64
        Rows of the nodes where the links begin, and what they cost. [as distance]
    begin, end : int
        Places of the links into the node.
    """
    signature = types.void(distance, entry, types.intp, other, weight, types.intp, types.intp)

    def code(context, builder, signature, args):
        costs, entries, ends, weights = (_data(context, builder, signature, args, place) for place in (0, 1, 3, 4))
        far, nobody = (ir.Constant(_COSTS, [value] * LANES) for value in (float("inf"), -1.0))

        def step(place, values):
            there, way = _by_way_of(builder, costs, ends, weights, place)
            less = builder.fcmp_ordered("<", way, values[0])
            number = _in_all(builder, builder.sitofp(place, ir.DoubleType()))
            return [builder.select(less, *pair) for pair in zip((way, there, number), values, strict=True)]

        _, there, number = _each(builder, args[5], args[6], [far, far, nobody], step)
        falls = builder.fcmp_ordered("<", there, builder.load(_row(builder, costs, args[2]), align=8))
        builder.store(builder.select(falls, number, nobody), _row(builder, entries, args[2]), align=8)
        return context.get_dummy_value()

    return signature, code
