"""What is known of a device: each source may be missing, and what is not known is judged by nobody."""

from dataclasses import dataclass

from kitbench.hardening.build_settings import Settings
from kitbench.hardening.efuse_table import EfuseTable


@dataclass(frozen=True, slots=True)
class DumpFacts:
    """What a flash dump shows.

    Attributes:
        is_readable: a partition table, boot loader or app stands in it in the clear.
        is_ciphertext: what is not erased looks random, as an encrypted flash does.
        partitions: name and subtype of each.
        encrypted_partitions: those with the flag "encrypted".
        nvs_values: how many values of NVS stand in the clear.
        nvs_is_noise: an NVS partition holds something, and nothing of NVS's own form.
        secrets: what gives access and stands in the clear, one line each, never its content.
        source_path: a file name of the build's machine in the app, "" for none.
        has_repl: an interactive console is linked in.
    """

    is_readable: bool
    is_ciphertext: bool = False
    partitions: tuple[tuple[str, str], ...] = ()
    encrypted_partitions: tuple[str, ...] = ()
    nvs_values: int = 0
    nvs_is_noise: bool = False
    secrets: tuple[str, ...] = ()
    source_path: str = ""
    has_repl: bool = False

    def has(self, subtype: str) -> bool:
        """Whether there is a partition of a subtype, such as ``"nvs_keys"``."""
        return any(one == subtype for _, one in self.partitions)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of one device; a source that was not given is None."""

    efuses: EfuseTable | None = None
    dump: DumpFacts | None = None
    build: Settings | None = None
