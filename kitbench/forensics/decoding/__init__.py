"""What stands between the bytes of a dump and a key: encodings, masks and orders, each a layer with its way back."""
