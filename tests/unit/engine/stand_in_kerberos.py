"""Stands in for the module `kerberos` (pykerberos) where there is no Kerberos: its functions, with no secret in them.

What it is asked is noted. `tests/integration/security/test_kerberos.py` uses the real module, where that is installed.
"""

from __future__ import annotations

import threading
from base64 import b64decode, b64encode
from types import ModuleType
from typing import Any


class KrbError(Exception):
    """As the real one."""


class GSSError(KrbError):
    """As the real one."""


class StandIn(ModuleType):
    """A context is agreed on after two steps; what is wrapped gets brackets."""

    AUTH_GSS_COMPLETE, AUTH_GSS_CONTINUE, GSS_C_MUTUAL_FLAG = 1, 0, 2
    KrbError, GSSError = KrbError, GSSError

    def __init__(self, name: str = "kerberos", *, takes_passwords: bool = False) -> None:
        super().__init__(name)
        self.takes_passwords = takes_passwords
        self.services: list[str] = []
        self.passwords: list[dict[str, Any]] = []
        self.threads: set[int] = set()
        self.cleaned = 0
        self.fails_at = ""
        """The function that raises what the real one raises."""
        self.last_status = self.AUTH_GSS_COMPLETE
        """What the second step returns."""

    def _enter(self, name: str) -> None:
        self.threads.add(threading.get_ident())
        if name == self.fails_at:
            raise GSSError(("Unspecified GSS failure", 851968), ("No Kerberos credentials available", -1))

    def authGSSClientInit(self, service: str, *, gssflags: int, **by_password: Any) -> Any:
        if by_password and not self.takes_passwords:
            raise TypeError("function takes at most 4 arguments (5 given)")
        self._enter("init")
        assert gssflags == self.GSS_C_MUTUAL_FLAG
        self.services.append(service)
        self.passwords.append(by_password)
        return self.AUTH_GSS_COMPLETE, {"steps": 0, "said": None}

    def authGSSClientStep(self, context: dict[str, Any], challenge: str) -> int:
        self._enter("step")
        context["steps"] += 1
        if context["steps"] == 1:
            assert challenge == ""
            context["said"] = b64encode(b"ticket").decode()
            return self.AUTH_GSS_CONTINUE
        assert b64decode(challenge) == b"agreed"
        context["said"] = None
        return self.last_status

    def authGSSClientResponse(self, context: dict[str, Any]) -> Any:
        return context["said"]

    def authGSSClientUnwrap(self, context: dict[str, Any], challenge: str) -> int:
        self._enter("unwrap")
        context["said"] = b64encode(b64decode(challenge).strip(b"[]")).decode()
        return self.AUTH_GSS_COMPLETE

    def authGSSClientWrap(self, context: dict[str, Any], data: str, user: str) -> int:
        self._enter("wrap")
        context["said"] = b64encode(b"[" + b64decode(data) + user.encode() + b"]").decode()
        return self.AUTH_GSS_COMPLETE

    def authGSSClientClean(self, context: dict[str, Any]) -> int:
        self.cleaned += 1
        return self.AUTH_GSS_COMPLETE
