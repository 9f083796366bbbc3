"""The metadata services from which programs in a cloud get credentials: Azure's, Google's, and those of EC2 and ECS.

They speak HTTP without TLS. Which tokens and keys they give out is what `clouds` accepts.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from tests.kms.http import Request, Response

ROLE = "petiole-test-role"
SERVES = timedelta(hours=6)


class Metadata:
    """All of them at one address."""

    def __init__(self, tokens: set[str], aws: Mapping[str, str]) -> None:
        """:param tokens: where the tokens go that it gives out.
        :param aws: `AccessKeyId`, `SecretAccessKey` and `Token` of the role.
        """
        self._tokens = tokens
        self._aws = dict(aws)
        self._session = secrets.token_urlsafe(16)
        self.expires_in = 3599
        """Seconds that a token of Azure's serves."""
        self.given = 0
        """How many tokens it has given out."""

    def __call__(self, request: Request) -> Response:
        if request.path == "/metadata/identity/oauth2/token":
            return self._azure(request)
        if request.path.startswith("/computeMetadata/v1/instance/service-accounts/"):
            return self._google(request)
        if request.path == "/latest/api/token" and request.method == "PUT":
            return Response(200, self._session.encode())
        if request.path.startswith("/latest/meta-data/iam/security-credentials/"):
            return self._ec2(request)
        if request.path.startswith("/ecs/"):
            return Response.of(self._role())
        return Response(404)

    def _token(self) -> str:
        token = secrets.token_urlsafe(32)
        self._tokens.add(token)
        self.given += 1
        return token

    def _azure(self, request: Request) -> Response:
        asked = request.query
        if request.headers.get("metadata") != "true" or asked.get("api-version") != "2018-02-01":
            return Response.of({"error": "invalid_request"}, 400)
        if asked.get("resource") != "https://vault.azure.net":
            return Response.of({"error": "invalid_resource"}, 400)
        return Response.of(
            {
                "access_token": self._token(),
                "expires_in": str(self.expires_in),
                "resource": asked["resource"],
                "token_type": "Bearer",
            }
        )

    def _google(self, request: Request) -> Response:
        if request.headers.get("metadata-flavor") != "Google":
            return Response(403)
        return Response.of({"access_token": self._token(), "expires_in": 3599, "token_type": "Bearer"})

    def _ec2(self, request: Request) -> Response:
        if request.headers.get("x-aws-ec2-metadata-token") != self._session:
            return Response(401)
        if request.path.endswith(f"/{ROLE}"):
            return Response.of(self._role())
        return Response(200, ROLE.encode())

    def _role(self) -> dict[str, str]:
        self.given += 1
        expires = datetime.now(UTC) + SERVES
        return {**self._aws, "Expiration": expires.strftime("%Y-%m-%dT%H:%M:%SZ"), "Code": "Success"}
