"""Addresses of quality review: the queue, one's own work, scorecards."""

from django.urls import path

from tickets.views import quality, quality_cards, quality_mine

urlpatterns = [
    path("monitor/quality/", quality.queue, name="quality"),
    path("monitor/quality/sample", quality.sample, name="quality-sample"),
    path("monitor/quality/begin", quality.begin, name="quality-begin"),
    path("monitor/quality/<int:pk>/", quality.review, name="quality-review"),
    path("monitor/quality/<int:pk>/skip", quality.skip, name="quality-skip"),
    path("monitor/quality/<int:pk>/put-back", quality.put_back, name="quality-put-back"),
    path("analyse/mine/", quality_mine.mine, name="my-quality"),
    path("analyse/mine/<int:pk>/seen", quality_mine.see, name="my-quality-seen"),
    path("analyse/mine/<int:pk>/answer", quality_mine.answer, name="my-quality-answer"),
    path("settings/scorecards/", quality_cards.cards, name="scorecards"),
    path("settings/scorecards/new", quality_cards.card, name="scorecard-new"),
    path("settings/scorecards/<int:pk>/", quality_cards.card, name="scorecard"),
    path("settings/scorecards/<int:pk>/remove", quality_cards.remove, name="scorecard-remove"),
]
