"""Users of a 3.x database: adding and removing them, and logging in on a client that is connected already.

A client is one user: servers since 6.0 let a connection be only one, so a second `authenticate` needs a `logout`
first, on whichever database. Logging in or out renews the client's connections, which ends its open cursors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from petiole._auth.credentials import build_credential
from petiole._auth.mechanisms import MECHANISMS
from petiole._engine.engine import Engine
from petiole._native import run
from petiole._runtime.blocking import BLOCKING
from petiole.database import Database as TodaysDatabase
from petiole.errors import ConfigurationError, OperationFailure
from petiole.legacy.deprecation import deprecated

if TYPE_CHECKING:
    from petiole._auth.credentials import MongoCredential

_USER_NOT_FOUND = 11


class Users(TodaysDatabase[Any]):
    """`add_user`, `remove_user`, `authenticate`, `logout`."""

    def add_user(
        self,
        name: str,
        password: str | None = None,
        read_only: bool | None = None,
        session: Any = None,
        **kwargs: Any,
    ) -> None:
        """Create the user `name`, or change one there is.

        :param read_only: the role `read` instead of `dbOwner` (`readAnyDatabase` instead of `root` on admin).
        :param kwargs: fields of the command, as `roles`, `customData`, `mechanisms`.
        :raises TypeError, ValueError, ConfigurationError: if something is wrong with them.
        """
        deprecated(
            "add_user is deprecated and was removed in PyMongo 4.0. Use db.command with createUser or updateUser "
            "instead"
        )
        if not isinstance(name, str):
            raise TypeError("name must be an instance of str")
        _check_password(password)
        if read_only is not None and "roles" in kwargs:
            raise ConfigurationError("Can not use read_only and roles together")
        if "digestPassword" in kwargs:
            raise ConfigurationError(
                "The digestPassword option is not supported via add_user. Please use db.command('createUser', ...) "
                "instead for this option."
            )
        known = self.command("usersInfo", {"user": name, "db": self.name}, session=session)["users"]
        fields = dict(kwargs) if password is None else {"pwd": password, **kwargs}
        if "roles" not in fields and not (known and read_only is None):
            fields["roles"] = [self._role(bool(read_only))]
        self.command("updateUser" if known else "createUser", name, session=session, **fields)

    def _role(self, read_only: bool) -> str:
        if self.name == "admin":
            return "readAnyDatabase" if read_only else "root"
        return "read" if read_only else "dbOwner"

    def remove_user(self, name: str, session: Any = None) -> None:
        """Remove the user `name`. Raises `OperationFailure` if there is none."""
        deprecated(
            "remove_user is deprecated and was removed in PyMongo 4.0. Use db.command with dropUser instead"
        )
        self.command("dropUser", name, session=session)

    def authenticate(
        self,
        name: str | None = None,
        password: str | None = None,
        source: str | None = None,
        mechanism: str = "DEFAULT",
        **kwargs: Any,
    ) -> bool:
        """Log in on all connections of the client from now on; True.

        :param source: the user's database, if it is not this one.
        :param kwargs: `authMechanismProperties`.
        :raises OperationFailure: if the server refuses the user, or another is logged in.
        :raises ConfigurationError, TypeError, ValueError: if something is wrong with the arguments.
        """
        deprecated(
            "authenticate is deprecated. Give username, password and authSource to MongoClient instead."
        )
        for label, value in (("name", name), ("password", password), ("source", source)):
            if value is not None and not isinstance(value, str):
                raise TypeError(f"{label} must be an instance of str")
        if mechanism not in MECHANISMS:
            raise ValueError(f"mechanism must be in {tuple(sorted(MECHANISMS))}")
        properties = dict(kwargs.get("authMechanismProperties", {}))
        credential = build_credential(mechanism, source or self.name, name, password, properties, self.name)
        client: Any = self._client
        known = client._authenticated.get(self.name)
        if known == credential:
            return True
        if client.options.pool_options.credentials not in (None, credential):
            raise OperationFailure(
                "Another user is already authenticated to this database. You must logout first."
                if known is not None
                else "Another user is already authenticated by this client, and servers since 6.0 let a connection "
                "be only one. Logout there first, or use another MongoClient."
            )
        self._become(credential)
        client._authenticated[self.name] = credential
        return True

    def logout(self) -> None:
        """Log the user out who was authenticated on this database; nothing happens if there is none."""
        deprecated("Database.logout() is deprecated")
        client: Any = self._client
        if client._authenticated.pop(self.name, None) is not None and not client._authenticated:
            self._become(None)

    def _become(self, credential: MongoCredential | None) -> None:
        """Use that credential for connections from now on, if the server accepts it."""
        engine = self._client._engine
        pool = engine.setup.options.pool_options
        before, pool.credentials = pool.credentials, credential
        if credential is not None:
            try:
                self._try_credential()
            except BaseException:
                pool.credentials = before
                raise
        if engine.encryption is None:
            run(engine.close())  # It reopens by itself.
            return
        internal = engine.encryption.internal
        if internal is not None:
            internal.setup.options.pool_options.credentials = credential
        engine.disconnect()  # Closed, it would encrypt no more.

    def _try_credential(self) -> None:
        client = self._client
        trial = Engine(client._engine.setup, BLOCKING, client._introduction)
        try:
            run(trial.executor.discover(None))
            run(_ping(trial))
        finally:
            run(trial.close())


async def _ping(engine: Engine) -> None:
    from petiole._commands.ping import Ping

    await engine.executor.run(Ping("admin", {"ping": 1}, engine.executor.codec))


def _check_password(password: Any) -> None:
    if password is None:
        return
    if not isinstance(password, str):
        raise TypeError("password must be an instance of str")
    if not password:
        raise ValueError("password can't be empty")
