"""What `bench.toml` says of this bench: kits, Wi-Fi, budget."""

from kitbench.bench.kits.bench_file import BenchFile
from kitbench.bench.records.cost import cost_line
from kitbench.cloud.billing.meter import DEFAULT_BUDGET
from kitbench.doctor.check import Line, State


def description(bench: BenchFile) -> Line:
    """Say which kits the bench names."""
    if bench == BenchFile():
        return Line("bench.toml", State.WARN, "not there, or empty", "name kits and Wi-Fi in it: docs/bench-setup.md")
    kits = ", ".join(f"{name} ({kit.port})" for name, kit in bench.kits.items()) or "no kits"
    return Line("bench.toml", State.OK, kits)


def wifi(bench: BenchFile) -> Line:
    """Say which Wi-Fi kits are told to join; whether they can is seen when one connects."""
    if not bench.wifi:
        return Line("Wi-Fi", State.WARN, "none: kits join what the project itself says", "[wifi] in bench.toml")
    secured = "with a password" if bench.wifi["WIFI_PASSWORD"] else "open"
    return Line("Wi-Fi", State.OK, f"{bench.wifi['WIFI_SSID']}, {secured}; seen from the kit only when it connects")


def budget(bench: BenchFile) -> Line:
    """Say what a run may cost."""
    messages = bench.budget or DEFAULT_BUDGET
    return Line("budget", State.OK, cost_line(messages))
