"""Layers lead back to the flash."""

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.offset_map import Scattered, Straight, Whole

ROOT = Layer(bytes(100))


def test_root_is_its_own_origin() -> None:
    assert (ROOT.origin(7), ROOT.extent(7, 9), ROOT.forms, ROOT.depth) == (7, (7, 9), (), 0)


def test_pieces_in_disorder_have_origin_and_hull() -> None:
    layer = Layer(bytes(30), "spiffs", ROOT, Scattered.of([(60, 10), (40, 10), (20, 10)]))

    assert layer.origin(0) == 60
    assert layer.extent(0, 30) == (20, 70)
    assert layer.extent(12, 14) == (42, 44)


def test_nested_layers_add_up() -> None:
    outer = Layer(bytes(40), "hex", ROOT, Straight(10), (2, 1))
    inner = Layer(bytes(9), "base64", outer, Straight(8), (4, 3))

    assert (inner.forms, inner.depth) == (("hex", "base64"), 2)
    assert inner.origin(3) == 10 + 2 * (8 + 4)


def test_compressed_layer_has_the_extent_of_its_stream() -> None:
    layer = Layer(bytes(500), "gzip", ROOT, Whole(30, 55))

    assert (layer.origin(400), layer.extent(100, 200)) == (30, (30, 55))
