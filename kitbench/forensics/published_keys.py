"""Fingerprints of private keys that everybody has: test keys of mbedTLS and of ESP-IDF's examples."""

from typing import Final

#: SHA-256 of the SubjectPublicKeyInfo → where the private key is published.
PUBLISHED_KEYS: Final[dict[str, str]] = {}
