"""The search at every offset: is this window of bytes the private number of a known public key?"""
