"""Words as Bluesky counts and marks them: graphemes and bytes, and facets with offsets in UTF-8 bytes."""

from collections.abc import Callable, Iterator

import regex
from atproto_client.models import AppBskyRichtextFacet as Facet
from atproto_client.utils.facet_detection import detect_facets, detect_mentions

from ingest.platforms.base import Json, Length

MOST_GRAPHEMES = 300
MOST_BYTES = 3000
GRAPHEME = regex.compile(r"\X")
LINK, TAG, MENTION = ("app.bsky.richtext.facet#link", "app.bsky.richtext.facet#tag", "app.bsky.richtext.facet#mention")
# Bluesky's own search for links leaves these at their end.
MARKS = "،؛؟»"


def length(text: str) -> Length:
    """In graphemes, or in bytes where those run out first, as they do with families of emoji."""
    graphemes, size = len(GRAPHEME.findall(text)), len(text.encode())
    if size * MOST_GRAPHEMES > graphemes * MOST_BYTES:
        return Length(size, MOST_BYTES)
    return Length(graphemes, MOST_GRAPHEMES)


def facets(text: str, did_of: Callable[[str], str]) -> list[Json]:
    """What is a link, a hashtag or a mention in the text; `did_of` gives a handle's DID, empty if it has none."""
    found = [*_links_and_tags(text), *_mentions(text, did_of)]
    return sorted(found, key=lambda facet: int(facet["index"]["byteStart"]))


def _links_and_tags(text: str) -> Iterator[Json]:
    for facet in detect_facets(text):
        start, end = facet.index.byte_start, facet.index.byte_end
        feature = facet.features[0]
        if isinstance(feature, Facet.Link):
            uri = feature.uri.rstrip(MARKS)
            yield _facet(start, end - len(feature.uri.encode()) + len(uri.encode()), {"$type": LINK, "uri": uri})
        elif isinstance(feature, Facet.Tag):
            yield _facet(start, end, {"$type": TAG, "tag": feature.tag})


def _mentions(text: str, did_of: Callable[[str], str]) -> Iterator[Json]:
    for mention in detect_mentions(text):
        if did := did_of(mention.handle.lower()):
            yield _facet(mention.byte_start, mention.byte_end, {"$type": MENTION, "did": did})


def _facet(start: int, end: int, feature: Json) -> Json:
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [feature]}
