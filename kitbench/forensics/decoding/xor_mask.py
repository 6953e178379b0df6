"""Undoes XOR masks of 1 to 8 bytes around keys that have structure.

XOR-ing an image with itself, shifted by the mask's length, cancels the mask: what is known of a key's structure,
treated alike, is then found by plain search, and the mask follows from it. Masks of 3 bytes need lag 3, and so on.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.offset_map import Straight
from kitbench.forensics.decoding.window_batch import batches
from kitbench.forensics.decoding.work_budget import Work, WorkBudget

_LAGS: Final = range(1, 9)
#: Bytes of a differenced needle that must agree; fewer would match by chance.
_FEWEST_BYTES: Final = 5
#: Runs are cut to this width, beyond the longest needle, before the image is searched.
_WIDTH: Final = 64
#: How far around a match is unmasked: more than any PEM of RSA-4096.
_REACH: Final = 3400
#: What an unmasked stretch costs, in places tried: so many comparisons with those before it.
_LAYER_COST: Final = 200

#: Structure that private keys share, whatever their numbers: DER of PKCS#8 and SEC 1, the same in base64, PEM labels.
NEEDLES: Final = (
    b" PRIVATE KEY-----",
    bytes.fromhex("a00a06082a8648ce3d030107a14403420004"),  # SEC 1, P-256: parameters and public key
    bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420"),  # PKCS#8, P-256
    bytes.fromhex("a00706052b81040022a16403620004"),  # SEC 1, P-384
    bytes.fromhex("301006072a8648ce3d020106052b8104002204819e30819b0201010430"),  # PKCS#8, P-384
    bytes.fromhex("020100300d06092a864886f70d01010105000482"),  # PKCS#8, RSA
    b"oAoGCCqGSM49AwEHoUQDQgAE",  # SEC 1 in base64
    b"gBwYFK4EEACKhZANiAA",  # SEC 1, P-384 in base64
    b"AgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg",  # PKCS#8 EC in base64
    b"AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBD",  # PKCS#8, P-384 in base64
    b"IBADANBgkqhkiG9w0BAQEFAASC",  # PKCS#8 RSA in base64
    b"MHcCAQEEI",  # SEC 1 in base64, its beginning
    b"IBAAKCAQEA",  # PKCS#1 of RSA-2048 in base64 …
    b"IBAAKCAYEA",  # … 3072 …
    b"IBAAKCAgEA",  # … 4096
)


def xor_layers(layer: Layer, needles: Sequence[bytes], work: WorkBudget) -> Iterator[Layer]:
    """Yield the surroundings of each needle that stands in the layer under a mask, unmasked.

    Args:
        layer: the whole image.
        needles: structure to look for, at least 6 bytes each.
        work: counts the places tried.

    Raises:
        WorkExhaustedError: more of them than any honest image has.
    """
    seen: list[tuple[int, int, bytes]] = []
    for at, needle, lag in _masked_needles(layer, needles):
        work.spend(Work.MASKS, 1, layer)
        mask = _mask(layer.data, at, needle, lag)
        if mask is None or any(b <= at < e and mask == m for b, e, m in seen):
            continue
        begin, end = max(0, at - _REACH), min(len(layer.data), at + _REACH)
        work.spend(Work.MASKS, _LAYER_COST, layer)
        seen.append((begin, end, mask))
        yield Layer(_unmask(layer.data[begin:end], mask, begin), "xor", layer, Straight(begin))


def _masked_needles(layer: Layer, needles: Sequence[bytes]) -> Iterator[tuple[int, bytes, int]]:
    """Yield where a needle may stand under a mask, the needle, and the mask's length."""
    for batch in batches([layer], _WIDTH):
        plain = np.frombuffer(batch.data, np.uint8)
        for lag in _LAGS:
            differences = (plain[lag:] ^ plain[:-lag]).tobytes()
            for needle in needles:
                for at in _matches(differences, needle, lag):
                    yield batch.place(at)[1], needle, lag


def _matches(differences: bytes, needle: bytes, lag: int) -> Iterator[int]:
    pattern = bytes(a ^ b for a, b in zip(needle[lag:], needle, strict=False))
    if len(pattern) < _FEWEST_BYTES:
        return
    at = differences.find(pattern)
    while at >= 0:
        yield at
        at = differences.find(pattern, at + 1)


def _mask(data: bytes, at: int, needle: bytes, lag: int) -> bytes | None:
    """Return the mask as it applies from offset 0 of the data, None for no mask or one that does not fit."""
    stretch = data[at : at + len(needle)]
    key = bytes(a ^ b for a, b in zip(stretch[:lag], needle, strict=False))
    if len(stretch) < len(needle) or not any(key):
        return None
    if any(stretch[i] ^ key[i % lag] != needle[i] for i in range(len(needle))):
        return None
    shift = -at % lag
    aligned = key[shift:] + key[:shift]
    # A mask of 2 is also one of 4: give the shortest, 840 = lcm(1…8) long, so that equals compare equal.
    return aligned * (840 // lag)


def _unmask(data: bytes, mask: bytes, begin: int) -> bytes:
    shift = begin % len(mask)
    repeated = (mask[shift:] + mask[:shift]) * (len(data) // len(mask) + 1)
    return (np.frombuffer(data, np.uint8) ^ np.frombuffer(repeated, np.uint8)[: len(data)]).tobytes()
