"""One run of the simulated world, from a seed: everything is put together here.

Owns: the phases. The application works while faults happen; the faults end, and everything has to recover; the client
is closed, and nothing may be left of it.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterable
from math import inf
from random import Random
from typing import Any

from tests.simulation.faults import Faults
from tests.simulation.invariants import Invariants, watched
from tests.simulation.network import Network
from tests.simulation.replica_set import ReplicaSet
from tests.simulation.runtime import SimulatedRuntime
from tests.simulation.scheduler import Home, Scheduler, Task, Violation
from tests.simulation.server import Server
from tests.simulation.settings import Settings
from tests.simulation.workload import SimulatedClient, Watch, Workload

_FAREWELL = 5.0
"""Seconds that closing a client may take."""
_RECOVERY = 12.0
"""Seconds in which the set has elected a primary and the client found it, after the last fault."""


class Failure(AssertionError):
    """A seed that failed, and how to see it again."""

    def __init__(self, seed: int, cause: BaseException) -> None:
        super().__init__(f"seed {seed}: {cause!r}\nsee it by: python -m tests.simulation {seed}")
        self.seed = seed


class Simulation:
    """The world of one seed."""

    def __init__(self, seed: int, trace: Callable[[str], None] | None = None) -> None:
        self._trace = trace

        def stream(name: str) -> Random:
            return Random(f"{seed} {name}")

        self.scheduler = Scheduler(stream("order"))
        self.network = Network(self.scheduler, stream("network"))
        self.settings = Settings(stream("settings"))
        self.set = ReplicaSet(self.scheduler, stream("set"), self.settings.members, self.note)
        for member in self.set.members:
            self.network.hosts[member.host.name] = member.host
        self.server = Server(self.network, self.set, self.settings.static)
        self.faults = Faults(self.scheduler, self.network, self.set, self.server, stream("faults"))
        self.runtime = SimulatedRuntime(self.scheduler, self.network, stream("client"))
        if self.faults.mild:
            self.settings.be_patient()
        self.client = SimulatedClient(self.runtime, self.settings.uri)
        self.workload = Workload(self.client, self.scheduler, self.settings, stream("work"), self.note)
        self.invariants = Invariants(self)
        self.workload.writable_since = lambda: self.invariants.writable_since
        self._choice = stream("phases")
        self.abrupt = self._choice.random() < 0.15
        """Whether the client is closed in the middle of everything."""
        self.ends_home = not self.abrupt and self.settings.homes > 1 and self._choice.random() < 0.3
        """Whether one of the event loops ends before the faults do."""
        self._outside = Home("outside", client=False)
        self.homes = [Home(f"loop{number}", client=True) for number in range(self.settings.homes)]

    def note(self, form: str, *values: Any) -> None:
        """Add a line to the trace, if anybody reads it."""
        if self._trace is not None:
            self._trace(f"{self.scheduler.now:9.4f}  " + form % values)

    def end(self) -> None:
        """Tear down what is under way, which is nobody's business any more."""
        self._trace = None
        for task in list(self.scheduler.tasks):
            task.close()

    def run(self) -> None:
        """All phases; raises `Violation`."""
        self.scheduler.after_step = self.invariants.after_step
        self.set.start()
        self.faults.schedule()
        if self.abrupt:
            self._break_off()
        else:
            self._work()
            self._recover()
            self._close()
            self._settle()
        self.invariants.check_history()

    def _work(self) -> None:
        self.workload.strict = self.network.steady = self.faults.calm
        self.workload.hidden = self.faults.mild
        end = self.faults.end
        if self.ends_home:
            work = self._end_home(self.homes[-1])
            at = end * self._choice.random()
            self.scheduler.call_at(at, lambda: self.scheduler.spawn(work, self._outside, "ending"))
        names = [str(number) for number in range(self.settings.tasks)]
        tasks = [self.workload.start(self._home(number), name, end) for number, name in enumerate(names)]
        self._finish(tasks)
        if self.ends_home:
            self.homes.pop()

    def _break_off(self) -> None:
        """The client is closed while operations are under way: they end too."""
        names = [str(number) for number in range(self.settings.tasks)]
        tasks = [self.workload.start(self._home(number), name, inf) for number, name in enumerate(names)]
        end = self.faults.end * (1 - self._choice.random() ** 2)
        self.scheduler.run(lambda: self.scheduler.now >= end)
        self.note("the client is closed")
        self._close()
        self._finish(tasks)
        self._settle()

    async def _end_home(self, home: Home) -> None:
        """An event loop ends, as `asyncio.run` ends it: its tasks are cancelled first."""
        self.note("%s ends", home)
        while tasks := self.scheduler.tasks_at(home):
            for task in tasks:
                task.cancel()
            for task in tasks:
                await task.done
        home.ended = True
        self.note("%s has ended", home)

    def _recover(self) -> None:
        """Without faults, everything comes back by itself; then every operation has to succeed."""
        self._until_recovered()
        for link in [link for link in self.network.links if link.mute or link.soiled]:
            link.cut()
        # A dead connection is noticed on check-out only when it has been idle for more than a second.
        pause = self.scheduler.now + 1.2
        self.scheduler.run(lambda: self.scheduler.now > pause)
        self._until_recovered()
        self.invariants.check_ended_homes()
        self.note("recovered")
        self.workload.strict = self.network.steady = True
        self.invariants.forget_server_side()
        works = [self.workload.last(str(number)) for number in range(max(2, self.settings.tasks))]
        spawn = self.scheduler.spawn
        self._finish([spawn(work, self._home(number), "last") for number, work in enumerate(works)])

    def _until_recovered(self) -> None:
        since = self.scheduler.now
        recovered, until = self.invariants.recovered, since + _RECOVERY
        self.scheduler.run(lambda: recovered(since) or self.scheduler.now > until)
        if not recovered(since):
            raise Violation(f"not recovered after {_RECOVERY} s: {self.client.topology_description!r}")

    def _close(self) -> None:
        if not self.abrupt:
            self.invariants.begin_closing()
        closing = self.scheduler.spawn(self.client.close(), self._home(0), "close")
        watch = Watch(self.scheduler, "closing", _FAREWELL)
        if self.abrupt and self._choice.random() < 0.2:
            self.scheduler.call_later(0.01 * self._choice.random(), closing.cancel)
        self._finish([closing])
        watch.end()

    def _settle(self) -> None:
        """What has been told to end has ended soon."""
        settled = self.scheduler.now + 0.5
        self.scheduler.run(lambda: self.scheduler.now >= settled)
        self.invariants.check_nothing_left()

    def _home(self, number: int) -> Home:
        return self.homes[number % len(self.homes)]

    def _finish(self, tasks: list[Task]) -> None:
        self.scheduler.run(lambda: all(task.done.fired for task in tasks))
        for task in tasks:
            if task.error is not None:
                raise task.error


def simulate_all(seeds: Iterable[int]) -> Counter[str]:
    """Run many; how often which operation had which outcome. Raises the first `Failure`."""
    outcomes: Counter[str] = Counter()
    for seed in seeds:
        outcomes.update(simulate(seed).workload.ledger.outcomes)
    return outcomes


def simulate(seed: int, trace: Callable[[str], None] | None = None) -> Simulation:
    """Run one seed; raises `Failure`."""
    simulation = Simulation(seed, trace)
    collecting = gc.isenabled()
    gc.disable()  # When a cycle is collected would depend on what ran before.
    try:
        with watched(simulation.invariants.check_reply):
            simulation.run()
    except Exception as error:
        simulation.note("failed: %r", error)
        raise Failure(seed, error) from error
    finally:
        simulation.end()
        if collecting:
            gc.enable()
    return simulation
