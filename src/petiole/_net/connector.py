"""Makes connections to one server: connects the stream, shakes hands, negotiates compression.

Follows the handshake specification. Authentication takes its place between the hello reply and the
connection's first use.
"""

from __future__ import annotations

from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any

from petiole._commands.errors import command_error
from petiole._commands.hello import chosen_compressor, hello_body, limits
from petiole._native import compress, op_msg
from petiole._net.connection import Connection, network_error
from petiole._sdam.server import describe_server

EXHAUST_ALLOWED = 1 << 16
"""The OP_MSG flag by which a client accepts several replies to one request."""

if TYPE_CHECKING:
    from petiole._native import Codec, Reply
    from petiole._net.pool import PoolLimits
    from petiole._runtime.base import Address, Deadline, Runtime, StreamOptions


class Connector:
    """Holds what all connections of a client to one server have in common."""

    def __init__(
        self,
        address: Address,
        runtime: Runtime,
        codec: Codec,
        *,
        stream_options: StreamOptions,
        pool_limits: PoolLimits,
        metadata: dict[str, Any] | None,
        compressors: list[str],
        zlib_level: int = -1,
        load_balanced: bool = False,
    ) -> None:
        self.address = address
        self.runtime = runtime
        self.codec = codec
        self.stream_options = stream_options
        self.pool_limits = pool_limits
        self._metadata = metadata
        self._compressors = compressors
        self._zlib_level = zlib_level
        self._load_balanced = load_balanced

    def on(self, runtime: Runtime) -> Connector:
        """The same connector on another runtime: monitors connect on the background loop."""
        if runtime is self.runtime:
            return self
        other = copy(self)
        other.runtime = runtime
        return other

    async def establish(self, number: int, generation: int, deadline: Deadline) -> Connection:
        """A connection that has shaken hands. Raises `AutoReconnect` or `NetworkTimeout`."""
        deadline = deadline.sooner(self.stream_options.connect_timeout)
        try:
            stream = await self.runtime.connect(self.address, self.stream_options, deadline)
        except OSError as error:
            raise network_error(self.address, error) from error
        connection = Connection(self.address, stream, number, generation)
        try:
            await self._shake_hands(connection, deadline)
        except BaseException:
            connection.close()
            raise
        return connection

    async def _shake_hands(self, connection: Connection, deadline: Deadline) -> None:
        body = hello_body(
            legacy=True,
            client=self._metadata,
            compressors=self._compressors,
            load_balanced=self._load_balanced,
        )
        document = self.read_hello(await self.hello(connection, body, deadline))
        now = self.runtime.clock()
        description = describe_server(self.address, document, round_trip_time=0.0, last_update_time=now)
        connection.welcome(document, description, limits(document))
        name = chosen_compressor(self._compressors, document)
        if name is not None:
            connection.compress = partial(compress, name, self._zlib_level)

    async def hello(
        self, connection: Connection, body: dict[str, Any], deadline: Deadline, *, exhaust: bool = False
    ) -> Reply:
        """Send a hello command; with `exhaust`, the server may go on replying unasked."""
        flags = EXHAUST_ALLOWED if exhaust else 0
        return await connection.exchange(op_msg(self.codec, flags, body, "admin", b""), deadline)

    def read_hello(self, reply: Reply) -> dict[str, Any]:
        """A hello reply as a document; an error reply is raised as the server's error."""
        document: dict[str, Any] = reply.document(self.codec)
        if not reply.ok:
            raise command_error(document)
        return document
