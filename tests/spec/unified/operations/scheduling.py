"""Operations of the test runner that run other operations: threads and loops.

Follows: unified-test-format, "runOnThread", "waitForThread" and "loop".
"""

from __future__ import annotations

import time
from typing import Any

from tests.spec.unified.context import Context
from tests.spec.unified.operations.registry import Operations

OPERATIONS = Operations("testRunner")
THREAD_PATIENCE = 10.0


@OPERATIONS.add("runOnThread")
async def run_on_thread(context: Context, _: None, arguments: dict[str, Any]) -> None:
    operation = arguments["operation"]
    context.entities.get(arguments["thread"], "thread").submit(lambda: context.execute(context, operation))


@OPERATIONS.add("waitForThread")
async def wait_for_thread(context: Context, _: None, arguments: dict[str, Any]) -> None:
    await context.entities.get(arguments["thread"], "thread").finish(THREAD_PATIENCE)


@OPERATIONS.add("loop")
async def loop(context: Context, _: None, arguments: dict[str, Any]) -> None:
    """Run operations over and over, until `context.terminated` is set or one fails that nobody stores."""
    errors = _store(context, arguments, "storeErrorsAsEntity")
    failures = _store(context, arguments, "storeFailuresAsEntity")
    iterations = successes = 0
    try:
        while not context.terminated:
            iterations += 1
            try:
                for operation in arguments["operations"]:
                    await context.execute(context, operation)
                    successes += 1
            except Exception as error:
                chosen = failures if isinstance(error, AssertionError) else errors
                into = chosen if chosen is not None else errors if errors is not None else failures
                if into is None:
                    raise
                into.append({"error": str(error), "time": time.time()})
            await context.face.sleep(0)
    finally:
        for name, number in (("storeIterationsAsEntity", iterations), ("storeSuccessesAsEntity", successes)):
            if name in arguments:
                context.entities.add(arguments[name], "value", number)


def _store(context: Context, arguments: dict[str, Any], name: str) -> list[Any] | None:
    return context.entities.value(arguments[name], []) if name in arguments else None
