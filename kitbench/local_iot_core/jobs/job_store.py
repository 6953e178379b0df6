"""All jobs and their executions, and which things hear of what.

Sources: AWS IoT Core developer guide, "Jobs key concepts", "Jobs MQTT API" (notify, notify-next); AWS IoT API
reference, per call.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from kitbench.local_iot_core.jobs.job import Job
from kitbench.local_iot_core.jobs.job_error import JobError, JobErrorCode, Json
from kitbench.local_iot_core.jobs.job_execution import JobExecution
from kitbench.local_iot_core.policies.registry import ARN_PREFIX, Registry

#: Executions kept in all; whoever makes jobs in a loop may not fill the memory.
MOST_EXECUTIONS: Final = 100_000

#: Is told the topic under a thing's jobs, and the message, where a thing's pending executions changed.
Notify = Callable[[str, str, Json], None]


class JobStore:
    """The state of the Jobs service.

    Args:
        fleet: returns the things and groups that there are now.
        clock: seconds since 1970.
        notify: is called with thing, ``"notify"`` or ``"notify-next"``, and the message.
    """

    def __init__(self, fleet: Callable[[], Registry], clock: Callable[[], float], notify: Notify) -> None:
        self.jobs: dict[str, Job] = {}
        self.now: Final = clock
        self._fleet = fleet
        self._notify = notify
        #: Thing → job id → execution, in the order in which they were queued.
        self._executions: dict[str, dict[str, JobExecution]] = {}
        #: Thing → what it was told last: the ids of its pending jobs, and of the next one.
        self._told: dict[str, tuple[frozenset[str], str | None]] = {}

    # What there is

    def job(self, job_id: str) -> Job:
        """Return a job.

        Raises:
            JobError: there is none of this id.
        """
        if (job := self.jobs.get(job_id)) is None:
            raise JobError(JobErrorCode.RESOURCE_NOT_FOUND, f"job {job_id} does not exist")
        return job

    def execution(self, thing: str, job_id: str, number: int | None = None) -> JobExecution:
        """Return a job's execution on a thing.

        Raises:
            JobError: there is none.
        """
        found = self._executions.get(thing, {}).get(job_id)
        if found is None or number not in {None, found.number}:
            why = f"there is no execution of job {job_id} on thing {thing}"
            raise JobError(JobErrorCode.RESOURCE_NOT_FOUND, why)
        return found

    def executions_of_job(self, job_id: str) -> list[JobExecution]:
        """Return a job's executions, in the order of things' names."""
        things = sorted(self.job(job_id).reached)
        return [found for thing in things if (found := self._executions.get(thing, {}).get(job_id)) is not None]

    def executions_of_thing(self, thing: str) -> list[JobExecution]:
        """Return a thing's executions, in the order in which they were queued."""
        return list(self._executions.get(thing, {}).values())

    def pending(self, thing: str) -> list[JobExecution]:
        """Return what is to be done on a thing: what is in progress first, then in the order of queueing."""
        found = [one for one in self._executions.get(thing, {}).values() if one.is_pending]
        return sorted(found, key=lambda one: one.status == "QUEUED")

    def counts(self, job_id: str) -> Counter[str]:
        """Return how many executions of a job are in which state."""
        return Counter(one.status for one in self.executions_of_job(job_id))

    def require_thing(self, thing: str) -> None:
        """Let a thing pass that is registered.

        Raises:
            JobError: it is not.
        """
        if thing not in self._fleet().things:
            raise JobError(JobErrorCode.RESOURCE_NOT_FOUND, f"thing {thing} does not exist")

    # What changes

    def create(self, job: Job) -> None:
        """Take a job, and queue it on its targets.

        Raises:
            JobError: there is one of its id, or a target is nowhere.
        """
        if job.job_id in self.jobs:
            raise JobError(JobErrorCode.RESOURCE_ALREADY_EXISTS, f"job {job.job_id} already exists")
        self._require_targets(job.targets)
        self.jobs[job.job_id] = job
        self._queue(job)

    def add_targets(self, job: Job, targets: tuple[str, ...]) -> None:
        """Queue a continuous job on more targets.

        Raises:
            JobError: the job is over or no continuous one, or a target is nowhere.
        """
        if not job.is_continuous or job.is_over:
            raise JobError(JobErrorCode.INVALID_REQUEST, "targets are added to a continuous job in progress only")
        self._require_targets(targets)
        job.targets = tuple(dict.fromkeys((*job.targets, *targets)))
        job.updated_at = self.now()
        self._queue(job)

    def cancel(self, job: Job, *, force: bool, why: Json) -> None:
        """Cancel a job and what is queued of it, by force also what is in progress.

        Raises:
            JobError: it is over.
        """
        if job.is_over:
            raise JobError(JobErrorCode.INVALID_REQUEST, f"job {job.job_id} is {job.status}, and cannot be canceled")
        job.status, job.updated_at = "CANCELED", self.now()
        job.completed_at = job.updated_at
        job.cancellation = {**why, "forceCanceled": force}
        for one in self.executions_of_job(job.job_id):
            if one.status == "QUEUED" or (force and one.is_pending):
                self._cancel_execution(one, force=force, details=None)

    def cancel_execution(self, one: JobExecution, *, force: bool, details: dict[str, str] | None) -> None:
        """Cancel one execution: what is in progress by force only.

        Raises:
            JobError: nothing is left to be canceled, or force is needed.
        """
        if one.status == "IN_PROGRESS" and not force:
            why = "job execution is IN_PROGRESS: it is canceled with force only"
            raise JobError(JobErrorCode.INVALID_STATE_TRANSITION, why, one.state)
        self._cancel_execution(one, force=force, details=details)

    def _cancel_execution(self, one: JobExecution, *, force: bool, details: dict[str, str] | None) -> None:
        one.move("CANCELED", self.now(), details)
        one.is_force_canceled = force
        self.changed(one)

    def delete(self, job: Job, *, force: bool) -> None:
        """Forget a job and its executions.

        Raises:
            JobError: it is in progress, and force is needed.
        """
        if not (job.is_over or force):
            why = f"job {job.job_id} is {job.status}: it is deleted with force only"
            raise JobError(JobErrorCode.INVALID_STATE_TRANSITION, why)
        things = [one.thing for one in self.executions_of_job(job.job_id)]
        del self.jobs[job.job_id]
        for thing in things:
            self._forget(thing, job.job_id)

    def delete_execution(self, one: JobExecution, *, force: bool) -> None:
        """Forget one execution.

        Raises:
            JobError: something is still to be done, and force is needed.
        """
        if one.is_pending and not force:
            why = f"job execution is {one.status}: it is deleted with force only"
            raise JobError(JobErrorCode.INVALID_STATE_TRANSITION, why, one.state)
        self._forget(one.thing, one.job_id)
        self._complete(self.job(one.job_id))

    def _forget(self, thing: str, job_id: str) -> None:
        self._executions[thing].pop(job_id)
        self._tell(thing)

    def changed(self, one: JobExecution) -> None:
        """Follow a change of an execution: the thing hears of it, and the job may be complete."""
        self._tell(one.thing)
        self._complete(self.jobs[one.job_id])

    def fleet_changed(self) -> None:
        """Follow a change of things and groups: continuous jobs reach who came, and who went is REMOVED."""
        things = self._fleet().things
        for job in self.jobs.values():
            if job.is_continuous and not job.is_over:
                self._queue(job)
        for one in self._all_pending():
            job = self.jobs[one.job_id]
            if one.thing not in things or (job.is_continuous and one.thing not in self._targeted(job)):
                one.move("REMOVED", self.now())
                self.changed(one)

    def tick(self) -> None:
        """Do what is due by the clock: executions time out."""
        for one in self._all_pending():
            if one.is_overdue(self.now()):
                one.move("TIMED_OUT", self.now())
                self.changed(one)

    def _all_pending(self) -> list[JobExecution]:
        return [one for by_job in self._executions.values() for one in by_job.values() if one.is_pending]

    def _require_targets(self, targets: tuple[str, ...]) -> None:
        fleet = self._fleet()
        for target in targets:
            if target not in fleet.groups and _thing_of(target) not in fleet.things:
                raise JobError(JobErrorCode.RESOURCE_NOT_FOUND, f"target {target} does not exist")

    def _targeted(self, job: Job) -> Iterator[str]:
        """Yield the names of the things that a job is for now."""
        fleet = self._fleet()
        for target in job.targets:
            yield from sorted(fleet.groups[target]) if target in fleet.groups else (_thing_of(target),)

    def _queue(self, job: Job) -> None:
        fresh = [name for name in dict.fromkeys(self._targeted(job)) if name not in job.reached]
        fresh = [name for name in fresh if name in self._fleet().things]
        if sum(map(len, self._executions.values())) + len(fresh) > MOST_EXECUTIONS:
            raise JobError(JobErrorCode.INVALID_REQUEST, f"there are more than {MOST_EXECUTIONS} job executions")
        now_s = self.now()
        for name in fresh:
            self._executions.setdefault(name, {})[job.job_id] = JobExecution(job.job_id, name, now_s, now_s)
            job.reached.add(name)
            self._tell(name)
        self._complete(job)

    def _complete(self, job: Job) -> None:
        """Call a snapshot job COMPLETED when nothing is left to be done; a continuous one goes on."""
        is_done = not any(one.is_pending for one in self.executions_of_job(job.job_id))
        if is_done and not job.is_over and not job.is_continuous:
            job.status, job.updated_at = "COMPLETED", self.now()
            job.completed_at = job.updated_at

    def _tell(self, thing: str) -> None:
        """Tell a thing what is pending, where the list or what is next on it has changed."""
        pending = self.pending(thing)
        following = pending[0] if pending else None
        listed, last = self._told.get(thing, (frozenset[str](), None))
        told = (frozenset(one.job_id for one in pending), None if following is None else following.job_id)
        self._told[thing] = told
        stamp: Json = {"timestamp": int(self.now())}
        if told[0] != listed:
            jobs: dict[str, list[Json]] = {}
            for one in pending:
                jobs.setdefault(one.status, []).append(one.summary())
            self._notify(thing, "notify", {**stamp, "jobs": jobs})
        if told[1] != last:
            execution = {} if following is None else {"execution": self.full(following)}
            self._notify(thing, "notify-next", stamp | execution)

    def full(self, one: JobExecution) -> Json:
        """Return an execution with its document, as devices read it."""
        return one.described(self.now()) | {"jobDocument": json.loads(self.job(one.job_id).document)}


def _thing_of(target: str) -> str:
    prefix = f"{ARN_PREFIX}thing/"
    return target.removeprefix(prefix) if target.startswith(prefix) else ""
