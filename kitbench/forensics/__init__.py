"""Finds private keys in a flash dump, in every form they take there, or proves their absence.

The core is pure: bytes and certificates in, a `Verdict` out. `flash_reader` alone talks to a kit.
"""
