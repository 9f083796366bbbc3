"""What the handshake tells servers of this process and machine; looked up on the first connection."""

from __future__ import annotations

import os
import sys

from petiole._commands.metadata import Facts
from petiole._version import __version__


def facts() -> Facts:
    """The process's facts, as the handshake specification wants them."""
    import platform  # Costs a millisecond or two, and is not needed before the first connection.

    system = platform.system()
    version = ".".join(str(part) for part in sys.version_info[:4])
    return Facts(
        version=__version__,
        platform=f"{platform.python_implementation()} {version}",
        os_type=system,
        os_name=system,
        architecture=platform.machine(),
        os_version=platform.release(),
        environ=os.environ,
        in_docker=os.path.exists("/.dockerenv"),
    )
