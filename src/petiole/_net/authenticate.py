"""Authenticates a connection: carries out, over it, the conversation that `petiole._auth` decides on.

Owns no rule of any mechanism. The bodies it sends and the replies it reads hold proofs and passwords, so it shows
them to no listener and no log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from petiole._auth.conversation import Work
from petiole._commands.errors import command_error
from petiole._native import op_msg

if TYPE_CHECKING:
    from collections.abc import Mapping
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
    deadline: Deadline,
) -> None:
    """Converse with the server until it has accepted the user of the database `source`.

    :param fields: what goes with every command (Stable API, "Sending Versioned API Parameters").
    :raises OperationFailure: if the server refuses the user, or proves not to be the right server.
    """
    try:
        step = next(conversation)
        while True:
            answer: Any
            if isinstance(step, Work):
                answer = await runtime.offload(step.run, deadline)
            else:
                reply = await connection.exchange(op_msg(codec, 0, {**step, **fields}, source, b""), deadline)
                answer = reply.document(codec)
                if not reply.ok:
                    raise command_error(answer, _wire_version(connection))
            step = conversation.send(answer)
    except StopIteration:
        pass  # The conversation is over.
    finally:
        conversation.close()


def _wire_version(connection: Connection) -> int | None:
    return None if connection.description is None else connection.description.max_wire_version
