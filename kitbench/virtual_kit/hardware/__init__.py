"""Flash, fuses, registers and pins, as datasheet and technical reference manual have them."""
