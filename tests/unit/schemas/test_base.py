"""When pydantic builds the validator of a model: on import, or when it is first used."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from taskstead import schemas
from taskstead.schemas.base import Output


@pytest.fixture
def models() -> list[type[BaseModel]]:
    """All models of the schemas."""
    package = f"{schemas.__name__}."
    for module in pkgutil.walk_packages(schemas.__path__, package):
        importlib.import_module(module.name)
    return [model for model in list_subclasses(BaseModel) if model.__module__.startswith(package)]


def list_subclasses(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for subclass in model.__subclasses__():
        yield subclass
        yield from list_subclasses(subclass)


def test_request_models_are_built_on_import(models: list[type[BaseModel]]) -> None:
    requests = [model for model in models if not issubclass(model, Output)]
    assert requests
    # The first request would wait while its model is built.
    assert [model for model in requests if model.model_config.get("defer_build")] == []


def test_response_models_are_not_built_on_import(models: list[type[BaseModel]]) -> None:
    responses = [model for model in models if issubclass(model, Output)]
    assert responses
    assert [model for model in responses if not model.model_config.get("defer_build")] == []
