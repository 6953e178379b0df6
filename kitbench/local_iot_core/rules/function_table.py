"""The names of AWS IoT SQL's functions and how many arguments they take. Pure.

Source: AWS IoT Core developer guide, "Functions".
"""

from collections.abc import Mapping
from typing import Final

_COUNTS: Final = """
0 0 accountid clientid newuuid principal rand sourceip sql_version timestamp traceid
0 1 topic
0 1000 concat
1 1 abs acos asin atan bitnot ceil chr cos cosh exp floor get_mqtt_property get_user_properties isnull isundefined
1 1 length ln log lower ltrim md5 numbytes round rtrim sha1 sha224 sha256 sha384 sha512 sign sin sinh sqrt tan tanh
1 1 trim upper
1 2 trunc
2 2 atan2 bitand bitor bitxor decode encode endswith get get_or_default indexof lpad mod nanvl power regexp_matches
2 2 regexp_substr remainder rpad startswith time_to_epoch
2 3 parse_time substring
3 3 regexp_replace replace
"""


def _arity() -> Mapping[str, tuple[int, int]]:
    rows = (line.split() for line in _COUNTS.strip().splitlines())
    return {name: (int(least), int(most)) for least, most, *names in rows for name in names}


#: Function → least and most arguments.
ARITY: Final = _arity()
#: Functions of AWS that are refused when a rule is made.
NOT_MODELLED: Final = frozenset(
    {
        "aws_lambda",
        "get_dynamodb",
        "get_registry_data",
        "get_secret",
        "get_thing_shadow",
        "machinelearning_predict",
        "md2",
        "transform",
    }
)
