"""Quality review in the API: supervisors review, whoever did the work sees and answers."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.api.ground import Ground
from accounts.api.pages import NewestFirst
from accounts.api.problems import Problem, problems
from tickets.api import refusals
from tickets.models import Review, Scorecard
from tickets.quality import reviews
from tickets.quality.marks import HIGHEST


class ReviewSerializer(serializers.ModelSerializer[Review]):
    """One ticket drawn for review: whose work, why, and what was said of it."""

    questions = serializers.ListField(child=serializers.DictField(), read_only=True, help_text="As they stood.")
    marks = serializers.DictField(child=serializers.IntegerField(), read_only=True, help_text="By question id, 0 to 4.")

    class Meta:
        model = Review
        fields = [
            "id", "ticket", "agent", "why", "state", "scorecard", "questions", "marks", "score", "words", "reviewer",
            "sampled_at", "reviewed_at", "seen_at", "answer", "answered_at",
        ]  # fmt: skip
        read_only_fields = fields


class MarkingSerializer(serializers.Serializer[Any]):
    """What a reviewer says."""

    scorecard = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    marks = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=HIGHEST),
        default=dict, help_text="By question id, 0 to 4; a question without one is left.",
    )  # fmt: skip
    words = serializers.CharField(default="", allow_blank=True, max_length=reviews.LONGEST)


class AnsweringSerializer(serializers.Serializer[Any]):
    """What whose work it is says to it."""

    text = serializers.CharField(max_length=reviews.LONGEST)


def _answer(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    if isinstance(exc, Scorecard.DoesNotExist):
        words = _("That scorecard is not in use any more. Choose another.")
        exc = Problem("no_scorecard", words, HTTPStatus.UNPROCESSABLE_ENTITY)
    return refusals.answer(exc, context)


@extend_schema_view(
    list=extend_schema(responses={200: ReviewSerializer(many=True), **problems(400)}),
    retrieve=extend_schema(responses={200: ReviewSerializer, **problems(404)}),
)
class Reviews(Ground, ReadOnlyModelViewSet[Review]):
    """The reviews of my own work, and for supervisors those of the brands they see; the newest first."""

    queryset = Review.objects.none()
    serializer_class = ReviewSerializer
    filter_backends = []
    pagination_class = NewestFirst
    lookup_value_converter = "int"
    tell = staticmethod(_answer)

    def get_queryset(self) -> QuerySet[Review]:
        mine = Q(pk__in=reviews.of_mine(self.person).values("pk"))
        return Review.objects.filter(mine | Q(pk__in=reviews.seen_by(self.person).values("pk")))

    @extend_schema(
        operation_id="reviews_review",
        request=MarkingSerializer,
        responses={200: ReviewSerializer, **problems(400, 403, 404, 422)},
    )
    @action(methods=["post"], detail=True)
    def review(self, request: Request, **_kwargs: Any) -> Response:
        """Give it its marks; again, until its agent has seen it."""
        given = MarkingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._done(lambda pk: reviews.review(pk, by=self.person, **given.validated_data))

    @extend_schema(operation_id="reviews_skip", request=None, responses={200: ReviewSerializer, **problems(403, 404)})
    @action(methods=["post"], detail=True)
    def skip(self, _request: Request, **_kwargs: Any) -> Response:
        """Not worth a look after all."""
        return self._done(lambda pk: reviews.skip(pk, by=self.person))

    @extend_schema(
        operation_id="reviews_put_back", request=None, responses={200: ReviewSerializer, **problems(403, 404)}
    )
    @action(methods=["post"], detail=True, url_path="put-back")
    def put_back(self, _request: Request, **_kwargs: Any) -> Response:
        """It waits again, while its agent has not seen it."""
        return self._done(lambda pk: reviews.put_back(pk, by=self.person))

    @extend_schema(operation_id="reviews_seen", request=None, responses={200: ReviewSerializer, **problems(403, 404)})
    @action(methods=["post"], detail=True)
    def seen(self, _request: Request, **_kwargs: Any) -> Response:
        """I have read the review of my work."""
        return self._done(lambda pk: reviews.see(pk, by=self.person))

    @extend_schema(
        operation_id="reviews_answer",
        request=AnsweringSerializer,
        responses={200: ReviewSerializer, **problems(400, 403, 404)},
    )
    @action(methods=["post"], detail=True)
    def answer(self, request: Request, **_kwargs: Any) -> Response:
        """What I say to the review of my work."""
        given = AnsweringSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._done(lambda pk: reviews.answer(pk, text=given.validated_data["text"], by=self.person))

    def _done(self, verb: Callable[[int], Review]) -> Response:
        return Response(ReviewSerializer(verb(self.get_object().pk)).data)
