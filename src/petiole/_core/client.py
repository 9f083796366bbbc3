"""A client: its options, and the engine that all its databases and collections run on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from petiole._commands.metadata import client_metadata
from petiole._core.bound import Bound
from petiole._core.document import Document
from petiole._core.options import Options
from petiole._engine.engine import Engine
from petiole._net.environment import facts
from petiole.client_options import build_client_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from petiole._engine.executor import Executor
    from petiole._runtime.base import Runtime
    from petiole.client_options import ClientOptions


class CoreClient(Bound, Generic[Document]):
    """What the blocking and the asyncio client share."""

    HOST = "localhost"
    PORT = 27017

    _engine: Engine
    _executor: Executor

    def _configure(
        self, runtime: Runtime, host: str | Sequence[str] | None, port: int | None, keywords: dict[str, Any]
    ) -> None:
        """Read the options and build the engine; nothing is connected yet."""
        setup = build_client_options(
            self.HOST if host is None else host, self.PORT if port is None else port, keywords
        )
        options = self._client_options = setup.options
        self._seeds = setup.seeds
        self._default_database_name = setup.database
        self._options = Options(
            options.codec_options, options.read_preference, options.write_concern, options.read_concern
        )
        self._engine = Engine(setup.seeds, options, runtime, self._metadata)
        self._executor = self._engine.executor

    def _metadata(self) -> dict[str, Any]:
        pool = self._client_options.pool_options
        drivers = () if pool.driver is None else (pool.driver,)
        return client_metadata(facts(), pool.appname, drivers)

    @property
    def options(self) -> ClientOptions:
        """The configuration options for this client."""
        return self._client_options

    def __del__(self) -> None:
        engine = self.__dict__.get("_engine")
        if engine is not None:
            engine.abandon()

    async def _close(self) -> None:
        """End the sessions, close all connections and stop the monitors. May be called again."""
        await self._engine.close()
