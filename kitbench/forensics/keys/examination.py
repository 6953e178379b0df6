"""Looks for private keys in an image: unfolds its layers, reads structures, scans every window."""

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Literal

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.offset_map import Scattered
from kitbench.forensics.decoding.window_batch import Batch, batches
from kitbench.forensics.decoding.work_budget import Work, WorkBudget, WorkExhaustedError
from kitbench.forensics.decoding.xor_mask import NEEDLES, xor_layers
from kitbench.forensics.keys.key_formats import (
    FoundCertificate,
    StructuredKey,
    certificates,
    private_keys,
    public_points,
)
from kitbench.forensics.keys.target import Target, TargetSet, is_pair, needles
from kitbench.forensics.scrambled.lone_windows import lone_windows
from kitbench.forensics.scrambled.search import search
from kitbench.forensics.texts.decoders import decoders
from kitbench.forensics.texts.turned import turned_layers
from kitbench.forensics.window_scan import window_scan_ec, window_scan_rsa
from kitbench.forensics.window_scan.curve import CURVES, P256, Curve

#: Layers within layers: base64 of base64 of a compressed PEM is 4 deep.
_MAX_DEPTH: Final = 4
#: A number with fewer distinct bytes is no key: 1, whose public key is the generator, stands everywhere.
_FEWEST_DISTINCT_BYTES: Final = 8


