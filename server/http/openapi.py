"""The signer's OpenAPI document, true to what it sends."""

from typing import Any

from fastapi import FastAPI

from app.contract import Problem

_PROBLEMS = ("4XX", "5XX")


class Documented(FastAPI):
    """An application whose every failure is problem+json, and whose document says so."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(responses={status: {"model": Problem} for status in _PROBLEMS}, **settings)

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        for calls in document["paths"].values():
            for call in calls.values():
                for status in _PROBLEMS:
                    content = call["responses"][status]["content"]
                    # FastAPI names a model's media type after the call's own; asked again, it is done already.
                    if "application/json" in content:
                        content["application/problem+json"] = content.pop("application/json")
        return document
