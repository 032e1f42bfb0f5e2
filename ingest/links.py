"""Links that people give: where an answer stands on its platform."""

from urllib.parse import urlsplit

from ingest.cleaning import clean

LONGEST = 2000


class BadLink(Exception):
    """It is no address of the web."""


def checked(link: str) -> str:
    """The link without white space around it, empty where none was given. Raises BadLink."""
    link = clean(link).strip()
    if not link:
        return ""
    try:
        parts = urlsplit(link)
        whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        whole = False
    if not whole or len(link) > LONGEST or any(letter.isspace() or not letter.isprintable() for letter in link):
        raise BadLink(link[:100])
    return link


def id_in(link: str, like: tuple[str, str]) -> str:
    """The platform's id of what the link leads to, where another post's (link, id) shows how it writes them: last.

    Empty where it cannot be told.
    """
    known_link, known_id = like
    path = urlsplit(link).path.rstrip("/")
    if not known_id or not urlsplit(known_link).path.rstrip("/").endswith(f"/{known_id}"):
        return ""
    if urlsplit(link).hostname != urlsplit(known_link).hostname:
        return ""
    found = path.rpartition("/")[2]
    return found if len(path.split("/")) == len(urlsplit(known_link).path.rstrip("/").split("/")) else ""
