"""People in the API: signing in for a token, who I am, and whom a ticket may be given to."""

from http import HTTPStatus
from typing import Any

from django.contrib.auth import authenticate
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle, BaseThrottle
from rest_framework.viewsets import GenericViewSet

from accounts import second_step
from accounts.api.ground import Ground
from accounts.api.pages import NewestFirst
from accounts.api.problems import Problem, problems
from accounts.models import User
from accounts.permissions import brand_ids
from accounts.second_step import Verdict
from accounts.second_step_owed import settle


class SignInThrottle(AnonRateThrottle):
    """Tries from one address, whoever they are for; tries for one person are counted by axes."""

    scope = "token"
    rate = "30/min"


class CredentialsSerializer(serializers.Serializer[Any]):
    """What one signs in with."""

    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=256, trim_whitespace=False, style={"input_type": "password"})
    code = serializers.CharField(
        max_length=40, required=False, help_text="Of the app or on paper, for those who sign in with two steps."
    )


class TokenSerializer(serializers.Serializer[Any]):
    """Goes into the header `Authorization: Token ...` of later requests."""

    token = serializers.CharField()


class PersonSerializer(serializers.ModelSerializer[User]):
    """A colleague."""

    class Meta:
        model = User
        fields = ["id", "name", "role", "available"]
        read_only_fields = fields


class MeSerializer(PersonSerializer):
    """The person who asks."""

    class Meta(PersonSerializer.Meta):
        fields = [*PersonSerializer.Meta.fields, "email", "capacity", "skills", "languages"]
        read_only_fields = fields


class Tokens(Ground):
    """A person's one token: made by signing in, void once it is given back."""

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny() if self.request.method == "POST" else IsAuthenticated()]

    def get_throttles(self) -> list[BaseThrottle]:
        return [SignInThrottle()] if self.request.method == "POST" else []

    @extend_schema(
        operation_id="token_create",
        auth=[],
        request=CredentialsSerializer,
        responses={200: TokenSerializer, **problems(400, 403, 429)},
    )
    def post(self, request: Request) -> Response:
        """Sign in with work e-mail and password, and a code where two steps are on: without it, `code_needed`.

        After five wrong passwords, or codes, the door stays shut for a while.
        """
        given = CredentialsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user = sign_in(request, given.validated_data["email"], given.validated_data["password"])
        take_second_step(user, given.validated_data.get("code", ""))
        token, _made = Token.objects.get_or_create(user=user)
        return Response({"token": token.key}, headers={"Cache-Control": "no-store"})

    @extend_schema(operation_id="token_destroy", request=None, responses={204: None, **problems(403)})
    def delete(self, _request: Request) -> Response:
        """Void my token; the next sign-in makes another."""
        Token.objects.filter(user=self.person).delete()
        return Response(status=HTTPStatus.NO_CONTENT)


def sign_in(request: Request, email: str, password: str) -> User:
    """The person with these credentials. Raises AuthenticationFailed, or Problem while locked out."""
    asked = request._request  # noqa: SLF001 (REST framework's way to Django's own request)
    email = email.lower()
    # Under both names: Django's backend reads the one, axes counts tries by whichever it is set to.
    user = authenticate(asked, username=email, email=email, password=password)
    if isinstance(user, User):
        return user
    if getattr(asked, "axes_locked_out", False):
        # Said here as a problem; axes' middleware would put its page in place of our answer.
        asked.axes_locked_out = False  # type: ignore[attr-defined]  # axes put it there
        raise Problem("locked_out", _("Too many tries. Wait 15 minutes."), HTTPStatus.TOO_MANY_REQUESTS)
    raise AuthenticationFailed(_("The e-mail address or the password is wrong."), "wrong_credentials")


def take_second_step(user: User, code: str) -> None:
    """Ask those who sign in with two steps for the second. Raises AuthenticationFailed, or Problem while locked out."""
    settle(User.objects.filter(pk=user.pk))
    if not second_step.has_one(user):
        return
    if not code:
        raise AuthenticationFailed(_("Give the code of your app as `code`."), "code_needed")
    verdict = second_step.prove(user, code).verdict
    if verdict is Verdict.LOCKED:
        raise Problem("locked_out", _("Too many tries. Wait 15 minutes."), HTTPStatus.TOO_MANY_REQUESTS)
    if verdict is Verdict.WRONG:
        raise AuthenticationFailed(_("That code is not right."), "wrong_code")


class Me(Ground):
    """The person who asks."""

    @extend_schema(operation_id="me", responses={200: MeSerializer, **problems()})
    def get(self, _request: Request) -> Response:
        """Who I am."""
        return Response(MeSerializer(self.person).data)


@extend_schema_view(list=extend_schema(responses={200: PersonSerializer(many=True), **problems(400)}))
class People(Ground, mixins.ListModelMixin, GenericViewSet[User]):
    """The people of the teams that care for my brands: to them tickets may be given."""

    queryset = User.objects.none()
    serializer_class = PersonSerializer
    pagination_class = NewestFirst
    filter_backends = []

    def get_queryset(self) -> QuerySet[User]:
        allowed = brand_ids(self.person)
        people = User.objects.filter(is_active=True)
        return people if allowed is None else people.filter(teams__brands__in=allowed).distinct()
