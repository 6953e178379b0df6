"""The unmodified esptool, with the bench's quick RFC 2217 client under pyserial: the stock one takes half a minute."""

import sys

import esptool
import serial

if __name__ == "__main__":
    # By name, as pyserial wants it: grading imports no bench code.
    serial.protocol_handler_packages.insert(0, "kitbench.kit.url_handlers")
    esptool.main(sys.argv[1:])