#: A value that is in pieces: name of the storage, and (offset, size) of each piece in order.
Stored = tuple[str, tuple[tuple[int, int], ...]]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A private key in the flash; `form` names the layers and what was found in the last of them.

    Attributes:
        begin: flash offset of its first byte.
        hull: the stretch of the flash that holds all its bytes; its pieces may be there in any order.
        depth: number of layers.
    """

    begin: int
    hull: tuple[int, int]
    depth: int
    form: str
    key: StructuredKey | None

    def __repr__(self) -> str:
        return f"Sighting({self.form} at {self.begin:#x})"


@dataclass
class Examination:
    """Everything seen in one image, and what it took.

    Attributes:
        unfolded: the image and all layers decoded from it.
        work: what was spent of which limit; when one was reached, absence is not proven.
        windows: byte-aligned windows tested per kind of key, both byte orders.
        disguises: windows that were tried as raw numbers in disguise, and how many that look random were not.
    """

    work: WorkBudget
    unfolded: list[Layer] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    certificates: list[FoundCertificate] = field(default_factory=list)
    targets: TargetSet = field(default_factory=TargetSet)
    layers: Counter[str] = field(default_factory=Counter)
    windows: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    disguises: tuple[int, int] = (0, 0)

    def measure(self, stage: str, since: float) -> float:
        """Note the seconds of a stage; return the time."""
        now = time.perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - since
        return now


def examine(
    image: bytes,
    given: Sequence[Target],
    *,
    stored: Sequence[Stored] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> Examination:
    """Search an image for private keys in all forms.

    Args:
        image: a flash dump, or part of one.
        given: public keys to search for; those of certificates and points in the image are added.
        stored: values that are in pieces, as name of the storage and (offset, size) in order.
        progress: called with the name of each stage.
    """
    result = Examination(WorkBudget(len(image)))
    for target in given:
        result.targets.add(target.key, target.source)
    now = time.perf_counter()
    progress("layers")
    root = Layer(image)
    layers = result.unfolded
    layers += _unfold(root, stored, result)
    now = result.measure("layers", now)
    progress("structures")
    for layer in layers:
        _read_structures(layer, result)
    now = result.measure("structures", now)
    progress("windows")
    result.targets.fit(sum(len(layer.data) for layer in layers))
    with suppress(WorkExhaustedError):
        _scan_windows(layers, result)
    now = result.measure("windows", now)
    names = {form for form, _ in stored}
    with suppress(WorkExhaustedError):
        _search_disguises([layer for layer in layers if layer is root or layer.form in names], result)
    result.measure("disguises", now)
    return result


def _unfold(root: Layer, stored: Sequence[Stored], result: Examination) -> Iterator[Layer]:
    """Yield the image and all that can be decoded from it; once the work is exhausted, nothing more is decoded."""
    for first in itertools.chain(
        [root], _unmasked(root, result), _turned(root, result), _joins(root, stored, result.work)
    ):
        queue = [first]
        while queue:
            layer = queue.pop()
            result.layers["/".join(layer.forms) or "raw"] += 1
            yield layer
            with suppress(WorkExhaustedError):
                for child in _children(layer, result.work):
                    queue.append(child)  # noqa: PERF402 - one by one: what came before the limit is examined


def _children(layer: Layer, work: WorkBudget) -> Iterator[Layer]:
    if layer.depth >= _MAX_DEPTH or work.exhausted:
        return
    for decode in decoders(layer, work):
        for child in decode(layer):
            work.spend(Work.LAYERS, 1, child)
            work.spend(Work.DECODED, len(child.data), child)
            yield child


def _unmasked(root: Layer, result: Examination) -> Iterator[Layer]:
    with suppress(WorkExhaustedError):
        yield from xor_layers(root, _needles(result), result.work)


def _turned(root: Layer, result: Examination) -> Iterator[Layer]:
    with suppress(WorkExhaustedError):
        for layer in turned_layers(root, _needles(result)):
            result.work.spend(Work.LAYERS, 1, layer)
            result.work.spend(Work.DECODED, len(layer.data), layer)
            yield layer


def _needles(result: Examination) -> list[bytes]:
    """Return structure that stands beside a private key: of all keys, and of those that are searched for."""
    return [*NEEDLES, *needles(result.targets.targets)]


def _joins(root: Layer, stored: Sequence[Stored], work: WorkBudget) -> Iterator[Layer]:
    """Yield the values that are in pieces; many of them may claim the same bytes."""
    with suppress(WorkExhaustedError):
        for form, pieces in stored:
            if len(pieces) > 1:
                named = Layer(b"", form, root)
                work.spend(Work.LAYERS, 1, named)
                work.spend(Work.DECODED, sum(size for _, size in pieces), named)
                yield _join(root, form, pieces)


def _join(root: Layer, form: str, pieces: tuple[tuple[int, int], ...]) -> Layer:
    data = b"".join(root.data[offset : offset + size] for offset, size in pieces)
    return Layer(data, form, root, Scattered.of(pieces))


def _read_structures(layer: Layer, result: Examination) -> None:
    """Note the private keys in a layer, and its certificates and public points as targets."""
    work = result.work
    with suppress(WorkExhaustedError):
        for found in private_keys(layer, work):
            work.spend(Work.KEYS, 1, layer)
            result.sightings.append(_sighting(layer, (found.begin, found.end), found.form, found.key))
    with suppress(WorkExhaustedError):
        for certificate in certificates(layer, work):
            result.certificates.append(certificate)
            result.targets.add(certificate.certificate.public_key(), "certificate in dump")
    with suppress(WorkExhaustedError):
        for point in public_points(layer, work):
            result.targets.add_point(point, "point in dump")


def _sighting(layer: Layer, stretch: tuple[int, int], form: str, key: StructuredKey | None) -> Sighting:
    return Sighting(layer.origin(stretch[0]), layer.extent(*stretch), layer.depth, "/".join((*layer.forms, form)), key)


def _scan_windows(layers: Sequence[Layer], result: Examination) -> None:
    for curve in CURVES.values():
        if keys := result.targets.of_curve(curve.name):
            _count_windows(result, f"EC {curve.name}", layers, curve.width)
            for batch in batches(layers, curve.width):
                _note(result, _scalar_sightings(batch, curve, keys, result.work))
    for bits in window_scan_rsa.KEY_SIZES:
        if rsa_keys := result.targets.of_rsa(bits):
            _count_windows(result, f"RSA-{bits} p, q", layers, bits // 16)
            _count_windows(result, f"RSA-{bits} d", layers, bits // 8)
            for batch in batches(layers, bits // 8, shortest=bits // 16):
                _note(result, _rsa_sightings(batch, rsa_keys, bits, result.work))


def _sightings_in(batch: Batch, offset: int, size: int, form: str, key: StructuredKey) -> Iterator[Sighting]:
    """Yield the sighting of a window, unless it stands across the border of two layers."""
    layer, begin = batch.place(offset)
    if begin + size <= len(layer.data):
        yield _sighting(layer, (begin, begin + size), form, key)


def _note(result: Examination, sightings: Iterable[Sighting]) -> None:
    for sighting in sightings:
        result.sightings.append(sighting)
        result.work.spend(Work.KEYS, 1, None)


def _count_windows(result: Examination, kind: str, layers: Sequence[Layer], width: int) -> None:
    result.windows[kind] += sum(2 * max(0, len(layer.data) - width + 1) for layer in layers)


def _scalar_sightings(
    batch: Batch, curve: Curve, keys: Sequence[ec.EllipticCurvePublicKey], work: WorkBudget
) -> Iterator[Sighting]:
    for hit in window_scan_ec.scan(batch.data, curve, [window_scan_ec.point_of(key) for key in keys], work):
        order: Literal["big", "little"] = "big" if hit.big_endian else "little"
        window = batch.data[hit.offset : hit.offset + curve.width]
        number = hit.relation.private_key(int.from_bytes(window, order), curve)
        if number == 0 or len(set(window)) < _FEWEST_DISTINCT_BYTES:
            continue
        key = ec.derive_private_key(number, keys[hit.target].curve)
        if is_pair(key, keys[hit.target]):
            form = "_".join(filter(None, (f"raw_{order}_endian", hit.relation)))
            yield from _sightings_in(batch, hit.offset, curve.width, form, key)


def _search_disguises(layers: Sequence[Layer], result: Examination) -> None:
    """Note the raw numbers of P-256 in disguise, as they are in flash and in its stored values."""
    keys = result.targets.of_curve(P256.name)
    if not keys:
        return
    lone = lone_windows(layers, len(layers[0].data))
    result.disguises = (len(lone.places), lone.left)
    for found in search(lone.windows, [window_scan_ec.point_of(key) for key in keys], result.work):
        key = ec.derive_private_key(found.value, ec.SECP256R1())
        layer, begin = lone.places[found.window]
        if is_pair(key, keys[found.target]):
            _note(result, [_sighting(layer, (begin, begin + P256.width), f"raw_{found.form}", key)])


def _rsa_sightings(batch: Batch, keys: Sequence[rsa.RSAPublicKey], bits: int, work: WorkBudget) -> Iterator[Sighting]:
    numbers = [key.public_numbers() for key in keys]
    known: dict[int, rsa.RSAPrivateKey] = {}
    for hit in window_scan_rsa.scan(batch.data, numbers, bits=bits, work=work):
        order = "big" if hit.big_endian else "little"
        if hit.target not in known:
            key = window_scan_rsa.private_key(hit, numbers[hit.target])
            if not is_pair(key, keys[hit.target]):
                continue
            known[hit.target] = key
        yield from _sightings_in(batch, hit.offset, hit.size, f"rsa_{hit.part}_{order}_endian", known[hit.target])
