"""Who does the work: this process, or several others.

The pool is our own and small, because it must say which futures were lost with a worker, stop
within seconds, and leave no worker behind when its parent is killed; the standard pool gives up
all of its work when one worker dies, and its workers outlive a killed parent.
"""

import multiprocessing
import os
import signal
import threading
import traceback
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Generic, TypeVar, cast

from simfs.errors import RunError, SimfsError

ATTEMPTS = 2  # a task whose worker is lost is tried once more

Task = TypeVar("Task", bound=Hashable)
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Done:
    """A worker's answer: the result."""

    result: Any


@dataclass(frozen=True, slots=True)
class Refused:
    """A worker's answer when simfs itself refused the task."""

    message: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A worker's answer when the task met a fault of ours; exceptions do not always travel."""

    trace: str


Answer = Done | Refused | Failed


def answer_of(work: Callable[[Task], Any], task: Task) -> Answer:
    """Do a task where the work is done; whatever comes of it travels as an answer."""
    try:
        return Done(work(task))
    except SimfsError as refusal:
        return Refused(str(refusal))
    except Exception:  # carried to the parent as text and raised there
        return Failed(traceback.format_exc())


def result_of(answer: Answer, task: object) -> Any:
    """The result of a task where it is wanted.

    Raises:
        RunError: simfs refused the task.
        RuntimeError: the task met a fault of ours.
    """
    match answer:
        case Refused(message):
            raise RunError(message)
        case Failed(trace):
            raise RuntimeError(f"{task} failed in a worker process:\n{trace}")
        case Done(result):
            return result


def in_this_process(
    work: Callable[[Task], Result], tasks: Iterable[Task]
) -> Iterator[tuple[Task, Result]]:
    """Each task with its result, in order, without any other process."""
    for task in tasks:
        yield task, work(task)


def in_processes(
    work: Callable[[Task], Result], tasks: Iterable[Task], jobs: int
) -> Iterator[tuple[Task, Result]]:
    """Each task with its result as it is finished, by `jobs` worker processes.

    A task is taken from `tasks` when a worker is free for it, so they may be without number.
    Closing the iterator, or an exception from it, ends all workers at once.

    Raises:
        RunError: a worker process was lost twice on the same task, or simfs refused the task.
    """
    pool = _Pool(work, tasks)
    try:
        for _ in range(jobs):
            pool.hire()
        while pool.busy:
            yield from pool.collect()
    finally:
        pool.dismiss()


class _Pool(Generic[Task, Result]):
    """Workers, the task each one has, and the tasks that were lost with a worker."""

    def __init__(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> None:
        self.work = work
        self.tasks = iter(tasks)
        self.lost: deque[Task] = deque()
        self.attempts: Counter[Task] = Counter()
        self.busy: dict[Connection, tuple[SpawnProcess, Task]] = {}

    def hire(self) -> None:
        """Start a worker on the next task, if there is one."""
        task = self._next()
        if task is None:
            return
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self.work), daemon=True)
        with _interrupts_held():
            process.start()
        theirs.close()  # or the end of the worker would not end the pipe
        self._give(process, ours, task)

    def _next(self) -> Task | None:
        """The next task to give out: one that was lost before one that was never begun."""
        return self.lost.popleft() if self.lost else next(self.tasks, None)

    def _give(self, process: SpawnProcess, pipe: Connection, task: Task) -> None:
        self.attempts[task] += 1
        self.busy[pipe] = (process, task)
        try:
            pipe.send(task)
        except OSError:
            self._lose(pipe)

    def collect(self) -> Iterator[tuple[Task, Result]]:
        """Wait for workers; pass on what they finished and give them more to do."""
        for pipe in wait(list(self.busy)):
            pipe = cast(Connection, pipe)  # of another class on Windows
            process, task = self.busy[pipe]
            try:
                answer = pipe.recv()
            except (EOFError, OSError):
                self._lose(pipe)
                continue
            result = result_of(answer, task)
            del self.busy[pipe], self.attempts[task]
            following = self._next()
            if following is None:
                _end(process, pipe)
            else:
                self._give(process, pipe, following)
            yield task, result

    def _lose(self, pipe: Connection) -> None:
        """A worker is gone: its task goes back to the front, once."""
        process, task = self.busy.pop(pipe)
        process.join()
        how = process.exitcode
        _end(process, pipe)
        if self.attempts[task] >= ATTEMPTS:
            raise RunError(
                f"a worker process was lost {ATTEMPTS} times on {task} (exit code {how}); it may "
                "have run out of memory: try fewer --jobs"
            )
        self.lost.append(task)
        self.hire()

    def dismiss(self) -> None:
        """End every worker at once, finished or not."""
        while self.busy:
            pipe, (process, _) = self.busy.popitem()
            _end(process, pipe)


def _end(process: SpawnProcess, pipe: Connection) -> None:
    process.kill()
    process.join()
    process.close()
    pipe.close()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back while a process starts; the child inherits the mask and never sees one."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker  # noqa: PLC0415  exists where there are masks

    # Python starts this helper with the first process, and then lets interrupts through again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection, work: Callable[[Any], Any]) -> None:
    """The life of a worker process: take a task, answer, until the pipe or the parent ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    threading.Thread(target=_die_with_parent, daemon=True).start()
    while True:
        try:
            task = pipe.recv()
        except EOFError:
            return
        pipe.send(answer_of(work, task))


def _die_with_parent() -> None:
    """End this process when its parent is gone, however it went."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
