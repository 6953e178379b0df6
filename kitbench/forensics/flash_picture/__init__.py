"""The picture of a flash dump, to be understood in five seconds: what it says, what is used, where the key is.

One drawing, laid out once (`drawing`), written as SVG for pages and as PNG for everything else.
"""
