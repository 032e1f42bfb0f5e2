"""People, their teams and the brands those teams care for."""

from typing import Any

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from encrypted_fields.fields import EncryptedTextField


class Brand(models.Model):
    """The company cared for; it may have several channels."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    name_ar = models.CharField(_("Arabic name"), max_length=120, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """People who share a queue, and the brands whose customers they answer."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    brands = models.ManyToManyField(Brand, related_name="teams", verbose_name=_("brands"))
    members: "models.ManyToManyField[User, Membership]" = models.ManyToManyField(
        "User", through="Membership", related_name="teams"
    )
    # The team that a brand's tickets go to when no rule says otherwise: the first default team of the brand.
    is_default = models.BooleanField(_("takes tickets that no rule sends elsewhere"), default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    AGENT = "agent", _("Agent")
    SUPERVISOR = "supervisor", _("Supervisor")
    ADMIN = "admin", _("Admin")


class UserManager(BaseUserManager["User"]):
    """People sign in with their e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username or "")

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, role=Role.ADMIN, is_superuser=True, is_staff=True, **fields)


class User(AbstractUser):
    """A person who works here. `available` says that new tickets may be given to them now."""

    # Django's way to leave out a column of an abstract model; its stubs know no other than the column.
    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("work e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.AGENT)
    available = models.BooleanField(_("available for new tickets"), default=False)
    capacity = models.PositiveSmallIntegerField(_("tickets at once"), default=10)
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("skills"))
    languages = ArrayField(models.CharField(max_length=8), default=list, blank=True, verbose_name=_("languages"))
    interface_language = models.CharField(_("interface language"), max_length=8, blank=True)
    theme = models.CharField(
        _("theme"),
        max_length=8,
        default="auto",
        choices=[("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))],
    )
    density = models.CharField(
        _("density"),
        max_length=8,
        default="normal",
        choices=[("compact", _("Compact")), ("normal", _("Normal")), ("roomy", _("Roomy"))],
    )

    # Empty: the desk's own.
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True)
    calendar = models.CharField(
        _("calendar"),
        max_length=9,
        default="gregorian",
        choices=[("gregorian", _("Gregorian")), ("hijri", _("Hijri (Umm al-Qura)"))],
    )
    numerals = models.CharField(
        _("numerals"), max_length=6, default="latin", choices=[("latin", "0–9"), ("arabic", "٠–٩")]
    )
    # Their role must sign in with a second step, and they have none yet: no page but that of setting it up opens.
    # Kept by accounts.second_step, here so that no page pays a query for it.
    owes_second_step = models.BooleanField(default=False, editable=False)
    # By topic: notices and quiet hours, keys, sounds, tours seen. Each topic has one module that knows its shape.
    preferences = models.JSONField(default=dict, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()  # type: ignore[assignment,misc]  # Django's asks for a user name

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]

    @cached_property
    def brand_ids(self) -> frozenset[int]:
        """Ids of the brands of this person's teams. Ask accounts.permissions, which knows of admins."""
        return frozenset(Brand.objects.filter(teams__members=self).values_list("id", flat=True))

    @cached_property
    def team_ids(self) -> frozenset[int]:
        """Ids of this person's teams."""
        return frozenset(self.memberships.values_list("team_id", flat=True))

    @property
    def is_supervisor(self) -> bool:
        """Supervisors and admins may do what supervisors may."""
        return self.role in {Role.SUPERVISOR, Role.ADMIN}

    @property
    def is_admin(self) -> bool:
        return self.role == Role.ADMIN


class Membership(models.Model):
    """A person in a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} / {self.team}"


class AuditEntry(models.Model):
    """One change to how Radd is set up. Append-only, held by a trigger; names are kept beside ids, for when they go.

    `actor` null stands for somebody at the server's console, for Radd itself, or for a person who was deleted since.
    """

    actor = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    actor_name = models.CharField(max_length=120, blank=True)
    # What was done, as a code for pages to translate: channel.connected, channel.settings ...
    verb = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    subject_name = models.CharField(max_length=255)
    # Never a secret.
    data = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["kind", "subject_id", "-id"], name="audit_subject"),
            models.Index(fields=["actor", "-id"], name="audit_actor"),
        ]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.actor_name or 'Radd'} {self.verb} {self.subject_name}"


class Shift(models.Model):
    """Hours in which a person works, each week, in their time zone; Monday is 0. None at all: whenever available."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="shifts")
    weekday = models.PositiveSmallIntegerField(_("day"))
    begins = models.TimeField(_("from"))
    # Midnight is the day's end.
    ends = models.TimeField(_("until"))

    class Meta:
        ordering = ["weekday", "begins"]
        constraints = [
            models.CheckConstraint(name="shift_weekday", condition=models.Q(weekday__lte=6)),
            models.UniqueConstraint(fields=["user", "weekday", "begins"], name="shift_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.weekday} {self.begins:%H:%M}"


class Away(models.Model):
    """Somebody is not here: from a moment until another, or until they say otherwise."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="aways")
    begins_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=120, blank=True)
    set_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    # Whether what they hold goes back to its queues when it begins, and when that was done.
    hand_over = models.BooleanField(_("hand over"), default=False)
    handed_over_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-begins_at"]
        indexes = [
            models.Index(fields=["user", "-begins_at"], name="away_newest"),
            models.Index(
                fields=["begins_at"], name="away_to_hand_over", condition=models.Q(hand_over=True, handed_over_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} from {self.begins_at:%Y-%m-%d %H:%M}"


class SecondStep(models.Model):
    """What a person proves beside their password: codes of an app on their phone (RFC 6238), or one of a few on paper.

    `confirmed_at` null: it is being set up, and asked for nowhere yet.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="second_step")
    # Base 32, encrypted at rest.
    secret = EncryptedTextField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # The number of the half-minute whose code was taken last: none is taken twice, nor an older one after it.
    last_step = models.BigIntegerField(default=0)
    # SHA-256 of the recovery codes that are left. They are random enough to need no salt.
    recovery = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    # Wrong codes in a row, from wherever; after too many none is looked at until then.
    failures = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"second step of {self.user_id}"


class SignInPolicy(models.Model):
    """Who must sign in with a second step. One row, made when somebody first decides."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    second_step_roles = ArrayField(models.CharField(max_length=12, choices=Role), default=list, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="one_sign_in_policy", condition=models.Q(id=1))]
        verbose_name_plural = "sign-in policies"

    def __str__(self) -> str:
        return f"second step: {', '.join(self.second_step_roles) or 'nobody'}"
