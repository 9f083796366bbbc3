"""Looks up what pure generators ask for that is no reply of a server: files, HTTP answers, names, the environment.

Owns no rule of what is asked. Answers may hold secrets, so none is shown to a listener or a log.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from petiole._auth.conversation import CanonicalName, Fetch, Look, Read, Surroundings, Work
from petiole._runtime.clock import utc_now
from petiole._runtime.sockets import canonical_name

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

    from petiole._auth.conversation import Step
    from petiole._runtime.base import Deadline, Runtime

_HTTP_TIMEOUT = 10.0
"""Seconds for a service that hands out credentials to answer."""


async def carry_out(source: Generator[Step, Any, Any], runtime: Runtime, deadline: Deadline) -> Any:
    """The result of a generator that asks for things outside, but sends no commands."""
    try:
        step = next(source)
        while True:
            assert isinstance(step, (Work, Fetch, Read, CanonicalName, Look))
            try:
                answer = await supply(step, runtime, deadline)
            except OSError as error:
                step = source.throw(error)
            else:
                step = source.send(answer)
    except StopIteration as end:
        return end.value


async def supply(
    step: Work | Fetch | Read | CanonicalName | Look, runtime: Runtime, deadline: Deadline
) -> Any:
    """What a conversation asks for that is no reply of the server."""
    if isinstance(step, Work):
        return await runtime.offload(step.run, deadline)
    if isinstance(step, Look):
        return Surroundings(os.environ, utc_now())
    if isinstance(step, Read):
        return await runtime.offload(partial(_text_of, step.path), deadline)
    if isinstance(step, CanonicalName):
        return await runtime.offload(partial(canonical_name, step.host, reverse=step.reverse), deadline)
    from petiole._runtime.http import request  # Late: few ask for it.

    timeout = _HTTP_TIMEOUT if deadline.at is None else min(_HTTP_TIMEOUT, deadline.remaining() or 0.001)
    return await runtime.offload(partial(request, *step, timeout), deadline)


def _text_of(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()
