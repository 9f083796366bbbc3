"""Makes connections to one server: connects the stream, shakes hands, negotiates compression, authenticates.

Follows the handshake specification. Authentication begins in the hello command already, where the mechanism
allows it, and is over before the connection's first use. Monitors' connections do not authenticate.
"""

from __future__ import annotations

from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any

from petiole._commands.errors import command_error
from petiole._commands.hello import chosen_compressor, hello_body, limits, supported_mechanisms
from petiole._native import compress, op_msg
from petiole._net.connection import Connection, describe_timeouts
from petiole._net.failure import connect_error, mark
from petiole._net.listeners import Listeners
from petiole._sdam.errors import Phase
from petiole._sdam.server import describe_server
from petiole._sdam.server_type import SERVER_TYPE
from petiole.errors import ConfigurationError

EXHAUST_ALLOWED = 1 << 16
"""The OP_MSG flag by which a client accepts several replies to one request."""

_NO_LOAD_BALANCER = (
    "Driver attempted to initialize in load balancing mode, but the server does not support this mode"
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from petiole._auth.authentication import Authentication
    from petiole._auth.conversation import Conversation
    from petiole._auth.credentials import MongoCredential
    from petiole._native import Codec, Reply
    from petiole._net.ocsp import Ocsp
    from petiole._net.pool_parts import PoolLimits
    from petiole._net.pool_watch import PoolWatch
    from petiole._net.requests import Requests
    from petiole._runtime.base import Address, Deadline, Runtime, Stream, StreamOptions


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
        credential: MongoCredential | None = None,
        ocsp: Ocsp | None = None,
        observe: Callable[[Reply], None] | None = None,
        socket_timeout: float | None = None,
        api_fields: dict[str, Any] | None = None,
        listeners: Listeners | None = None,
        requests: Requests | None = None,
    ) -> None:
        self.address = address
        self.runtime = runtime
        self.codec = codec
        self.stream_options = stream_options
        self.pool_limits = pool_limits
        self.requests = requests
        """Who keeps connections from one operation to the next; None where nobody may."""
        self._metadata = metadata
        self._listeners = listeners or Listeners()
        self.api_fields = api_fields or {}
        """The Stable API's fields, which go with every command."""
        self._compressors = compressors
        self._zlib_level = zlib_level
        self._load_balanced = load_balanced
        self._credential = credential
        self._ocsp = ocsp
        self._timeouts = partial(describe_timeouts, socket_timeout, stream_options.connect_timeout)
        self._observe = observe
        """Is shown the handshakes' replies, which tell the cluster time; those of monitors do not count (driver
        sessions specification, "Drivers do not gossip $clusterTime on SDAM commands")."""

    def on(self, runtime: Runtime) -> Connector:
        """The same connector on another runtime."""
        if runtime is self.runtime:
            return self
        other = copy(self)
        other.runtime = runtime
        return other

    def watch_pool(self, runtime: Runtime) -> PoolWatch | None:
        """What tells the pool listeners of a new pool; None where nobody listens."""
        if not self._listeners.pools:
            return None
        from petiole._net.pool_watch import PoolWatch  # Late: most clients have no listeners.

        return PoolWatch(self._listeners.pools, self.address, runtime)

    def for_monitoring(self, runtime: Runtime) -> Connector:
        """A connector for monitors, which connect on the background loop and never authenticate."""
        other = copy(self)
        other.runtime = runtime
        other._credential = None
        other._observe = None
        limit = self.stream_options.connect_timeout
        other._timeouts = partial(describe_timeouts, limit, limit)
        return other

    async def establish(
        self,
        number: int,
        generation: int,
        deadline: Deadline,
        begun: Callable[[Connection], None] | None = None,
    ) -> Connection:
        """A connection that has shaken hands and authenticated.

        Raises `AutoReconnect` or `NetworkTimeout`, and `OperationFailure` when the server refuses; `failure.failure_of`
        tells from the error how far the connection had come.

        :param begun: is shown the connection before the handshake, to be able to interrupt it
        """
        renewed = partial(deadline.sooner, self.stream_options.connect_timeout)
        deadline = renewed()
        try:
            stream = await self.runtime.connect(self.address, self.stream_options, deadline)
            if self._ocsp is not None:
                await self._check_revocation(stream, deadline)
        except OSError as error:
            raise connect_error(self.address, error, self._timeouts(deadline)) from error
        connection = Connection(self.address, stream, number, generation, self._timeouts)
        phase = Phase.HELLO
        authentication = self._authentication()
        if begun is not None:
            begun(connection)
        try:
            document = await self._shake_hands(connection, authentication, deadline)
            if authentication is not None:
                phase = Phase.AUTH
                await self._authenticate(connection, authentication, document, renewed)
        except BaseException as error:
            connection.close()
            mark(error, phase, connection.service_id)
            raise
        return connection

    async def _check_revocation(self, stream: Stream, deadline: Deadline) -> None:
        assert self._ocsp is not None
        chain: list[bytes] = stream.peer_chain()  # type: ignore[attr-defined]  # Streams with TLS have it.
        try:
            await self._ocsp.check(chain, self.address, self.stream_options, self.runtime, deadline)
        except BaseException:
            stream.close()
            raise

    def _authentication(self) -> Authentication | None:
        if self._credential is None:
            return None
        # Late: hashes and Unicode tables, which clients without credentials do not need.
        from petiole._auth.authentication import Authentication
        from petiole._auth.scram import NONCE_SIZE

        return Authentication(self._credential, self.runtime.random_bytes(NONCE_SIZE), self.address[0])

    async def _authenticate(
        self,
        connection: Connection,
        authentication: Authentication,
        hello: dict[str, Any],
        renewed: Callable[[], Deadline],
    ) -> None:
        # Kept out of what the connection remembers of the handshake.
        begun = hello.pop("speculativeAuthenticate", None)
        description = connection.description
        if description is not None and description.server_type == SERVER_TYPE.RSArbiter:
            return  # It holds no data, hence no users (authentication specification, "Errors").
        conversation = authentication.converse(supported_mechanisms(hello), begun)
        await self._carry_out(conversation, connection, authentication, renewed)
        if authentication.renewable:
            connection.reauthenticate = partial(self._authenticate_again, connection, authentication)

    async def _authenticate_again(
        self, connection: Connection, authentication: Authentication, deadline: Deadline
    ) -> None:
        """The server wants a new token; the connection is closed if there is none."""
        renewed = partial(deadline.sooner, self.stream_options.connect_timeout)
        try:
            await self._carry_out(authentication.renew(), connection, authentication, renewed)
        except BaseException:
            connection.close()
            raise

    async def _carry_out(
        self,
        conversation: Conversation,
        connection: Connection,
        authentication: Authentication,
        renewed: Callable[[], Deadline],
    ) -> None:
        from petiole._net.authenticate import authenticate

        await authenticate(
            connection,
            conversation,
            authentication.source,
            fields=self.api_fields,
            codec=self.codec,
            runtime=self.runtime,
            renewed=renewed,
        )

    async def _shake_hands(
        self, connection: Connection, authentication: Authentication | None, deadline: Deadline
    ) -> dict[str, Any]:
        body = hello_body(
            legacy=not self.api_fields and not self._load_balanced,
            client=self._metadata,
            compressors=self._compressors,
            load_balanced=self._load_balanced,
            sasl_supported_mechs=None if authentication is None else authentication.supported_mechs,
            speculative=None if authentication is None else authentication.speculative(),
        )
        body.update(self.api_fields)
        reply = await self.hello(connection, body, deadline)
        document = self.read_hello(reply)
        if self._load_balanced and "serviceId" not in document:
            raise ConfigurationError(_NO_LOAD_BALANCER)
        if self._observe is not None:
            self._observe(reply)
        now = self.runtime.clock()
        description = describe_server(self.address, document, round_trip_time=0.0, last_update_time=now)
        connection.welcome(document, description, limits(document))
        name = chosen_compressor(self._compressors, document)
        if name is not None:
            connection.compress = partial(compress, name, self._zlib_level)
        return document

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
