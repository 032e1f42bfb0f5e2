"""Cut X's OpenAPI file down to the paths we use and the schemas those need.

python -m tests.platforms.openapi.prune FULL.json tests/platforms/openapi/x-2.167.json
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

USED = {
    "/2/tweets": ["get", "post"],
    "/2/tweets/search/recent": ["get"],
    "/2/tweets/search/stream": ["get"],
    "/2/tweets/search/stream/rules": ["get", "post"],
    "/2/activity/stream": ["get"],
    "/2/activity/subscriptions": ["get", "post"],
    "/2/dm_conversations/with/{participant_id}/dm_events": ["get"],
    "/2/dm_conversations/with/{participant_id}/messages": ["post"],
    "/2/dm_conversations/{dm_conversation_id}/messages": ["post"],
    "/2/dm_conversations/{id}/dm_events": ["get"],
    "/2/dm_events": ["get"],
    "/2/media/metadata": ["post"],
    "/2/media/upload": ["get", "post"],
    "/2/webhooks": ["get", "post"],
    "/2/users/me": ["get"],
    "/2/users/{id}/mentions": ["get"],
    "/2/users/{id}/tweets": ["get"],
}
# Words for people. What is left is what a machine checks.
PROSE = {"description", "example", "externalDocs", "security", "summary", "tags"}


def prune(full: dict[str, Any]) -> dict[str, Any]:
    """The same document with our paths only, every part they refer to, and no prose."""
    paths = {
        path: {method: _without_prose(full["paths"][path][method]) for method in methods}
        for path, methods in USED.items()
    }
    kept: dict[str, dict[str, Any]] = {"parameters": {}, "schemas": {}}
    wanted = list(_references(paths))
    while wanted:
        shelf, name = wanted.pop().removeprefix("#/components/").split("/")
        if name not in kept[shelf]:
            kept[shelf][name] = _without_prose(full["components"][shelf][name])
            wanted += _references(kept[shelf][name])
    components = {shelf: dict(sorted(parts.items())) for shelf, parts in kept.items()}
    info = {key: full["info"][key] for key in ("title", "version", "license")}
    return {"openapi": full["openapi"], "info": info, "paths": paths, "components": components}


def _without_prose(node: Any, *, names: bool = False) -> Any:
    """`names`: the keys of this node are names of fields, and a field may be called "description"."""
    if isinstance(node, list):
        return [_without_prose(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _without_prose(inner, names=key == "properties" and not names)
        for key, inner in node.items()
        if names or key not in PROSE
    }


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, str) and node.startswith("#/components/"):
        yield node
    elif isinstance(node, dict):
        for inner in node.values():
            yield from _references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _references(inner)


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.write_text(json.dumps(prune(json.loads(source.read_text())), separators=(",", ":"), sort_keys=True) + "\n")
