"""Pure codecs of what is in a kit's flash: bytes in, values out, and back."""
