"""A stand-in for a mail provider: an IMAP server and an SMTP server on the loopback, over one set of folders.

In a test: `with FakeMail() as mail: mail.inbox.deliver(letter)`. It does what RFC 3501, 2177, 6154 and 5321 say, and
the traps of real servers that are known; it was written from those texts, and compared with no server.
"""

from tests.platforms.fake_mail.faults import Fault
from tests.platforms.fake_mail.folders import Folder, Stored
from tests.platforms.fake_mail.letters import BRAND, letter
from tests.platforms.fake_mail.server import FakeMail

__all__ = ["BRAND", "FakeMail", "Fault", "Folder", "Stored", "letter"]
