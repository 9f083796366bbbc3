"""Names and numbers of server types. The code is in `petiole._sdam.server_type`."""

from petiole._sdam.server_type import SERVER_TYPE

__all__ = ["SERVER_TYPE"]
