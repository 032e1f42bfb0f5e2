"""Is this request one X takes, is this answer one X gives? Checked against X's own OpenAPI files."""

import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator, FormatChecker

OLD, NEW = "2.166", "2.167"
NEWER_EVENTS = {"post.reply.create", "post.quote.create", "post.repost.create"}
Query = list[tuple[str, str]]

FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or bool(datetime.fromisoformat(value))


@FORMATS.checks("uri")
def _is_address(value: object) -> bool:
    return not isinstance(value, str) or value.startswith(("https://", "http://"))


class Spec:
    """One version of X's OpenAPI file."""

    def __init__(self, version: str) -> None:
        self.version = version
        document = json.loads((Path(__file__).parent / f"x-{version}.json").read_text())
        parts = document["components"]["schemas"]
        open_parts = {_name(part) for schema in parts.values() for part in schema.get("allOf", ())}
        self._paths = document["paths"]
        self._parameters = document["components"]["parameters"]
        # A misspelt field is a field the file does not name, so whatever lists its fields allows no others.
        # What is put together from parts stays open: each part sees the fields of the others.
        self._components = {"schemas": {n: _strict(part, closed=n not in open_parts) for n, part in parts.items()}}
        problem = parts["Problem"]["discriminator"]["mapping"]
        self._problems = {kind: _name({"$ref": reference}) for kind, reference in problem.items()}

    def request(self, method: str, path: str, query: Query, body: Any = None) -> list[str]:
        """What is wrong with a request, one line each."""
        template, operation = self._operation(method, path)
        if operation is None:
            return [f"{method} {path}: no such operation in {self.version}"]
        known = [self._parameter(parameter) for parameter in operation.get("parameters", ())]
        given = dict(query)
        in_path = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", template), path)
        wrong = [f"unknown parameter {name}" for name in given if name not in {p["name"] for p in known}]
        wrong += [f"{name} given twice" for name in given if [n for n, _ in query].count(name) > 1]
        for parameter in known:
            values = in_path.groupdict() if in_path and parameter["in"] == "path" else given
            if parameter["name"] in values:
                value = _coerced(values[parameter["name"]], parameter["schema"])
                wrong += self._breaches(value, parameter["schema"], parameter["name"])
            elif parameter.get("required"):
                wrong.append(f"{parameter['name']} is missing")
        if "requestBody" in operation:
            wrong += self._breaches(body, operation["requestBody"]["content"]["application/json"]["schema"], "body")
        return [f"{method} {path} [{self.version}]: {line}" for line in wrong]

    def answer(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """What is wrong with an answer, one line each."""
        _, operation = self._operation(method, path)
        if operation is None:
            return [f"{method} {path}: no such operation in {self.version}"]
        told = operation["responses"].get(str(status))
        schema = told["content"]["application/json"]["schema"] if told else self._refusal(body)
        return [f"{method} {path} -> {status} [{self.version}]: {line}" for line in self._breaches(body, schema, "")]

    def event(self, path: str, told: Any) -> list[str]:
        """What is wrong with a line of a stream.

        What an event wraps depends on its kind, which JSON schema cannot say: X writes it down as a "discriminator".
        """
        data = told.get("data") if isinstance(told, dict) else None
        if not (isinstance(data, dict) and "event_type" in data):
            return self.answer("GET", path, 200, told)
        parts = self._components["schemas"]
        known = parts["ActivityStreamingResponsePayload"]["discriminator"]["mapping"].get(data["event_type"])
        bare = {**told, "data": {key: value for key, value in data.items() if key != "payload"}}
        wrong = self.answer("GET", path, 200, bare)
        return wrong + (self._breaches(data.get("payload"), {"$ref": known}, data["event_type"]) if known else [])

    def _refusal(self, body: Any) -> dict[str, Any]:
        kind = body.get("type") if isinstance(body, dict) else None
        if kind in self._problems:
            return {"$ref": f"#/components/schemas/{self._problems[kind]}"}
        # "about:blank", spent credits: X sends them, and 2.167 does not list them. They keep the shape of RFC 9457.
        return {"type": "object", "required": ["type", "title"]}

    def _breaches(self, value: Any, schema: dict[str, Any], where: str) -> list[str]:
        # In draft 4 a $ref hides its neighbours from the check, and they can still be pointed to.
        root = {"allOf": [_strict(schema, closed=True)], "components": self._components}
        checker = Draft4Validator(root, format_checker=FORMATS)
        return [f"{where} {e.json_path}: {e.message[:300]}" for e in checker.iter_errors(value)]

    def _operation(self, method: str, path: str) -> tuple[str, dict[str, Any] | None]:
        if path in self._paths:
            return path, self._paths[path].get(method.lower())
        for template, methods in self._paths.items():
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
                return template, methods.get(method.lower())
        return path, None

    def _parameter(self, parameter: dict[str, Any]) -> dict[str, Any]:
        return self._parameters[_name(parameter)] if "$ref" in parameter else parameter


@cache
def spec(version: str) -> Spec:
    """The file of a version, read once."""
    return Spec(version)


def in_new_names(query: Query) -> Query:
    """What an old-style query means in 2.167: some fields have new names, some are asked for as expansions now."""
    given = {name: value.split(",") for name, value in query}
    fields = given.pop("tweet.fields", [])
    expansions = given.pop("expansions", [])
    now_expansions = {
        "author_id": "author_id",
        "edit_history_tweet_ids": "edit_history_post_ids",
        "in_reply_to_user_id": "in_reply_to_user_id",
        "referenced_tweets": "referenced_posts",
    }
    renamed = {"note_tweet": "note_post", "referenced_tweets.id": "referenced_posts", **now_expansions}
    expansions += [field for field in fields if field in now_expansions]
    if "dm_event.fields" in given:
        # Who sent a message is an expansion there, and its conversation is told unasked.
        gone = {"dm_conversation_id", "participant_ids", "referenced_tweets", "sender_id"}
        given["dm_event.fields"] = [field for field in given["dm_event.fields"] if field not in gone]
    given["post.fields"] = [renamed.get(field, field) for field in fields if field not in now_expansions]
    given["expansions"] = list(dict.fromkeys(renamed.get(name, name) for name in expansions))
    return [(name, ",".join(values)) for name, values in given.items() if values]


def request_breaches(method: str, path: str, query: Query, body: Any = None) -> list[str]:
    """A request in old names must satisfy 2.166, and 2.167 once they are translated; one in new names 2.167."""
    # Answers, quotes and more became events in 2.167.
    newer = path.startswith("/2/activity") and isinstance(body, dict) and body.get("event_type") in NEWER_EVENTS
    if newer or "post.fields" in dict(query):
        return spec(NEW).request(method, path, query, body)
    # A stream goes on taking the old names alone.
    new = query if path.endswith("/stream") else in_new_names(query)
    return spec(OLD).request(method, path, query, body) + spec(NEW).request(method, path, new, body)


def _coerced(value: str, schema: dict[str, Any]) -> Any:
    if schema.get("type") == "array":
        return value.split(",")
    return int(value) if schema.get("type") == "integer" and value.isdecimal() else value


def _name(reference: dict[str, Any]) -> str:
    return str(reference.get("$ref", "")).rpartition("/")[2]


def _strict(node: Any, *, closed: bool) -> Any:
    """The schema in draft 4: "nullable" spelt out, and objects closed to fields they do not list."""
    if isinstance(node, list):
        return [_strict(inner, closed=closed) for inner in node]
    if not isinstance(node, dict):
        return node
    closed = closed and "allOf" not in node
    strict = {key: _strict(inner, closed=closed) for key, inner in node.items()}
    if node.get("nullable") and isinstance(node.get("type"), str):
        strict["type"] = [node["type"], "null"]
    if closed and isinstance(node.get("properties"), dict) and isinstance(node.get("type"), str):
        strict.setdefault("additionalProperties", False)
    return strict
