"""What connecting asks of a person, platform by platform: what is needed, where to get it, and each thing's name.

Names of fields are those of the adapters' needs and options; what is secret, and what must be there, the adapters say.
"""

from dataclasses import dataclass
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
        Asked("client_secret", _("Client secret"), kind="secret"),
        Asked("bearer_token", _("Bearer token"), _("For searches and the live stream."), kind="secret"),
        Asked("consumer_secret", _("API key secret"), _("X signs its webhooks with it."), kind="secret"),
        Asked("consumer_key", _("API key"), part="other", kind="secret"),
        Asked("access_token", _("Access token"), part="other", kind="secret"),
        Asked("access_token_secret", _("Access token secret"), part="other", kind="secret"),
        Asked(
            "keywords",
            _("Words to search for"),
            _(
                "Posts that name the brand without @. Parted by commas. X lets nobody answer these by its "
                "API on self-serve plans."
            ),
            part="follow",
            kind="list",
            example="Nawa Telecom, نوى",
        ),
        Asked(
            "dms",
            _("Direct messages"),
            _("The old kind, which is not encrypted; X charges for each."),
            part="follow",
            choices=(("", _("Leave alone")), ("on", _("Read them too"))),
        ),
        Asked("plan", _("Plan at X"), part="more", choices=(("", _("Self-serve")), ("enterprise", "Enterprise"))),
        Asked(
            "stream",
            _("Live stream"),
            part="more",
            choices=(
                ("", _("Account activity")),
                ("filtered", _("Filtered stream")),
                ("off", _("None, polling only")),
            ),
        ),
        Asked(
            "base_url",
            _("Another address in X's place"),
            _("For a proxy or a test server of your own."),
            part="more",
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
        Asked("app_password", _("App password"), kind="secret", example="xxxx-xxxx-xxxx-xxxx"),
        Asked(
            "base_url",
            _("Server"),
            _("Empty for Bluesky itself. For a server of your own its address, also one on your local network."),
            kind="url",
            example="http://192.168.1.20:2583",
        ),
        Asked(
            "keywords",
            _("Words to search for"),
            _("Posts that name the brand without @. Parted by commas."),
            part="follow",
            kind="list",
            example="Nawa Telecom, نوى",
        ),
        Asked(
            "firehose_url",
            _("Stream"),
            _("Empty for the usual one. A server of your own without TLS is heard itself."),
            part="more",
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
        Asked(
            "access_token",
            _("Access token"),
            _("Only where you made one by hand; signing in there needs none."),
            kind="secret",
        ),
        Asked(
            "hashtags",
            _("Hashtags"),
            _("Posts with these are read too. Parted by commas."),
            part="follow",
            kind="list",
            example="nawa, نوى",
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
        Asked("password", _("Password"), kind="secret"),
        Asked("imap_host", _("IMAP server"), example="imap.nawa.example"),
        Asked("smtp_host", _("SMTP server"), _("Empty: the channel only reads."), example="smtp.nawa.example"),
        Asked("folder", _("Folder"), _("Empty for the inbox."), part="follow", example="INBOX"),
        Asked(
            "aliases",
            _("Other addresses of this mailbox"),
            _("Parted by commas."),
            part="follow",
            kind="list",
            example="help@nawa.example",
        ),
        Asked(
            "auth_server",
            _("Your mail server's name in Authentication-Results"),
            _(
                "Empty: every From is believed, also a forged one. Open a mail's source: the name stands first in "
                "its topmost Authentication-Results."
            ),
            part="follow",
            kind="list",
            example="mx.nawa.example",
        ),
        Asked("from_name", _("Sender's name"), part="more", example="Nawa Care"),
        Asked("username", _("User name"), _("Empty where it is the mail address."), part="more"),
        Asked("imap_port", _("IMAP port"), part="more", kind="number", example="993"),
        Asked("imap_security", _("IMAP protection"), part="more", choices=SECURITY),
        Asked("smtp_port", _("SMTP port"), part="more", kind="number", example="465"),
        Asked("smtp_security", _("SMTP protection"), part="more", choices=SECURITY),
        Asked("smtp_username", _("SMTP user name"), _("Empty where it is the same."), part="more"),
        Asked("smtp_password", _("SMTP password"), _("Empty where it is the same."), part="more", kind="secret"),
        Asked("refresh_token", _("Refresh token"), _("From signing in once to the app."), part="other", kind="secret"),
        Asked("client_id", _("Client ID"), part="other"),
        Asked("client_secret", _("Client secret"), part="other", kind="secret"),
        Asked("token_url", _("Token address"), part="other", example="https://oauth2.googleapis.com/token"),
        Asked("sent_folder", _("Folder of sent mail"), _("Empty: Radd finds it."), part="more"),
        Asked(
            "token",
            _("Thread mark in answers"),
            part="more",
            choices=(
                ("", _("In the subject")),
                ("plus", _("In the address, after a plus")),
                ("none", _("None")),
            ),
        ),
        Asked(
            "ca",
            _("Certificate of your own authority"),
            _("PEM text, where the server's certificate is not from a public authority."),
            part="more",
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
        Asked("secret", _("Signing secret"), _("At least 16 letters. Empty: Radd makes one."), kind="secret"),
        Asked(
            "answer_url",
            _("Where answers go"),
            _("Address of your bridge. Empty: agents can only read."),
            kind="url",
            example="https://bridge.nawa.example/answers",
        ),
        Asked(
            "account_id",
            _("Our id there"),
            _("What an author with this id writes is ours."),
            part="more",
            example="us",
        ),
        Asked("account_handle", _("Our name there"), part="more"),
        Asked(
            "answers",
            _("Can be answered"),
            part="more",
            choices=(
                ("", _("Everything")),
                ("none", _("Nothing")),
                ("dm, mail", _("Private messages")),
                ("mention, reply, comment, review, post, quote", _("Public posts")),
            ),
        ),
        Asked("limit", _("Longest answer, letters"), part="more", kind="number", example="5000"),
        Asked("images", _("Pictures in an answer"), part="more", kind="number", example="4"),
        Asked("can_look", _("The bridge can be asked what it posted"), part="more", choices=YES),
        Asked("allow_private", _("The bridge stands on this server or in its own network"), part="more", choices=YES),
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
