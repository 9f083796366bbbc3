"""Default values of options, and limits assumed until a server says otherwise.

Names and values are those of PyMongo 4.20; units are in the names or beside them.
"""

from __future__ import annotations

from typing import Final

DEFAULT_PORT: Final = 27017
DEFAULT_HOST: Final = "localhost"

# What a server is assumed to accept before its first ``hello`` reply.
MAX_BSON_SIZE: Final = 16 * 1024 * 1024
MAX_MESSAGE_SIZE: Final = 48_000_000
MAX_WRITE_BATCH_SIZE: Final = 100_000
MIN_WIRE_VERSION: Final = 0
MAX_WIRE_VERSION: Final = 0

# The servers the driver works with.
MIN_SUPPORTED_SERVER_VERSION: Final = "4.4"
MIN_SUPPORTED_WIRE_VERSION: Final = 9
MAX_SUPPORTED_WIRE_VERSION: Final = 29
# From here on a mongos answers exhaust cursors (MongoDB 7.1).
MONGOS_EXHAUST_WIRE_VERSION: Final = 22

# Seconds.
HEARTBEAT_FREQUENCY: Final = 10
MIN_HEARTBEAT_INTERVAL: Final = 0.5
SERVER_SELECTION_TIMEOUT: Final = 30
MIN_SRV_RESCAN_INTERVAL: Final = 60
KILL_CURSOR_FREQUENCY: Final = 1
EVENTS_QUEUE_FREQUENCY: Final = 1
CONNECT_TIMEOUT: Final = 20.0
MAX_IDLE_TIME_SEC: Final = None
WAIT_QUEUE_TIMEOUT: Final = None
# Milliseconds.
MAX_IDLE_TIME_MS: Final = None
LOCAL_THRESHOLD_MS: Final = 15

MAX_POOL_SIZE: Final = 100
MIN_POOL_SIZE: Final = 0
MAX_CONNECTING: Final = 2

RETRY_WRITES: Final = True
RETRY_READS: Final = True
MAX_ADAPTIVE_RETRIES: Final = 2
ENABLE_OVERLOAD_RETARGETING: Final = False
SERVER_MONITORING_MODE: Final = "auto"

PROXY_PORT: Final = 1080
SRV_SERVICE_NAME: Final = "mongodb"
# Server sessions ended by one ``endSessions`` command.
MAX_END_SESSIONS: Final = 10_000
MAX_APPNAME_BYTES: Final = 128

COMMAND_NOT_FOUND_CODES: Final = (59,)
UNAUTHORIZED_CODES: Final = (13, 16547, 16548)
