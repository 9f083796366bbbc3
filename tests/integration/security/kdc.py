"""A real Kerberos realm for tests: MIT's key distribution centre on loopback, and the server's half of SASL GSSAPI.

Owns the realm's folder and process. The acceptor is pykerberos's; what it lacks, wrapping, is asked of libgssapi by its
C interface (RFC 2744, 5.21 and 5.22). This is for tests alone: keys lie about in a temporary folder.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import socket
import subprocess
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any, Self

REALM = "PETIOLE.TEST"
SERVICE_HOST = "db.example.org"
_PROGRAMS = ("krb5kdc", "kdb5_util", "kadmin.local", "kinit")
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def lacking() -> str | None:
    """What there is not, of what a realm needs."""
    missing = [name for name in _PROGRAMS if shutil.which(name, path=_PATH) is None]
    return f"no {', '.join(missing)} (Debian's krb5-kdc, krb5-admin-server, krb5-user)" if missing else None


class Realm:
    """A key distribution centre with a user `ann`, who has a ticket, and the service `mongodb/db.example.org`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            where = f"127.0.0.1:{free.getsockname()[1]}"
        (folder / "krb5.conf").write_text(
            f"[libdefaults]\ndefault_realm = {REALM}\nrdns = false\ndns_lookup_kdc = false\n"
            "dns_lookup_realm = false\ndns_canonicalize_hostname = false\n"
            f"[realms]\n{REALM} = {{\nkdc = {where}\n}}\n"
        )
        (folder / "kdc.conf").write_text(
            f"[realms]\n{REALM} = {{\nkdc_listen = {where}\nkdc_tcp_listen = {where}\n"
            f"database_name = {folder}/principal\nkey_stash_file = {folder}/stash\n}}\n"
        )
        self.environ = {
            "KRB5_CONFIG": f"{folder}/krb5.conf",
            "KRB5_KDC_PROFILE": f"{folder}/kdc.conf",
            "KRB5_KTNAME": f"{folder}/keytab",
            "KRB5CCNAME": f"{folder}/tickets",
        }
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._run("kdb5_util", "create", "-s", "-P", "master", "-r", REALM)
        service = f"mongodb/{SERVICE_HOST}@{REALM}"
        for query in (
            f"addprinc -pw secret ann@{REALM}",
            f"addprinc -randkey {service}",
            f"ktadd -k {self._folder}/keytab {service}",
        ):
            self._run("kadmin.local", "-q", query)
        self._process = subprocess.Popen(
            ["krb5kdc", "-n"],
            env=self._environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "starting" in line:
                break
        self._run("kinit", f"ann@{REALM}", input="secret\n")
        return self

    def __exit__(self, *exc: object) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.communicate()

    def _environ(self) -> dict[str, str]:
        return {**os.environ, **self.environ, "PATH": _PATH}

    def _run(self, program: str, *arguments: str, input: str | None = None) -> None:
        done = subprocess.run(
            [program, *arguments],
            env=self._environ(),
            input=input,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


class Buffer(ctypes.Structure):
    """`gss_buffer_desc`."""

    _fields_ = [("length", ctypes.c_size_t), ("value", ctypes.c_void_p)]

    @classmethod
    def of(cls, data: bytes) -> Buffer:
        return cls(len(data), ctypes.cast(ctypes.create_string_buffer(data, len(data)), ctypes.c_void_p))

    def read(self) -> bytes:
        return ctypes.string_at(self.value, self.length) if self.length else b""


class Acceptor:
    """The server's half of one authentication (RFC 4752, 3.2): it offers no security layer."""

    def __init__(self, kerberos: Any) -> None:
        self._kerberos = kerberos
        self._state = kerberos.authGSSServerInit(f"mongodb@{SERVICE_HOST}")[1]
        self._library = ctypes.CDLL("libgssapi_krb5.so.2")
        self._agreed = False
        self._offered = False
        self.user: str | None = None
        """Whom the client wants to be, once it has proved who it is."""
        self.principal: str | None = None
        """Who it is."""

    def answer(self, payload: bytes) -> tuple[bytes, bool]:
        """What is said to what the client says, and whether that is all."""
        if not self._agreed:
            self._kerberos.authGSSServerStep(self._state, b64encode(payload).decode())
            self._agreed = True
            self.principal = self._kerberos.authGSSServerUserName(self._state)
            return b64decode(self._kerberos.authGSSServerResponse(self._state) or ""), False
        if not self._offered:
            assert payload == b""
            self._offered = True
            return self._transform("gss_wrap", b"\x01\0\0\0"), False
        chosen = self._transform("gss_unwrap", payload)
        assert chosen[:4] == b"\x01\0\0\0"
        self.user = chosen[4:].decode()
        return b"", True

    def _transform(self, function: str, data: bytes) -> bytes:
        get = ctypes.pythonapi.PyCapsule_GetPointer
        get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
        # The context is the first member of pykerberos's state.
        context = ctypes.c_void_p.from_address(get(self._state, None))
        minor, flag, given, got = ctypes.c_uint32(), ctypes.c_int(), Buffer.of(data), Buffer()
        if function == "gss_wrap":
            status = self._library.gss_wrap(
                ctypes.byref(minor), context, 0, 0, ctypes.byref(given), ctypes.byref(flag), ctypes.byref(got)
            )
        else:
            status = self._library.gss_unwrap(
                ctypes.byref(minor), context, ctypes.byref(given), ctypes.byref(got), ctypes.byref(flag), None
            )
        assert status == 0, (function, hex(status), minor.value)
        result = got.read()
        with contextlib.suppress(OSError):
            self._library.gss_release_buffer(ctypes.byref(minor), ctypes.byref(got))
        return result
