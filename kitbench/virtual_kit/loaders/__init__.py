"""What esptool speaks to: the ROM's loader and the stubs that esptool brings."""
