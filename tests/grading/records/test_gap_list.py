"""What the stand-ins lacked, by feature."""

from grading.records.gap_list import Gap, features, gap_list
from kitbench.errors import Fault
from tests.grading.results import result


def test_features_are_sorted_by_how_many_students_they_concern() -> None:
    lacks = {"s01": "", "s02": "C++", "s03": "component mdns", "s04": "component mdns"}

    gaps = gap_list(result(name, fault=Fault.BENCH, reason="no", lacks=what) for name, what in lacks.items())

    assert gaps == (Gap("component mdns", ("s03", "s04")), Gap("C++", ("s02",)))


def test_fault_of_the_bench_is_no_gap() -> None:
    assert features(result(fault=Fault.BENCH, reason="port busy")) == ()
