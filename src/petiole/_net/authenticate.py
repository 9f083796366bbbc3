"""Authenticates a connection: carries out, over it, the conversation that `petiole._auth` decides on.

Owns no rule of any mechanism. The bodies it sends and the replies it reads hold proofs and passwords, so it shows
them to no listener and no log.
"""

from __future__ import annotations

from functools import partial
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING

from petiole._auth.conversation import TokenNeeded
from petiole._auth.oidc_callback import TIME_BETWEEN_CALLS_SECONDS
from petiole._commands.errors import command_error
from petiole._native import op_msg
from petiole._net.connection import network_error
from petiole._net.lookups import carry_out, supply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from petiole._auth.conversation import Conversation
    from petiole._native import Codec
    from petiole._net.connection import Connection
    from petiole._runtime.base import Deadline, Runtime


async def authenticate(
    connection: Connection,
    conversation: Conversation,
    source: str,
    *,
    fields: Mapping[str, Any],
    codec: Codec,
    runtime: Runtime,
    renewed: Callable[[], Deadline],
) -> None:
    """Converse with the server until it has accepted the user of the database `source`.

    :param renewed: the deadline for making a connection, beginning now.
    :param fields: what goes with every command (Stable API, "Sending Versioned API Parameters").
    :raises OperationFailure: if the server refuses the user, or proves not to be the right server.
    """
    deadline = renewed()
    try:
        step = next(conversation)
        while True:
            if isinstance(step, dict):
                reply = await connection.exchange(op_msg(codec, 0, {**step, **fields}, source, b""), deadline)
                answer: Any = reply.document(codec)
                if reply.ok:
                    step = conversation.send(answer)
                else:
                    step = conversation.throw(command_error(answer, _wire_version(connection)))
                continue
            try:
                if isinstance(step, TokenNeeded):
                    answer = await _token(step, runtime)
                    deadline = renewed()  # A person may have taken minutes to log in.
                else:
                    answer = await supply(step, runtime, deadline)
            except OSError as error:
                step = conversation.throw(error)
            else:
                step = conversation.send(answer)
    except StopIteration:
        pass  # The conversation is over.
    except OSError as error:  # Of no conversation's concern: the deadline has passed.
        raise network_error(connection.address, error, connection.timeouts(deadline)) from error
    finally:
        conversation.close()


async def _token(needed: TokenNeeded, runtime: Runtime) -> str:
    """A token of the application or the platform; what another connection has got meanwhile serves as well."""
    from petiole._net.turns import Turns  # Late: few ask for it.

    cache, context = needed.cache, needed.context
    deadline = runtime.deadline(context.timeout_seconds)
    turns: Turns = cache.turns.setdefault("turns", Turns(runtime.guard()))
    await turns.take(runtime, deadline)
    try:
        if cache.access_token is not None:
            return cache.access_token
        if cache.called_at is not None:
            # The specification forbids to call more often, whatever the callback returns.
            pause = cache.called_at + TIME_BETWEEN_CALLS_SECONDS - runtime.clock()
            if pause > 0:
                await runtime.sleep(pause)
        try:
            return cache.accept(await _fetched(needed, runtime, deadline))
        finally:
            cache.called_at = runtime.clock()
    finally:
        turns.give()


async def _fetched(needed: TokenNeeded, runtime: Runtime, deadline: Deadline) -> Any:
    if needed.fetch is None:
        assert needed.source is not None
        return await carry_out(needed.source, runtime, deadline)
    if iscoroutinefunction(needed.fetch):
        return await needed.fetch(needed.context)
    return await runtime.offload(partial(needed.fetch, needed.context), deadline)


def _wire_version(connection: Connection) -> int | None:
    return None if connection.description is None else connection.description.max_wire_version
