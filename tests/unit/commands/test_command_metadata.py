"""The client metadata of the handshake, and its truncation (specification: MongoDB Handshake)."""

from __future__ import annotations

from typing import Any

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from petiole._commands.metadata import Facts, client_metadata
from petiole.driver_info import DriverInfo

OS = {"type": "Linux", "name": "Debian", "architecture": "x86_64", "version": "12"}


def _facts(environ: dict[str, str] | None = None, **changes: Any) -> Facts:
    facts = Facts("1.2", "CPython 3.11.2", "Linux", "Debian", "x86_64", "12", environ or {})
    return facts._replace(**changes)


def test_a_plain_client() -> None:
    assert client_metadata(_facts()) == {
        "driver": {"name": "petiole", "version": "1.2"},
        "os": OS,
        "platform": "CPython 3.11.2",
    }


def test_the_application_comes_first() -> None:
    metadata = client_metadata(_facts(), "shop")
    assert list(metadata) == ["application", "driver", "os", "platform"]
    assert metadata["application"] == {"name": "shop"}


def test_unknown_facts_about_the_system_are_left_out() -> None:
    metadata = client_metadata(_facts(os_name="", architecture="", os_version=""))
    assert metadata["os"] == {"type": "Linux"}


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        (
            {
                "AWS_EXECUTION_ENV": "AWS_Lambda_java8",
                "AWS_REGION": "us-east-2",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
            },
            {"name": "aws.lambda", "region": "us-east-2", "memory_mb": 1024},
        ),
        ({"AWS_LAMBDA_RUNTIME_API": "x"}, {"name": "aws.lambda"}),
        ({"FUNCTIONS_WORKER_RUNTIME": "node"}, {"name": "azure.func"}),
        (
            {
                "K_SERVICE": "servicename",
                "FUNCTION_MEMORY_MB": "1024",
                "FUNCTION_TIMEOUT_SEC": "60",
                "FUNCTION_REGION": "us-central1",
            },
            {"name": "gcp.func", "memory_mb": 1024, "timeout_sec": 60, "region": "us-central1"},
        ),
        ({"FUNCTION_NAME": "f"}, {"name": "gcp.func"}),
        ({"VERCEL": "1", "VERCEL_REGION": "cdg1"}, {"name": "vercel", "region": "cdg1"}),
        (
            {"VERCEL": "1", "AWS_LAMBDA_RUNTIME_API": "x", "VERCEL_REGION": "cdg1", "AWS_REGION": "us"},
            {"name": "vercel", "region": "cdg1"},
        ),
        ({"AWS_EXECUTION_ENV": "AWS_Lambda_java8", "FUNCTIONS_WORKER_RUNTIME": "node"}, None),
        ({"AWS_EXECUTION_ENV": "EC2"}, None),
        (
            {"AWS_LAMBDA_RUNTIME_API": "x", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "big"},
            {"name": "aws.lambda"},
        ),
        (
            {"AWS_LAMBDA_RUNTIME_API": "x", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(2**31)},
            {"name": "aws.lambda"},
        ),
        ({"AWS_LAMBDA_RUNTIME_API": "x", "AWS_REGION": "a" * 1024}, {"name": "aws.lambda"}),
        ({"KUBERNETES_SERVICE_HOST": "1"}, {"container": {"orchestrator": "kubernetes"}}),
        (
            {
                "AWS_EXECUTION_ENV": "AWS_Lambda_java8",
                "AWS_REGION": "us-east-2",
                "KUBERNETES_SERVICE_HOST": "1",
            },
            {"name": "aws.lambda", "region": "us-east-2", "container": {"orchestrator": "kubernetes"}},
        ),
    ],
)
def test_the_environment(environ: dict[str, str], expected: dict[str, Any] | None) -> None:
    assert client_metadata(_facts(environ)).get("env") == expected


def test_docker() -> None:
    assert client_metadata(_facts(in_docker=True))["env"] == {"container": {"runtime": "docker"}}


def test_libraries_around_the_driver() -> None:
    motor, plain = DriverInfo("motor", "3.7", "Tornado"), DriverInfo("odm")
    metadata = client_metadata(_facts(), None, [motor, plain, motor])
    assert metadata["driver"] == {"name": "petiole|motor|odm", "version": "1.2|3.7"}
    assert metadata["platform"] == "CPython 3.11.2|Tornado"


def test_what_is_left_out_first() -> None:
    lambda_ = {"AWS_LAMBDA_RUNTIME_API": "x", "AWS_REGION": "r"}
    long_environment = client_metadata(_facts({**lambda_, "AWS_REGION": "r" * 500}))
    assert long_environment["env"] == {"name": "aws.lambda"}
    assert long_environment["os"] == OS
    long_system = client_metadata(_facts(lambda_, os_version="v" * 450))
    assert long_system["env"] == {"name": "aws.lambda"}
    assert long_system["os"] == {"type": "Linux"}
    long_platform = client_metadata(_facts(lambda_, platform="p" * 600))
    assert "env" not in long_platform
    assert long_platform["os"] == {"type": "Linux"}
    assert set(long_platform["platform"]) == {"p"}
    assert len(bson.encode(long_platform)) == 512


def test_a_container_goes_without_a_platform_name() -> None:
    fits = "v" * (512 - len(bson.encode(client_metadata(_facts(os_version="v")))) + 1)
    metadata = client_metadata(_facts(in_docker=True, os_version=fits))
    assert "env" not in metadata
    assert metadata["os"]["version"] == fits


def test_no_character_is_cut_in_two() -> None:
    metadata = client_metadata(_facts(platform="ä" * 400))
    assert set(metadata["platform"]) == {"ä"}
    assert len(bson.encode(metadata)) in (511, 512)


@given(
    app_name=st.none() | st.text(max_size=32),
    platform=st.text(max_size=600),
    version=st.text(max_size=600),
    region=st.text(max_size=600),
    library=st.text(alphabet=st.characters(exclude_characters="|", exclude_categories=["Cs"]), max_size=600),
)
def test_it_never_exceeds_what_the_server_takes(
    app_name: str | None, platform: str, version: str, region: str, library: str
) -> None:
    facts = _facts({"VERCEL": "1", "VERCEL_REGION": region}, platform=platform, os_version=version)
    metadata = client_metadata(facts, app_name, [DriverInfo(library, library)])
    assert len(_encoded(metadata)) <= 512
    assert metadata["driver"]["name"].startswith("petiole")


def _encoded(metadata: dict[str, Any]) -> bytes:
    return bson.encode(metadata)
