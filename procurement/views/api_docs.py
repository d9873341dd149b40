"""The API described for people, from the same schema that programs read: no script, so the strict policy holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from drf_spectacular.generators import SchemaGenerator


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: str
    required: bool
    help: str


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    text: str
    fields: list[Field]
    answers: str


@require_GET
def api_docs(request: HttpRequest) -> HttpResponse:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return render(request, "procurement/api_docs.html", {"operations": list(operations(schema))})


def operations(schema: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in schema["paths"].items():
        for method, told in methods.items():
            yield Operation(
                method=method.upper(),
                path=path,
                text=told.get("description", ""),
                fields=[*_parameters(told), *_body(schema, told)],
                answers=", ".join(told["responses"]),
            )


def _parameters(told: dict[str, Any]) -> Iterator[Field]:
    for parameter in told.get("parameters", []):
        if parameter["in"] == "query":
            kind = parameter["schema"].get("type", "")
            yield Field(parameter["name"], kind, False, parameter.get("description", ""))


def _body(schema: dict[str, Any], told: dict[str, Any]) -> Iterator[Field]:
    content = told.get("requestBody", {}).get("content", {})
    reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
    body = schema["components"]["schemas"].get(reference.rpartition("/")[2], {})
    for name, field in body.get("properties", {}).items():
        required = name in body.get("required", [])
        yield Field(name, field.get("type", ""), required, field.get("description", ""))
