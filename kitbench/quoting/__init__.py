"""How a name or text that a stranger wrote goes into a language: one module for each, which quotes or refuses.

Not here, as a library does it: JSON (`json`), HTML pages (Jinja2, autoescape on), TOML that is edited (tomlkit). A
shell is never spoken to: every command is a list of arguments, and what `shell` quotes is for people to paste. No
script of a linker is written: names reach it as symbols (`c.symbol_part`) or as arguments.
"""
