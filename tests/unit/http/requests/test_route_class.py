"""The response models of a route."""

import pytest
from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from taskstead.http.requests.route_class import Route


class Answer(BaseModel):
    """A response."""

    value: int


@pytest.fixture
def route() -> Route:
    """A route with response models."""
    router = APIRouter(route_class=Route)

    @router.get("/answer", response_model=Answer, responses={404: {"model": Answer}})
    async def get_answer() -> Response:
        return Response()

    (route,) = router.routes
    assert isinstance(route, Route)
    return route


def test_response_models_are_kept_for_the_document(route: Route) -> None:
    assert route.response_model is Answer
    assert route.responses == {404: {"model": Answer}}


def test_fastapi_builds_no_validators_of_responses(route: Route) -> None:
    assert route.response_field is None
    assert route.response_fields == {}
