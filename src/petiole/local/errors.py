"""What can go wrong when a private `mongod` is started. Every message is one sentence that names the cure."""


class LocalServerError(Exception):
    """A private server could not be started, or did not do what it was asked for in time."""


class MissingServerError(LocalServerError):
    """No usable `mongod`: the binary, or a shared library that it needs, is not installed."""


class PortTakenError(LocalServerError):
    """Another process listens on the port that the server was to have."""
