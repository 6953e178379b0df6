"""The CPU of the virtual kit: finds the app's module in flash and runs it."""

from typing import Final

from kitbench.flash_format import app_image
from kitbench.virtual_kit import app_module
from kitbench.virtual_kit.cpu.app import App, AppCode
from kitbench.virtual_kit.cpu.reset_reason import ResetReason, reason_of
from kitbench.virtual_kit.cpu.rtc_memory import RtcMemory
from kitbench.virtual_kit.hardware.cpu_interface import Peripherals, ResetCause

_LARGEST_IMAGE: Final = 0x400000


class WasmCpu:
    """Runs apps that `kitbench build` made, one after the other; implements `Cpu`.

    One object belongs to one kit: between two runs it remembers why the former one ended, as the RTC memory does.
    """

    def __init__(self) -> None:
        self._hint = ResetReason.UNKNOWN
        self._rtc_memory = RtcMemory()

    def _leave_hint(self, hint: ResetReason) -> None:
        self._hint = hint

    def start(self, app_offset: int, reset_cause: ResetCause, peripherals: Peripherals) -> App:
        """Load the app image from flash at `app_offset`, run it, return at once.

        Raises:
            ValueError: the image holds no module that this CPU can run.
        """
        size = min(peripherals.flash.size - app_offset, _LARGEST_IMAGE)
        image = app_image.parse(peripherals.flash.read(app_offset, size))
        module = app_module.extract(image)
        description = image.app_desc
        elf_sha256 = description.elf_sha256.hex() if description is not None else "0" * 64
        reason, self._hint = reason_of(reset_cause, self._hint), ResetReason.UNKNOWN
        if reset_cause is not ResetCause.DEEPSLEEP:
            self._rtc_memory.lose()
        code = AppCode(module, elf_sha256, app_offset)
        app = App(code, reason, peripherals, self._leave_hint, self._rtc_memory)
        app.start()
        return app
