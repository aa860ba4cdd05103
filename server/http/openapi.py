"""The signer's OpenAPI document with its real error replies, and the same document as an HTML page.

FastAPI's own pages load scripts from other origins.
"""

from html import escape
from typing import Any

from fastapi import FastAPI

from app.contract import Problem

_PROBLEMS = ("4XX", "5XX")


class DocumentedApp(FastAPI):
    """Name problem+json in the OpenAPI document as the reply to every failure."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(responses={status: {"model": Problem} for status in _PROBLEMS}, **settings)

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        for calls in document["paths"].values():
            for call in calls.values():
                for status in _PROBLEMS:
                    content = call["responses"][status]["content"]
                    # FastAPI gives a model the call's own media type. It caches the document, so a second call finds
                    # nothing left to rename.
                    if "application/json" in content:
                        content["application/problem+json"] = content.pop("application/json")
        return document


def docs_page(schema: dict[str, Any]) -> str:
    """Return the calls and models as a plain HTML page without scripts or styles."""
    info = schema["info"]
    lines = [
        '<!doctype html><html lang="en"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{escape(info['title'])}</title><h1>{escape(info['title'])}</h1>",
        f"<p>{escape(info['description'])} The same for programs: ",
        '<a href="/api/openapi.json">openapi.json</a>.</p>',
    ]
    for path, methods in schema["paths"].items():
        for method, call in methods.items():
            takes = call.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            lines += [f"<h2>{method.upper()} {escape(path)}</h2><p>{escape(call.get('description', ''))}</p><ul>"]
            if takes:
                lines.append(f"<li>takes {_type_of(takes)}</li>")
            for status, reply in sorted(call["responses"].items()):
                for content in reply.get("content", {}).values():
                    lines.append(f"<li>{status}: {_type_of(content['schema'])}</li>")
            lines.append("</ul>")
    for name, model in schema["components"]["schemas"].items():
        lines.append(f'<h3 id="{escape(name)}">{escape(name)}</h3><p>{escape(model.get("description", ""))}</p>')
        fields = model.get("properties", {})
        rows = (
            f"<tr><td>{escape(field)}{'' if field in model.get('required', ()) else ' (optional)'}<td>{_type_of(shape)}"
            for field, shape in fields.items()
        )
        lines.append(f"<table>{''.join(rows)}</table>" if fields else f"<p>{escape(_words(model))}</p>")
    return "\n".join(lines)


def _type_of(shape: dict[str, Any]) -> str:
    """Return the name of a schema's type as HTML; a model is a link."""
    if reference := shape.get("$ref"):
        name = escape(reference.rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if choices := shape.get("anyOf"):
        return " or ".join(_type_of(choice) for choice in choices)
    if shape.get("type") == "array":
        return f"list of {_type_of(shape.get('items', {}))}"
    return escape(_words(shape))


def _words(shape: dict[str, Any]) -> str:
    hidden = {"title", "type", "description", "properties", "required"}
    rules = ", ".join(f"{name} {value}" for name, value in shape.items() if name not in hidden)
    return f"{shape.get('type', 'anything')} {rules}".strip()
