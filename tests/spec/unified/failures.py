"""Compares the error of an operation with what a test expects of it.

Follows: unified-test-format, "expectedError".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.spec.unified.context import Context
from tests.spec.unified.matching import Mismatch
from tests.spec.unified.results import from_bulk_error, from_client_bulk


def expect_error(context: Context, expected: Mapping[str, Any], error: Exception) -> None:
    """Raise Mismatch unless the error is the expected one."""
    source = _source(context, error)
    for name, value in expected.items():
        if name != "isError":
            _ASSERTIONS[name](context, value, source, error)


def _check(condition: bool, expectation: str, error: BaseException) -> None:
    if not condition:
        raise Mismatch(f"expected an error {expectation}, got {error!r}") from error


def _source(context: Context, error: Any) -> Any:
    """Where code and message are: inside of a client bulk write's error (format, "clientBulkWrite")."""
    kind = getattr(context.driver.module("errors"), "ClientBulkWriteException", ())
    if isinstance(error, kind):
        inner = getattr(error, "error", None)
        return inner or error
    kind = getattr(context.driver.module("errors"), "EncryptionError", ())
    return error.cause if isinstance(error, kind) else error


def _details(error: Any) -> Mapping[str, Any]:
    details = getattr(error, "details", None)
    return details if isinstance(details, Mapping) else {}


def _all_details(error: Any) -> list[Mapping[str, Any]]:
    """The details of an error and of those that it gathers."""
    details = _details(error)
    gathered = [*details.get("writeErrors", ()), *details.get("writeConcernErrors", ())]
    single = details.get("writeConcernError")
    return [details, *gathered, *([single] if isinstance(single, Mapping) else [])]


def _is_client_error(context: Context, value: bool, source: Any, error: Exception) -> None:
    errors = context.driver.module("errors")
    from_server = isinstance(source, (errors.OperationFailure, errors.NotPrimaryError))
    _check(value != from_server, "of the client" if value else "of the server", error)


def _is_timeout_error(context: Context, value: bool, source: Any, error: Any) -> None:
    errors = context.driver.module("errors")
    timeout = isinstance(error, errors.PyMongoError) and bool(error.timeout)
    _check(value == timeout, "by timeout" if value else "not by timeout", error)


def _contains(context: Context, value: str, source: Any, error: Exception) -> None:
    text = f"{source} {_details(source)}".lower()
    _check(value.lower() in text, f"with {value!r}", error)


def _code(context: Context, value: int, source: Any, error: Exception) -> None:
    codes = [getattr(source, "code", None), *(details.get("code") for details in _all_details(source)[:1])]
    _check(value in codes, f"with code {value}", error)


def _code_name(context: Context, value: str, source: Any, error: Exception) -> None:
    names = [str(details.get("codeName", "")).lower() for details in _all_details(source)]
    _check(value.lower() in names, f"with codeName {value}", error)


def _labels_contain(context: Context, value: list[str], source: Any, error: Any) -> None:
    missing = [label for label in value if not error.has_error_label(label)]
    _check(not missing, f"with the labels {missing}", error)


def _labels_omit(context: Context, value: list[str], source: Any, error: Any) -> None:
    has = getattr(error, "has_error_label", lambda label: False)
    present = [label for label in value if has(label)]
    _check(not present, f"without the labels {present}", error)


def _response(context: Context, value: Mapping[str, Any], source: Any, error: Exception) -> None:
    context.matcher.match(value, _details(source), "errorResponse", root=True)


def _result(context: Context, value: Any, source: Any, error: Any) -> None:
    if hasattr(error, "partial_result"):
        actual: Any = from_client_bulk(error.partial_result) if error.partial_result else None
    elif isinstance(error, context.driver.module("errors").BulkWriteError):
        actual = from_bulk_error(error.details)
    else:
        return  # In PyMongo's API a bulk write that is cut off raises the network's error, which has no result.
    context.matcher.match(value, actual, "", root=True)


def _write_errors(context: Context, value: Mapping[str, Any], source: Any, error: Any) -> None:
    actual = {str(item["idx"]): item for item in error.write_errors}
    _check(set(actual) == set(value), f"with write errors at {sorted(value)}", error)
    for index, item in value.items():
        context.matcher.match(item, actual[index], f"writeErrors.{index}", root=True)


def _write_concern_errors(context: Context, value: list[Any], source: Any, error: Any) -> None:
    actual = [{**item, "message": item.get("errmsg")} for item in error.write_concern_errors]
    context.matcher.match_documents(value, actual, "writeConcernErrors")


_ASSERTIONS: Mapping[str, Callable[[Context, Any, Any, Exception], None]] = {
    "isClientError": _is_client_error,
    "isTimeoutError": _is_timeout_error,
    "errorContains": _contains,
    "errorCode": _code,
    "errorCodeName": _code_name,
    "errorLabelsContain": _labels_contain,
    "errorLabelsOmit": _labels_omit,
    "errorResponse": _response,
    "expectResult": _result,
    "writeErrors": _write_errors,
    "writeConcernErrors": _write_concern_errors,
}
