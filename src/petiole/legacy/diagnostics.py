"""What a 3.x database tells of its server: operations under way, the profiler, the errors of earlier writes, `eval`.

Each runs the command it has always run. Where servers have lost that command, the error says since when.
"""

from __future__ import annotations

from typing import Any

from petiole.bson.code import Code
from petiole.database import Database as TodaysDatabase
from petiole.legacy.deprecation import deprecated, unless_removed

OFF = 0
SLOW_ONLY = 1
ALL = 2
_NOT_SUPPORTED = 5739000
"""What servers since 5.1 answer to `getLastError`."""
_RESULTS = "read the result, or catch the error, of each write"


class Diagnostics(TodaysDatabase[Any]):
    """Operations on the server rather than on collections."""

    def current_op(self, include_all: bool = False, session: Any = None) -> dict[str, Any]:
        """The operations that run at this moment; with `include_all` also idle connections and system operations."""
        deprecated("current_op() is deprecated. Use client.admin.command('currentOp') instead.")
        return self.client["admin"].command({"currentOp": 1, "$all": bool(include_all)}, session=session)

    def profiling_level(self, session: Any = None) -> int:
        """The profiler's level: `OFF`, `SLOW_ONLY` or `ALL`."""
        deprecated("profiling_level() is deprecated. Use database.command('profile', -1) instead.")
        level: int = self.command("profile", -1, session=session)["was"]
        return level

    def set_profiling_level(self, level: int, slow_ms: int | None = None, session: Any = None) -> None:
        """Set the profiler's level, and from how many milliseconds on an operation is slow (of the whole server).

        Raises `ValueError` or `TypeError` for what is no level and no number of milliseconds.
        """
        deprecated("set_profiling_level() is deprecated. Use database.command('profile', level) instead.")
        if not isinstance(level, int) or not OFF <= level <= ALL:
            raise ValueError("level must be one of (OFF, SLOW_ONLY, ALL)")
        if slow_ms is not None and not isinstance(slow_ms, int):
            raise TypeError("slow_ms must be an integer")
        command = {"profile": level} if slow_ms is None else {"profile": level, "slowms": slow_ms}
        self.command(command, session=session)

    def profiling_info(self, session: Any = None) -> list[Any]:
        """What the profiler has written down."""
        deprecated("profiling_info() is deprecated. Use database['system.profile'].find() instead.")
        return list(self["system.profile"].find(session=session))

    # Errors of earlier operations. A pool's connections are anybody's: these could never be relied on.

    def error(self) -> Any:
        """The error of the last operation, or None."""
        deprecated("Database.error() is deprecated.")
        status = self._last_error()
        return status if status.get("err") else None

    def last_status(self) -> Any:
        """The status of the last operation."""
        deprecated("last_status() is deprecated.")
        return self._last_error()

    def _last_error(self) -> Any:
        return unless_removed(
            lambda: self.command("getLastError"), "getLastError command", "5.1", _RESULTS, _NOT_SUPPORTED
        )

    def previous_error(self) -> Any:
        """The most recent error, or None."""
        deprecated("previous_error() is deprecated.")
        found = unless_removed(lambda: self.command("getPrevError"), "getPrevError command", "3.6", _RESULTS)
        return found if found.get("err") else None

    def reset_error_history(self) -> None:
        """Forget the errors so far."""
        deprecated("reset_error_history() is deprecated.")
        unless_removed(lambda: self.command("resetError"), "resetError command", "5.0", _RESULTS)

    # JavaScript.

    def eval(self, code: Any, *args: Any) -> Any:
        """Have the server run a JavaScript function with these arguments; what it returns.

        Raises `TypeError` if `code` is neither str nor `Code`; `OperationFailure` by all servers since 4.2.
        """
        deprecated("Database.eval() is deprecated")
        if not isinstance(code, str):
            raise TypeError("code must be an instance of str")
        function = code if isinstance(code, Code) else Code(code)
        return unless_removed(
            lambda: self.command("$eval", function, args=args)["retval"],
            "$eval command",
            "4.2",
            "run the code in your application, or as $where, $function or $accumulator",
        )
