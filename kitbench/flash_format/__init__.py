"""Pure codecs of what lies in a kit's flash: bytes in, values out, and back."""
