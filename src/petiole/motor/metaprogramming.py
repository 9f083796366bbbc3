"""How a Motor class is made of a class of the asyncio face: one line per name, and one class per framework.

Owns the kinds of lines there are, and `AgnosticBase`, which starts operations. The lines know no framework:
`create_class_with_framework` gives the class one, and nothing else differs.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar

from petiole.motor.motor_common import check_callback

if TYPE_CHECKING:
    from asyncio import Future

    from petiole.motor.core import AgnosticClient

Method: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
R = TypeVar("R")
Class = TypeVar("Class", bound=type)

_made: dict[tuple[type, Any], Any] = {}


def create_class_with_framework(cls: Class, framework: Any, module_name: str) -> Class:
    """The class of that framework; always the same one."""
    if (cls, framework) not in _made:
        name = framework.CLASS_PREFIX + cls.__name__.replace("Agnostic", "Motor")
        attributes = {"_framework": framework, "__module__": module_name, "__doc__": cls.__doc__}
        _made[cls, framework] = type(cls)(name, (cls,), attributes)
    made: Class = _made[cls, framework]
    return made


class AgnosticBase:
    """Stands for an object of the asyncio face, its `delegate`, and returns Futures where that has coroutines."""

    _framework: Any
    _motor_client: AgnosticClient
    """Whose loop operations run on."""
    delegate: Any

    def __init__(self, delegate: Any) -> None:
        self.delegate = delegate

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.delegate!r})"

    def __class_getitem__(cls, item: Any) -> type[Self]:
        """The class itself: `AsyncIOMotorClient[dict]` may stand in annotations."""
        return cls

    def get_io_loop(self) -> Any:
        """The loop that operations run on: an `asyncio` loop, or an `IOLoop` of Tornado."""
        return self._motor_client.get_io_loop()

    def _loop_to_start_on(self) -> Any:
        """A loop given to a constructor; None for the one that is current."""
        return self._motor_client._io_loop

    def _of_framework(self, cls: Class) -> Class:
        return create_class_with_framework(cls, self._framework, self._framework.MODULE)

    def _start(self, method: Method, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Start a method of the delegate at once."""
        callback = kwargs.pop("callback", None)
        for value in args:
            if isinstance(value, AgnosticBase):
                args = tuple(map(bare, args))
                break
        for value in kwargs.values():
            if isinstance(value, AgnosticBase):
                kwargs = {key: bare(value) for key, value in kwargs.items()}
                break
        try:
            work = method(self.delegate, *args, **kwargs)
        except TypeError as error:
            work = _failing(error)
        return self._launch(work, callback)

    def _launch(self, work: Coroutine[Any, Any, R], callback: Callable[..., Any] | None = None) -> Any:
        """A Future of what a coroutine returns; None where there is a callback, which will be told instead."""
        if callback is not None:
            try:
                check_callback(callback)
            except TypeError:
                work.close()
                raise
        client = self._motor_client
        if client._refusal is not None:
            work.close()
            work = _failing(client._refusal())
        future: Future[R] = self._framework.start(self._loop_to_start_on(), work)
        if callback is None:
            return future
        future.add_done_callback(lambda done: _tell(callback, done))
        return None


def bare(value: Any) -> Any:
    """What a Motor object stands for; other values themselves."""
    return value.delegate if isinstance(value, AgnosticBase) else value


async def _failing(error: BaseException) -> Any:
    raise error


def _tell(callback: Callable[..., Any], done: Future[Any]) -> None:
    try:
        result = done.result()
    except BaseException as failure:
        callback(None, failure)
    else:
        callback(result, None)


# The lines of a class.


def future(method: Method) -> Callable[..., Future[Any]]:
    """A coroutine function of the delegate's class, returning a Future. It also takes a `callback`."""

    @wraps(method)
    def start(self: AgnosticBase, *args: Any, **kwargs: Any) -> Any:
        return self._start(method, args, kwargs)

    return start


def future_or_callback(method: Method) -> Callable[..., Future[Any]]:
    """As `future`, where the callback may also be the last of the positional arguments."""

    @wraps(method)
    def start(self: AgnosticBase, *args: Any, **kwargs: Any) -> Any:
        if args and callable(args[-1]) and not isinstance(args[-1], AgnosticBase):
            *rest, kwargs["callback"] = args
            args = tuple(rest)
        return self._start(method, args, kwargs)

    return start


def future_of_wrapped(method: Method) -> Callable[..., Future[Any]]:
    """As `future`, for what returns an object that has a Motor class too."""

    @wraps(method)
    def start(self: Any, *args: Any, **kwargs: Any) -> Any:
        async def wrapped(delegate: Any, *args: Any, **kwargs: Any) -> Any:
            return self.wrap(await method(delegate, *args, **kwargs))

        return self._start(wrapped, args, kwargs)

    return start


def chaining(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of the delegate that returns the delegate itself, so here the Motor object."""

    @wraps(method)
    def call(self: AgnosticBase, *args: Any, **kwargs: Any) -> Any:
        method(self.delegate, *args, **kwargs)
        return self

    return call


class delegated:
    """An attribute of the delegate, as it is there. The table is read by people, hence the small letters."""

    def __init__(self, doc: str | None = None) -> None:
        self.__doc__ = doc

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        return self if instance is None else getattr(instance.delegate, self._name)

    def __set__(self, instance: Any, value: Any) -> None:
        raise AttributeError(f"{type(instance).__name__}.{self._name} cannot be set")
