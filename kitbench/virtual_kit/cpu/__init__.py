"""The CPU of the virtual kit, which runs an app's WebAssembly as FreeRTOS tasks."""

from kitbench.virtual_kit.cpu.wasm_cpu import WasmCpu

__all__ = ["WasmCpu"]
