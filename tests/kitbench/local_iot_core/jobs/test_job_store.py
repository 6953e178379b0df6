"""Timers, versions and what things are told, by a clock that the test moves."""

from typing import Any

import pytest

from kitbench.local_iot_core.jobs import device_requests
from kitbench.local_iot_core.jobs.job import parse_job
from kitbench.local_iot_core.jobs.job_error import JobError, JobErrorCode
from kitbench.local_iot_core.jobs.job_store import JobStore
from kitbench.local_iot_core.policies.registry import ARN_PREFIX, Registry, Thing


class Rig:
    """A store with things `a` and `b`, and its clock."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.things = {name: Thing(name) for name in ("a", "b")}
        self.groups: dict[str, frozenset[str]] = {}
        self.told: list[tuple[str, str, list[str]]] = []
        self.store = JobStore(lambda: Registry({}, self.things, self.groups), lambda: self.now_s, self._notify)

    def _notify(self, thing: str, kind: str, body: dict[str, Any]) -> None:
        found = [one for by_state in body.get("jobs", {}).values() for one in by_state]
        found += [body["execution"]] if "execution" in body else []
        self.told.append((thing, kind, [one["jobId"] for one in found]))

    def create(self, job_id: str, *targets: str, **given: Any) -> None:
        arns = [f"{ARN_PREFIX}{target}" for target in targets or ("thing/a",)]
        self.store.create(parse_job({"jobId": job_id, "targets": arns, "document": "{}"} | given, self.now_s))

    def pass_min(self, minutes: float) -> None:
        self.now_s += 60 * minutes
        self.store.tick()

    def status(self, job_id: str, thing: str = "a") -> str:
        return self.store.execution(thing, job_id).status


@pytest.fixture(name="rig")
def _rig() -> Rig:
    return Rig()


LIMIT = {"inProgressTimeoutInMinutes": 10}


class TestTimers:
    def test_job_times_out_counted_from_its_start_whatever_the_device_says(self, rig: Rig) -> None:
        rig.create("j", timeoutConfig=LIMIT)
        rig.pass_min(60)
        assert rig.status("j") == "QUEUED"
        device_requests.start_next(rig.store, "a", {})
        rig.pass_min(9)
        device_requests.update(rig.store, "a", "j", {"status": "IN_PROGRESS", "stepTimeoutInMinutes": 30})
        assert rig.status("j") == "IN_PROGRESS"
        rig.pass_min(1)

        assert rig.status("j") == "TIMED_OUT"
        assert rig.store.job("j").status == "COMPLETED"

    def test_step_timer_is_set_anew_and_taken_away(self, rig: Rig) -> None:
        rig.create("j")
        device_requests.start_next(rig.store, "a", {"stepTimeoutInMinutes": 5})
        rig.pass_min(4)
        device_requests.update(rig.store, "a", "j", {"status": "IN_PROGRESS", "stepTimeoutInMinutes": 5})
        rig.pass_min(4)
        assert rig.status("j") == "IN_PROGRESS"
        device_requests.update(rig.store, "a", "j", {"status": "IN_PROGRESS", "stepTimeoutInMinutes": -1})
        rig.pass_min(600)
        assert rig.status("j") == "IN_PROGRESS"
        device_requests.update(rig.store, "a", "j", {"status": "IN_PROGRESS", "stepTimeoutInMinutes": 1})
        rig.pass_min(1)

        assert rig.status("j") == "TIMED_OUT"

    def test_the_nearer_end_is_told(self, rig: Rig) -> None:
        rig.create("j", timeoutConfig=LIMIT)
        begun = device_requests.start_next(rig.store, "a", {"stepTimeoutInMinutes": 3})["execution"]

        assert begun["approximateSecondsBeforeTimedOut"] == 180


class TestNotifications:
    def test_thing_hears_of_the_list_and_of_what_is_next_when_they_change_only(self, rig: Rig) -> None:
        rig.create("first")
        rig.create("second")
        assert rig.told == [
            ("a", "notify", ["first"]),
            ("a", "notify-next", ["first"]),
            ("a", "notify", ["first", "second"]),
        ]
        rig.told.clear()
        device_requests.start_next(rig.store, "a", {})
        device_requests.update(rig.store, "a", "first", {"status": "IN_PROGRESS", "statusDetails": {"x": "1"}})
        assert rig.told == []
        device_requests.update(rig.store, "a", "first", {"status": "SUCCEEDED"})
        device_requests.update(rig.store, "a", "second", {"status": "FAILED"})

        assert rig.told == [
            ("a", "notify", ["second"]),
            ("a", "notify-next", ["second"]),
            ("a", "notify", []),
            ("a", "notify-next", []),
        ]

    def test_what_is_in_progress_is_next_even_if_it_was_queued_later(self, rig: Rig) -> None:
        rig.create("first")
        rig.create("second")
        device_requests.update(rig.store, "a", "second", {"status": "IN_PROGRESS"})

        assert rig.told[-1] == ("a", "notify-next", ["second"])
        assert device_requests.start_next(rig.store, "a", {})["execution"]["jobId"] == "second"

    def test_cancelling_and_deleting_are_told(self, rig: Rig) -> None:
        rig.create("j")
        rig.told.clear()
        rig.store.cancel(rig.store.job("j"), force=False, why={})
        rig.create("k")
        rig.store.delete(rig.store.job("k"), force=True)

        assert [(kind, jobs) for _, kind, jobs in rig.told] == [
            ("notify", []),
            ("notify-next", []),
            ("notify", ["k"]),
            ("notify-next", ["k"]),
            ("notify", []),
            ("notify-next", []),
        ]


class TestFleet:
    def test_thing_that_is_deleted_has_its_execution_removed(self, rig: Rig) -> None:
        rig.create("j", "thing/a", "thing/b")
        del rig.things["a"]
        rig.store.fleet_changed()

        assert (rig.status("j"), rig.status("j", "b")) == ("REMOVED", "QUEUED")

    def test_thing_in_two_targets_gets_one_execution(self, rig: Rig) -> None:
        rig.groups[f"{ARN_PREFIX}thinggroup/g"] = frozenset({"a", "b"})
        rig.create("j", "thing/a", "thinggroup/g")

        assert [one.thing for one in rig.store.executions_of_job("j")] == ["a", "b"]

    def test_empty_group_completes_a_snapshot_and_not_a_continuous_job(self, rig: Rig) -> None:
        rig.groups[f"{ARN_PREFIX}thinggroup/g"] = frozenset()
        rig.create("once", "thinggroup/g")
        rig.create("always", "thinggroup/g", targetSelection="CONTINUOUS")

        assert (rig.store.job("once").status, rig.store.job("always").status) == ("COMPLETED", "IN_PROGRESS")


class TestUpdates:
    @pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "REJECTED"])
    @pytest.mark.parametrize("late", ["IN_PROGRESS", "SUCCEEDED", "FAILED", "REJECTED"])
    def test_nothing_follows_an_end(self, rig: Rig, status: str, late: str) -> None:
        rig.create("j")
        device_requests.update(rig.store, "a", "j", {"status": status})
        with pytest.raises(JobError) as caught:
            device_requests.update(rig.store, "a", "j", {"status": late})

        assert caught.value.code is JobErrorCode.INVALID_STATE_TRANSITION
        assert caught.value.state == {"status": status, "versionNumber": 2}

    @pytest.mark.parametrize("status", ["QUEUED", "CANCELED", "TIMED_OUT", "REMOVED", "DONE", None, 7, {"a": 1}])
    def test_state_that_is_no_device_s_to_set_is_refused(self, rig: Rig, status: Any) -> None:
        rig.create("j")
        with pytest.raises(JobError) as caught:
            device_requests.update(rig.store, "a", "j", {"status": status})

        assert caught.value.code is JobErrorCode.INVALID_REQUEST
        assert rig.status("j") == "QUEUED"

    def test_details_are_kept_until_others_come(self, rig: Rig) -> None:
        rig.create("j")
        device_requests.start_next(rig.store, "a", {"statusDetails": {"step": "1"}})
        device_requests.update(rig.store, "a", "j", {"status": "IN_PROGRESS"})
        kept = dict(rig.store.execution("a", "j").details)
        told = device_requests.update(
            rig.store, "a", "j", {"status": "SUCCEEDED", "statusDetails": {"n": "2"}, "includeJobExecutionState": True}
        )

        assert kept == {"step": "1"}
        assert told == {"executionState": {"status": "SUCCEEDED", "versionNumber": 4, "statusDetails": {"n": "2"}}}

    def test_number_of_another_execution_finds_none(self, rig: Rig) -> None:
        rig.create("j")
        with pytest.raises(JobError) as caught:
            device_requests.update(rig.store, "a", "j", {"status": "SUCCEEDED", "executionNumber": 99})

        assert caught.value.code is JobErrorCode.RESOURCE_NOT_FOUND
