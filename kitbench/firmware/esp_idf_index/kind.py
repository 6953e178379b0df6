"""What a name of ESP-IDF is of."""

from enum import StrEnum


class Kind(StrEnum):
    """What a name is of; the value is its letter in the file."""

    FUNCTION = "f"
    TYPE = "t"
    MACRO = "m"
    ENUMERATOR = "e"
    VARIABLE = "v"
    #: `type.path.to.field`
    FIELD = "s"
    HEADER = "h"
    #: a header that another one includes
    INCLUDED = "i"
    #: a symbol of Kconfig, without `CONFIG_`
    KCONFIG = "k"
    #: a function or macro of the build system, in lower case
    CMAKE = "c"
    COMPONENT = "p"
