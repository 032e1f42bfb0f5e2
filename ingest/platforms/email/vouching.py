"""What our own mail server says of a mail's sender (Authentication-Results, RFC 8601).

Anybody may write any From. Only a server that the channel names (the option `auth_server`) is believed, and of its
words only the topmost, which it wrote last: whatever stands below may have come with the mail.
"""

import re
from collections.abc import Sequence

COMMENT = re.compile(r"\([^()]*\)")
DMARC = re.compile(r"(?:^|;)\s*dmarc\s*=\s*([a-z]+)", re.IGNORECASE)
# Headers are a stranger's: no more of one is looked at.
LONGEST = 4_000
PASS, FAIL = "pass", "fail"


def verdict(headers: Sequence[str], servers: frozenset[str]) -> str:
    """`pass` where the server found the From to be its sender's own, `fail` where it found it forged, else empty.

    `headers`: the values of Authentication-Results, from the top; `servers`: names of those believed, in lower case.
    """
    for header in headers:
        told = COMMENT.sub(" ", " ".join(header[:LONGEST].split()))
        name, _, results = told.partition(";")
        if (name.split() or [""])[0].lower() in servers:
            found = DMARC.search(results)
            word = found[1].lower() if found else ""
            return word if word in {PASS, FAIL} else ""
    return ""
