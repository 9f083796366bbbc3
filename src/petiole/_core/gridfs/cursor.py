"""A cursor over files: that of a `find` on the files collection, whose documents become files to read from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from petiole._core.gridfs.parts import plain, refuse_transaction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from petiole._core.cursor import CoreCursor
    from petiole._native import Batch

    _Base = CoreCursor[Any]
else:
    _Base = object


class FilesCursor(_Base):
    """Beside the cursor class of each face, before it in the order of resolution."""

    def __init__(
        self,
        collection: Any,
        filter: Mapping[str, Any] | None = None,
        skip: int = 0,
        limit: int = 0,
        no_cursor_timeout: bool = False,
        sort: Any | None = None,
        batch_size: int = 0,
        session: Any | None = None,
    ) -> None:
        self._root = collection._sibling(collection._name, plain(collection._options))
        super().__init__(
            self._root["files"],
            filter,
            skip=skip,
            limit=limit,
            no_cursor_timeout=no_cursor_timeout,
            sort=sort,
            batch_size=batch_size,
            session=session,
        )

    async def _fetch(self) -> Batch | None:
        refuse_transaction(self._executor, self._session)
        return await super()._fetch()

    def add_option(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise `NotImplementedError`: files are found in the ordinary way."""
        raise NotImplementedError("Method does not exist for GridOutCursor")

    def remove_option(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise `NotImplementedError`: files are found in the ordinary way."""
        raise NotImplementedError("Method does not exist for GridOutCursor")
