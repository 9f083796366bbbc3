"""Commands that the application makes up, and aggregations, on a database.

Owns `command` and the opening of `cursor_command` and `aggregate`; what a command is sent as, is
`_commands.run_command`'s. Follows the Run Command specification: no concern is added, nothing is retried but by
an overloaded server's leave, and the read preference is the caller's, not the database's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from petiole._commands import aggregate as aggregation
from petiole._commands.arguments import integer_or_none
from petiole._commands.errors import is_allowed
from petiole._commands.run_command import command_body, command_class, not_a_cursor
from petiole._core.aggregation import explain_pipeline, open_pipeline
from petiole._core.bound import Bound
from petiole._core.document import Document
from petiole._core.options import check_options
from petiole._engine.cursor import ServerCursor
from petiole.errors import NotPrimaryError, OperationFailure, ProtocolError
from petiole.read_preferences import ReadPreference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from petiole._commands.aggregate import Pipeline
    from petiole._commands.run_command import RunCommand
    from petiole._engine.executor import Executor
    from petiole._engine.session import Session
    from petiole._native import Codec
    from petiole.bson.codec_options import CodecOptions
    from petiole.read_preferences import _ServerMode


class DatabaseCommands(Bound, Generic[Document]):
    """Whatever the server understands."""

    _name: str
    _executor: Executor

    async def _command(
        self,
        command: str | Mapping[str, Any],
        value: Any = 1,
        check: bool = True,
        allowable_errors: Sequence[str | int] | None = None,
        read_preference: _ServerMode | None = None,
        codec_options: CodecOptions[Any] | None = None,
        session: Session | None = None,
        comment: Any | None = None,
        **kwargs: Any,
    ) -> Any:
        """Run a command and return the server's reply.

        `command` is the command's name, sent with `value`, or the whole command as a mapping; `kwargs` are further
        fields. With `check` off, or for errors listed by code in `allowable_errors`, the reply is returned
        although the command failed. The reply is decoded by `codec_options`, a plain dict by default; the
        database's own options are not used, nor are its concerns and its read preference.

        Raises `OperationFailure` if the command fails.
        """
        if codec_options is not None or read_preference is not None:
            check_options(codec_options, read_preference)
        codec = self._executor.codec if codec_options is None else codec_options._codec
        built = self._made_up(command_body(command, value, comment, kwargs), codec, read_preference)
        if not check or allowable_errors:
            built.allowed = allowable_errors if check else None
        try:
            reply = await self._executor.run(built, session)
        except (OperationFailure, NotPrimaryError) as error:
            details: Any = error.details
            if details and (not check or is_allowed(details, allowable_errors)):
                return details
            raise
        assert reply is not None
        return reply.document(codec)

    async def _cursor_command(
        self,
        command: str | Mapping[str, Any],
        value: Any,
        read_preference: _ServerMode | None,
        codec_options: CodecOptions[Any] | None,
        session: Session | None,
        max_await_time_ms: int | None,
        options: dict[str, Any],
    ) -> ServerCursor:
        """Run a command whose reply is a cursor. Raises `InvalidOperation` if it is none.

        The caller's comment is not for the command, which says its own, but for the cursor's getMores.
        """
        check_options(codec_options, read_preference)
        integer_or_none("max_await_time_ms", max_await_time_ms)
        codec = self._options.codec if codec_options is None else codec_options._codec
        built = self._made_up(command_body(command, value, None, options), codec, read_preference)
        source = ServerCursor(self._executor, codec, session)
        try:
            await source.open(built)
        except ProtocolError:
            raise not_a_cursor() from None
        return source

    def _made_up(
        self,
        body: dict[str, Any],
        codec: Codec,
        read_preference: _ServerMode | None,
        kind: type[RunCommand] | None = None,
    ) -> RunCommand:
        preference = ReadPreference.PRIMARY if read_preference is None else read_preference
        command = (kind or command_class(body))(self._name, body, codec, read_preference=preference)
        command.own_preference = read_preference is not None
        return command

    def _pipeline(self, pipeline: Sequence[Mapping[str, Any]], options: dict[str, Any]) -> Pipeline:
        comment, let = options.pop("comment", None), options.pop("let", None)
        return aggregation.build(1, pipeline, let, comment, options, options.pop("raw_data", None))

    async def _open_pipeline(self, built: Pipeline, session: Session | None) -> ServerCursor:
        return await open_pipeline(self._executor, self._name, self._options, built, session)

    async def _explain_pipeline(self, built: Pipeline, session: Session | None) -> Any:
        return await explain_pipeline(self._executor, self._name, self._options, built, session)
