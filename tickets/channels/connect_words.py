"""What connecting asks of a person, platform by platform: what is needed, where to get it, and each thing's name.

Names of fields are those of the adapters' needs and options; what is secret, and what must be there, the adapters say.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ingest.platforms.base import PlatformError

# What Django's form fields take as words; the lazy ones are made by `gettext_lazy`.
Words = Any
SECURITY = (("ssl", "TLS"), ("starttls", "STARTTLS"), ("plain", _("No protection")))
YES = (("", _("No")), ("yes", _("Yes")))


@dataclass(frozen=True, slots=True)
class Asked:
    """One field. `part`: way (how we come in), other (another way in), follow, or more (what few will touch).

    `kind`: text, secret, list, number or long. An empty first choice is what holds where nothing is chosen.
    """

    name: str
    label: Words
    hint: Words = ""
    part: str = "way"
    kind: str = "text"
    example: str = ""
    choices: tuple[tuple[str, Any], ...] = ()
    needed: bool = False


secret = partial(Asked, kind="secret")
follow = partial(Asked, part="follow")
more = partial(Asked, part="more")
followed_words = partial(follow, kind="list")


@dataclass(frozen=True, slots=True)
class Guide:
    """One platform. `steps`: what to do beforehand. `rights`: what the keys must allow, in words."""

    platform: str
    lead: Words
    steps: tuple[Words, ...]
    rights: Words
    asked: tuple[Asked, ...]
    other: Words = ""


X = Guide(
    "x",
    _("Mentions, replies, quotes and searches of one X account."),
    (
        _("Open X's developer console (developer.x.com) and make an app. X charges for each call; set a cap below."),
        _(
            "In the app's user authentication settings choose “Read and write and Direct message”, the type "
            "“Web App”, and the callback address below."
        ),
        _("Copy the client ID and the client secret here, then sign in at X with the brand's account."),
    ),
    _(
        "X asks the brand's account to allow this. The bearer token and the API key secret are for streams "
        "and webhooks alone."
    ),
    (
        Asked("client_id", _("Client ID")),
        secret("client_secret", _("Client secret")),
        secret("bearer_token", _("Bearer token"), _("For searches and the live stream.")),
        secret("consumer_secret", _("API key secret"), _("X signs its webhooks with it.")),
        secret("consumer_key", _("API key"), part="other"),
        secret("access_token", _("Access token"), part="other"),
        secret("access_token_secret", _("Access token secret"), part="other"),
        followed_words(
            "keywords",
            _("Words to search for"),
            _(
                "Posts that name the brand without @. Parted by commas. X lets nobody answer these by its "
                "API on self-serve plans."
            ),
            example="Nawa Telecom, نوى",
        ),
        follow(
            "dms",
            _("Direct messages"),
            _("The old kind, which is not encrypted; X charges for each."),
            choices=(("", _("Leave alone")), ("on", _("Read them too"))),
        ),
        more("plan", _("Plan at X"), choices=(("", _("Self-serve")), ("enterprise", "Enterprise"))),
        more(
            "stream",
            _("Live stream"),
            choices=(
                ("", _("Account activity")),
                ("filtered", _("Filtered stream")),
                ("off", _("None, polling only")),
            ),
        ),
        more(
            "base_url",
            _("Another address in X's place"),
            _("For a proxy or a test server of your own."),
            kind="url",
            example="http://127.0.0.1:8099",
        ),
    ),
    _(
        "Without signing in: the four keys of OAuth 1.0a, from “Keys and tokens”, with the rights “Read and "
        "write and Direct message”."
    ),
)
BLUESKY = Guide(
    "bluesky",
    _("Mentions, replies and quotes of one account, and words to search for."),
    (
        _("Sign in to Bluesky with the brand's account and open Settings, Privacy and security, App passwords."),
        _("Add an app password and name it Radd. Access to direct messages is not needed."),
        _("Copy it here. It is not the account's own password, and you can take it back there at any time."),
    ),
    _("An app password lets Radd read and post in the account's name. It cannot change the account or its password."),
    (
        Asked("identifier", _("Handle or e-mail"), example="nawa.bsky.social"),
        secret("app_password", _("App password"), example="xxxx-xxxx-xxxx-xxxx"),
        Asked(
            "base_url",
            _("Server"),
            _("Empty for Bluesky itself. For a server of your own its address, also one on your local network."),
            kind="url",
            example="http://192.168.1.20:2583",
        ),
        followed_words(
            "keywords",
            _("Words to search for"),
            _("Posts that name the brand without @. Parted by commas."),
            example="Nawa Telecom, نوى",
        ),
        more(
            "firehose_url",
            _("Stream"),
            _("Empty for the usual one. A server of your own without TLS is heard itself."),
            kind="url",
            example="wss://bsky.network",
        ),
    ),
)
MASTODON = Guide(
    "mastodon",
    _("Mentions and private messages of one account, and hashtags. Also GoToSocial, Pleroma and others with its API."),
    (
        _("Name the server of the brand's account and sign in there: it asks whether Radd may have the rights below."),
        _(
            "Or make a token by hand: on the server open Preferences, Development, New application, tick "
            "these rights, and copy its access token."
        ),
    ),
    _("Radd reads notifications and posts, and writes posts with pictures. It cannot change the account."),
    (
        Asked(
            "base_url",
            _("Server"),
            _("Where the account lives, also on your local network."),
            kind="url",
            example="mastodon.social",
            needed=True,
        ),
        secret("access_token", _("Access token"), _("Only where you made one by hand; signing in there needs none.")),
        followed_words(
            "hashtags", _("Hashtags"), _("Posts with these are read too. Parted by commas."), example="nawa, نوى"
        ),
    ),
)
EMAIL = Guide(
    "email",
    _("One mailbox, read by IMAP and answered by SMTP."),
    (
        _("Ask your mail provider for the names of its IMAP and SMTP servers."),
        _("Where the mailbox has two-step sign-in, make an app password there and use it here."),
        _("Take a mailbox that is for customers alone: each letter in its folder becomes a message."),
    ),
    _("Radd reads the folder, marks nothing, and sends in the mailbox's name."),
    (
        Asked("address", _("Mail address"), example="care@nawa.example"),
        secret("password", _("Password")),
        Asked("imap_host", _("IMAP server"), example="imap.nawa.example"),
        Asked("smtp_host", _("SMTP server"), _("Empty: the channel only reads."), example="smtp.nawa.example"),
        follow("folder", _("Folder"), _("Empty for the inbox."), example="INBOX"),
        followed_words(
            "aliases", _("Other addresses of this mailbox"), _("Parted by commas."), example="help@nawa.example"
        ),
        followed_words(
            "auth_server",
            _("Your mail server's name in Authentication-Results"),
            _(
                "Empty: every From is believed, also a forged one. Open a mail's source: the name stands first in "
                "its topmost Authentication-Results."
            ),
            example="mx.nawa.example",
        ),
        more("from_name", _("Sender's name"), example="Nawa Care"),
        more("username", _("User name"), _("Empty where it is the mail address.")),
        more("imap_port", _("IMAP port"), kind="number", example="993"),
        more("imap_security", _("IMAP protection"), choices=SECURITY),
        more("smtp_port", _("SMTP port"), kind="number", example="465"),
        more("smtp_security", _("SMTP protection"), choices=SECURITY),
        more("smtp_username", _("SMTP user name"), _("Empty where it is the same.")),
        more("smtp_password", _("SMTP password"), _("Empty where it is the same."), kind="secret"),
        secret("refresh_token", _("Refresh token"), _("From signing in once to the app."), part="other"),
        Asked("client_id", _("Client ID"), part="other"),
        secret("client_secret", _("Client secret"), part="other"),
        Asked("token_url", _("Token address"), part="other", example="https://oauth2.googleapis.com/token"),
        more("sent_folder", _("Folder of sent mail"), _("Empty: Radd finds it.")),
        more(
            "token",
            _("Thread mark in answers"),
            choices=(
                ("", _("In the subject")),
                ("plus", _("In the address, after a plus")),
                ("none", _("None")),
            ),
        ),
        more(
            "ca",
            _("Certificate of your own authority"),
            _("PEM text, where the server's certificate is not from a public authority."),
            kind="long",
        ),
    ),
    other=_("Gmail and Microsoft 365 want tokens in the place of the password. docs/channels.md has the exact rights."),
)
WEBHOOK = Guide(
    "webhook",
    _("Any other network, bridged by a small program of your own: reviews, an app's comments, a forum."),
    (
        _(
            "Give the channel a name and connect: Radd makes an address and a signing secret, and shows the "
            "secret once."
        ),
        _(
            "Your bridge tells Radd what people write, by signed calls to that address. "
            "docs/generic-channel.md has the format and a worked example."
        ),
        _(
            "To answer from here the bridge takes signed calls itself. It is rung up when you name its "
            "address, so it must know the secret by then: choose one yourself now, or add the address later "
            "in the settings."
        ),
    ),
    _("Calls are signed in both directions with one secret."),
    (
        Asked(
            "network",
            _("Network"),
            _("Give two channels of one network the same word, and a person is one contact in both."),
            example="reviews",
        ),
        secret("secret", _("Signing secret"), _("At least 16 letters. Empty: Radd makes one.")),
        Asked(
            "answer_url",
            _("Where answers go"),
            _("Address of your bridge. Empty: agents can only read."),
            kind="url",
            example="https://bridge.nawa.example/answers",
        ),
        more("account_id", _("Our id there"), _("What an author with this id writes is ours."), example="us"),
        more("account_handle", _("Our name there")),
        more(
            "answers",
            _("Can be answered"),
            choices=(
                ("", _("Everything")),
                ("none", _("Nothing")),
                ("dm, mail", _("Private messages")),
                ("mention, reply, comment, review, post, quote", _("Public posts")),
            ),
        ),
        more("limit", _("Longest answer, letters"), kind="number", example="5000"),
        more("images", _("Pictures in an answer"), kind="number", example="4"),
        more("can_look", _("The bridge can be asked what it posted"), choices=YES),
        more("allow_private", _("The bridge stands on this server or in its own network"), choices=YES),
    ),
)
GUIDES = {guide.platform: guide for guide in (X, BLUESKY, MASTODON, EMAIL, WEBHOOK)}

# What went wrong while connecting, by the code that the adapter gave.
TROUBLES: dict[str, Promise] = {
    "bad_credentials": _("These keys are not accepted."),
    "sealed_credentials": _("The stored keys cannot be opened. Enter them anew."),
    "not_allowed": _("The keys lack a right. Compare them with what is needed."),
    "forbidden": _("The keys lack a right. Compare them with what is needed."),
    "out_of_credit": _("The account's credit with the platform is used up."),
    "rate_limited": _("The platform asked us to wait. Try again in a while."),
    "unreachable": _("Nobody answers at that address. Check it, and whether this server may reach it."),
    "platform_down": _("The platform says that it is out of order. Try again in a while."),
    "garbled_answer": _("What answers at that address is not the platform. Check the address."),
    "not_found": _("What answers at that address is not the platform. Check the address."),
    "bad_options": _("Radd cannot use what is entered here."),
    "bad_certificate": _("The server's certificate is not valid."),
    "state_mismatch": _("This sign-in was not begun here, or took too long. Begin it again."),
    "access_denied": _("Radd was not let in there. Nothing was connected."),
}


def trouble(error: PlatformError) -> str:
    """What to do about it, and what the other side said."""
    known = TROUBLES.get(error.code)
    words = str(known) if known else gettext("That did not work.")
    said = error.words.strip()[:300]
    if not said or error.code == "state_mismatch":
        return words
    return gettext("%(words)s The answer was: %(said)s") % {"words": words, "said": f"\u2068{said}\u2069"}


# What was done to a channel, as the record has it.
CHANGES: dict[str, Promise] = {
    "channel.connected": _("connected it"),
    "channel.settings": _("changed the settings"),
    "channel.keys": _("entered new keys"),
    "channel.paused": _("paused it"),
    "channel.resumed": _("resumed it"),
    "channel.removed": _("removed it and kept its data"),
    "channel.erased": _("removed it and had its data erased"),
}
FIELDS: dict[str, Promise] = {
    "name": _("name"),
    "brand": _("brand"),
    "default_team": _("default team"),
    "poll_seconds": _("reading interval"),
    "monthly_cap": _("monthly cap"),
}


def field_word(platform: str, name: str) -> str:
    """What a field of the record is called."""
    if known := FIELDS.get(name):
        return str(known)
    guide = GUIDES.get(platform)
    return next((str(asked.label) for asked in guide.asked if asked.name == name), name) if guide else name
