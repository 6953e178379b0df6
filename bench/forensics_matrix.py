"""Which forms of a private key do we find, and which the tools beside us? Form, place, key type, image.

Usage: `python bench/forensics_matrix.py [--quick]`. A tool has found a key when it points at more in the image with
the key than in the same image without: mbedTLS's bare PEM labels stand in both. `*` in all places, digits: in so many.
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from key_finders import finders

from kitbench.forensics.disguise import disguises
from kitbench.forensics.key_formats import PrivateKey

SIZE = 96 * 1024
LABELS = b"".join(
    b"-----BEGIN %s-----\0-----END %s-----\0" % (label, label)
    for label in (b"RSA PRIVATE KEY", b"EC PRIVATE KEY", b"PRIVATE KEY")
)


def images() -> dict[str, bytes]:
    """Return backgrounds: as uneven as code, noise, erased; all with mbedTLS's labels."""
    chance = random.Random(5)
    weights = [1 + 200 // (1 + value) for value in range(256)]
    code = bytes(chance.choices(range(256), weights=weights, k=SIZE))
    return {name: LABELS + data for name, data in
            {"code": code, "noise": chance.randbytes(SIZE), "erased": b"\xff" * SIZE}.items()}  # fmt: skip


def places(size: int) -> dict[str, int]:
    """Return offsets: behind the labels, across a page and a sector edge, anywhere, and the very end."""
    return {"first": len(LABELS), "page": 0x3000 - 100, "odd": 0x6123, "end": len(LABELS) + SIZE - size}


def main() -> int:
    """Print the matrix; the status is 1 when we miss a form or raise a false alarm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one image, two places")
    quick = parser.parse_args().quick
    tools = finders()
    keys: dict[str, PrivateKey] = {
        "EC P-256": ec.generate_private_key(ec.SECP256R1()),
        "RSA-2048": rsa.generate_private_key(65537, 2048),
    }
    backgrounds = dict(list(images().items())[: 1 if quick else None])
    totals = dict.fromkeys(tools, 0)
    cases = 0
    print(f"{'key':10}{'form':22}" + "".join(f"{name:>14}" for name in tools))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "image.bin"
        baseline = {}
        for name, image in backgrounds.items():
            path.write_bytes(image)
            for kind, key in keys.items():
                baseline[name, kind] = {tool: find(path, key) for tool, find in tools.items()}
        for kind, key in keys.items():
            for form, body in disguises(key).items():
                spots = dict(list(places(len(body)).items())[: 2 if quick else None])
                found = dict.fromkeys(tools, 0)
                for name, image in backgrounds.items():
                    for offset in spots.values():
                        path.write_bytes(image[:offset] + body + image[offset + len(body) :])
                        for tool, find in tools.items():
                            found[tool] += find(path, key) > baseline[name, kind][tool]
                of = len(backgrounds) * len(spots)
                cases += of
                for tool in tools:
                    totals[tool] += found[tool]
                marks = {tool: "*" if count == of else str(count) if count else "-" for tool, count in found.items()}
                print(f"{kind:10}{form:22}" + "".join(f"{marks[tool]:>14}" for tool in tools), flush=True)
    alarms = {tool: max(counts[tool] for counts in baseline.values()) for tool in tools}
    print(f"{'':10}{f'found of {cases}':22}" + "".join(f"{totals[tool]:>14}" for tool in tools))
    print(f"{'':10}{'alarms on clean image':22}" + "".join(f"{alarms[tool]:>14}" for tool in tools))
    return int(totals["kitbench"] < cases or alarms["kitbench"] > 0)


if __name__ == "__main__":
    sys.exit(main())
