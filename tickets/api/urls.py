"""Addresses of the API."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from accounts.api.ground import Nowhere
from accounts.api.views import Me, People, Tokens
from ingest.api import Channels
from tickets.api.approval_rules import ApprovalRules
from tickets.api.approvals import Approvals
from tickets.api.attendance import OneAway, PersonAways, PersonShifts
from tickets.api.calendars import Calendars
from tickets.api.chains import Chains
from tickets.api.corrections import CorrectableMessages
from tickets.api.deliveries import Deliveries
from tickets.api.docs import Docs, Schema
from tickets.api.incidents import Incidents
from tickets.api.macros import Macros
from tickets.api.notice_wishes import NoticeWishes
from tickets.api.notices import Notices
from tickets.api.pictures import OnePicture, Pictures
from tickets.api.reviews import Reviews
from tickets.api.routing_rules import RoutingRules
from tickets.api.saved_replies import SavedReplies
from tickets.api.saved_views import SavedViews
from tickets.api.search import Search
from tickets.api.sla_policies import SlaPolicies
from tickets.api.surges import Surges
from tickets.api.views import Tickets

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("tickets", Tickets, basename="api-ticket")
router.register("messages", CorrectableMessages, basename="api-message")
router.register("deliveries", Deliveries, basename="api-delivery")
router.register("approvals", Approvals, basename="api-approval")
router.register("incidents", Incidents, basename="api-incident")
router.register("surges", Surges, basename="api-surge")
router.register("reviews", Reviews, basename="api-review")
router.register("routing-rules", RoutingRules, basename="api-routing-rule")
router.register("approval-rules", ApprovalRules, basename="api-approval-rule")
router.register("escalation-chains", Chains, basename="api-chain")
router.register("sla-policies", SlaPolicies, basename="api-sla-policy")
router.register("calendars", Calendars, basename="api-calendar")
router.register("saved-views", SavedViews, basename="api-saved-view")
router.register("saved-replies", SavedReplies, basename="api-saved-reply")
router.register("macros", Macros, basename="api-macro")
router.register("notices", Notices, basename="api-notice")
router.register("channels", Channels, basename="api-channel")
router.register("people", People, basename="api-people")

urlpatterns = [
    path("schema/", Schema.as_view(), name="api-schema"),
    path("docs/", Docs.as_view(), name="api-docs"),
    path("token", Tokens.as_view(), name="api-token"),
    path("me", Me.as_view(), name="api-me"),
    path("me/notice-wishes", NoticeWishes.as_view(), name="api-notice-wishes"),
    path("tickets/<int:id>/pictures", Pictures.as_view(), name="api-ticket-pictures"),
    path("pictures/<uuid:key>", OnePicture.as_view(), name="api-picture"),
    path("people/<int:pk>/shifts", PersonShifts.as_view(), name="api-person-shifts"),
    path("people/<int:pk>/aways", PersonAways.as_view(), name="api-person-aways"),
    path("aways/<int:pk>", OneAway.as_view(), name="api-away"),
    path("search", Search.as_view(), name="api-search"),
    path("", include(router.urls)),
    re_path("", Nowhere.as_view()),
]
