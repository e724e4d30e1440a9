"""API client for tests: requests with a token and a workspace, and JSON bodies."""

import re
from typing import Any

import httpx2

PASSWORD = "a good long secret"


class Client:
    """Sends requests as one user, or without a token.

    Attributes:
        headers: the headers sent with every request.
        refresh_token: the refresh token of the session, if there is one.
    """

    def __init__(self, http: httpx2.AsyncClient, headers: dict[str, str] | None = None) -> None:
        self.http = http
        self.headers = headers or {}
        self._base_url = str(http.base_url).rstrip("/")
        self.refresh_token = ""

    async def request(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any
    ) -> httpx2.Response:
        """Send a request. The given headers override the client's own."""
        merged = {**self.headers, **(headers or {})}
        # httpx2 parses an absolute URL once, and any other one twice.
        url = f"{self._base_url}{path}" if re.match("/[^/]", path) else path
        return await self.http.request(method, url, headers=merged, **options)

    async def get(self, path: str, **options: Any) -> httpx2.Response:
        """Send a GET request."""
        return await self.request("GET", path, **options)

    async def post(self, path: str, json: Any = None, **options: Any) -> httpx2.Response:
        """Send a POST request, with a JSON body unless it is None."""
        body = {} if json is None else {"json": json}
        return await self.request("POST", path, **body, **options)

    async def put(self, path: str, json: Any, **options: Any) -> httpx2.Response:
        """Send a PUT request with a JSON body."""
        return await self.request("PUT", path, json=json, **options)

    async def patch(self, path: str, json: Any, **options: Any) -> httpx2.Response:
        """Send a PATCH request with a JSON body."""
        return await self.request("PATCH", path, json=json, **options)

    async def delete(self, path: str, **options: Any) -> httpx2.Response:
        """Send a DELETE request."""
        return await self.request("DELETE", path, **options)

    async def register(self, email: str, **fields: Any) -> "Client":
        """Create an account. Return a client that is logged in to it."""
        answer = await self.post("/auth/register", {"email": email, "password": PASSWORD, **fields})
        assert answer.status_code == 201, answer.text
        return self._log_in_with(answer)

    async def log_in(self, email: str, password: str = PASSWORD) -> "Client":
        """Return a client with a new session of an account."""
        answer = await self.post("/auth/login", {"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        return self._log_in_with(answer)

    def _log_in_with(self, answer: httpx2.Response) -> "Client":
        other = self.with_token(answer.json()["access_token"])
        other.refresh_token = answer.json()["refresh_token"]
        return other

    def with_token(self, token: str) -> "Client":
        """Return a client that sends another token, in the same workspace."""
        return Client(self.http, {**self.headers, "Authorization": f"Bearer {token}"})

    def in_workspace(self, workspace_id: str) -> "Client":
        """Return a client that acts in another workspace."""
        return Client(self.http, {**self.headers, "Taskstead-Workspace": workspace_id})

    async def create_task(self, **fields: Any) -> dict[str, Any]:
        """Create a task, with a default title if none is given. Return it."""
        answer = await self.post("/api/v1/tasks", {"title": "A task", **fields})
        assert answer.status_code == 201, answer.text
        task: dict[str, Any] = answer.json()
        return task
