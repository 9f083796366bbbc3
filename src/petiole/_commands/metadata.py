"""The client metadata of the handshake (specification: MongoDB Handshake).

Pure: the facts about process and machine are arguments. The server takes at most 512 bytes; what does not fit
is left out in the order of the specification, section "Limitations".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from petiole.driver_info import DriverInfo

DRIVER_NAME = "petiole"
_MAX_BYTES = 512
_INT32_MAX = 2**31 - 1
_DELIMITER = "|"


class Facts(NamedTuple):
    """What there is to tell; `environ` is the process's environment."""

    version: str
    platform: str
    os_type: str
    os_name: str
    architecture: str
    os_version: str
    environ: Mapping[str, str]
    in_docker: bool = False


_FUNCTION_PLATFORMS = {
    "aws.lambda": {"memory_mb": "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "region": "AWS_REGION"},
    "azure.func": {},
    "gcp.func": {
        "timeout_sec": "FUNCTION_TIMEOUT_SEC",
        "memory_mb": "FUNCTION_MEMORY_MB",
        "region": "FUNCTION_REGION",
    },
    "vercel": {"region": "VERCEL_REGION"},
}
"""Function-as-a-service platforms, and the variables that their figures are in."""


def client_metadata(
    facts: Facts, app_name: str | None = None, driver_infos: Iterable[DriverInfo] = ()
) -> dict[str, Any]:
    """The `client` document, at most 512 bytes of BSON."""
    metadata: dict[str, Any] = {}
    if app_name:
        metadata["application"] = {"name": app_name}
    metadata["driver"] = {"name": DRIVER_NAME, "version": facts.version}
    metadata["os"] = {
        key: value
        for key, value in (
            ("type", facts.os_type),
            ("name", facts.os_name),
            ("architecture", facts.architecture),
            ("version", facts.os_version),
        )
        if value
    }
    metadata["platform"] = facts.platform
    _append(metadata, driver_infos)
    if environment := _environment(facts):
        metadata["env"] = environment
    return truncated(metadata)


def truncated(metadata: dict[str, Any]) -> dict[str, Any]:
    """`metadata` without what exceeds the limit, least telling parts first; changed in place."""
    if _size(metadata) <= _MAX_BYTES:
        return metadata
    name = metadata.get("env", {}).get("name")
    if name:
        metadata["env"] = {"name": name}
    else:
        metadata.pop("env", None)
    if _size(metadata) <= _MAX_BYTES:
        return metadata
    metadata["os"] = {"type": metadata["os"]["type"]}
    if _size(metadata) <= _MAX_BYTES:
        return metadata
    metadata.pop("env", None)
    excess = _size(metadata) - _MAX_BYTES
    if excess > 0:
        platform = metadata["platform"].encode()[:-excess].decode(errors="ignore")
        if platform:
            metadata["platform"] = platform
        else:
            del metadata["platform"]
    if _size(metadata) > _MAX_BYTES:
        # Beyond the specification: a library with an endless name must not keep us from connecting.
        metadata["driver"] = {
            key: value.partition(_DELIMITER)[0] for key, value in metadata["driver"].items()
        }
    return metadata


def _append(metadata: dict[str, Any], driver_infos: Iterable[DriverInfo]) -> None:
    """Add what libraries around the driver say of themselves, each of them once."""
    driver = metadata["driver"]
    for info in dict.fromkeys(driver_infos):
        if info.name:
            driver["name"] += _DELIMITER + info.name
        if info.version:
            driver["version"] += _DELIMITER + info.version
        if info.platform:
            metadata["platform"] += _DELIMITER + info.platform


def _environment(facts: Facts) -> dict[str, Any]:
    environ = facts.environ
    found: dict[str, Any] = {}
    platform = _function_platform(environ)
    if platform is not None:
        found["name"] = platform
        for field, variable in _FUNCTION_PLATFORMS[platform].items():
            value = environ.get(variable)
            if value and field == "region":
                found[field] = value
            elif value and value.isascii() and value.isdigit() and int(value) <= _INT32_MAX:
                found[field] = int(value)
    container: dict[str, str] = {}
    if facts.in_docker:
        container["runtime"] = "docker"
    if environ.get("KUBERNETES_SERVICE_HOST"):
        container["orchestrator"] = "kubernetes"
    if container:
        found["container"] = container
    return found


def _function_platform(environ: Mapping[str, str]) -> str | None:
    """The platform that the variables speak of; None when they speak of several.

    Vercel runs on AWS Lambda, so both together mean Vercel.
    """
    aws = environ.get("AWS_EXECUTION_ENV", "").startswith("AWS_Lambda_") or environ.get(
        "AWS_LAMBDA_RUNTIME_API"
    )
    vercel = environ.get("VERCEL")
    candidates = (
        ("vercel", vercel),
        ("aws.lambda", aws and not vercel),
        ("azure.func", environ.get("FUNCTIONS_WORKER_RUNTIME")),
        ("gcp.func", environ.get("K_SERVICE") or environ.get("FUNCTION_NAME")),
    )
    present = [platform for platform, sign in candidates if sign]
    return present[0] if len(present) == 1 else None


def _size(document: Mapping[str, Any]) -> int:
    """Bytes of `document` as BSON; it holds strings, int32 numbers and documents only."""
    total = 5
    for key, value in document.items():
        total += 2 + len(key.encode())
        if isinstance(value, str):
            total += 5 + len(value.encode())
        elif isinstance(value, int):
            total += 4
        else:
            total += _size(value)
    return total
