"""How a name or text that a stranger wrote goes into a language: one module for each, which quotes or refuses.

Not here, as a library does it: JSON (`json`), HTML pages (Jinja2, autoescape on), TOML (tomlkit). A shell is never
spoken to (every command is a list of arguments), and no CMake is written that holds a stranger's text.
"""
