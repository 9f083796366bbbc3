"""What one seed chooses for its clients: the options of their connection string, and what bounds follow from them."""

from __future__ import annotations

from random import Random

from tests.simulation.replica_set import NAME, PORT


class Settings:
    """The client's options, drawn."""

    def __init__(self, random: Random) -> None:
        self.heartbeat = 0.5 + random.random()
        self.connect = 0.5 + random.random()
        self.selection = 1.0 + 4.0 * random.random()
        self.timeout = 1.0 + 5.0 * random.random() if random.random() < 0.5 else None
        self.socket = 0.5 + 2.0 * random.random()
        self.queue = 0.5 + 2.0 * random.random()
        self.pool = random.choice((1, 1, 2, 3, 10))
        self.least = random.choice((0, 0, 0, 1))
        self.idle = random.choice((None, None, 0.2 + random.random()))
        self.connecting = random.choice((1, 2))
        self.mode = random.choice(("auto", "auto", "stream", "poll"))
        self.members = 3
        self.static = random.randrange(3, 12)
        self.tasks = random.randrange(1, 6)
        self.homes = random.choice((1, 1, 2))

    def be_patient(self) -> None:
        """Leave time enough for a second attempt, after the monitors have seen that all is well."""
        self.selection += 2 * self.heartbeat + 1.0
        self.socket += 1.0
        self.queue += 5.0
        if self.timeout is not None:
            self.timeout += 5.0

    @property
    def bound(self) -> float:
        """Seconds after which any single command has ended: retried twice, as under overload, or until the deadline."""
        if self.timeout is not None:
            return self.timeout
        return 3 * (self.selection + self.queue + self.connect + self.socket) + 0.2 + 0.4 + 0.5

    @property
    def uri(self) -> str:
        """The connection string."""
        options = {
            "replicaSet": NAME,
            "heartbeatFrequencyMS": int(self.heartbeat * 1000),
            "connectTimeoutMS": int(self.connect * 1000),
            "serverSelectionTimeoutMS": int(self.selection * 1000),
            "waitQueueTimeoutMS": int(self.queue * 1000),
            "maxPoolSize": self.pool,
            "minPoolSize": self.least,
            "maxConnecting": self.connecting,
            "serverMonitoringMode": self.mode,
            "w": "majority",
        }
        if self.idle is not None:
            options["maxIdleTimeMS"] = int(self.idle * 1000)
        if self.timeout is not None:
            options["timeoutMS"] = int(self.timeout * 1000)
        else:
            options["socketTimeoutMS"] = int(self.socket * 1000)
        hosts = ",".join(f"{name}:{PORT}" for name in "abcde"[: self.members])
        return f"mongodb://{hosts}/?" + "&".join(f"{name}={value}" for name, value in options.items())
