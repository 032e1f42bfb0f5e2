"""Addresses of writing answers: what the box asks, saved replies and macros, approvals, the policy of answers."""

from django.urls import path

from tickets.views import approval_rules, approvals, composer, policy, saved

urlpatterns = [
    path("tickets/<int:pk>/guard", composer.guard, name="ticket-guard"),
    path("tickets/<int:pk>/draft", composer.draft, name="ticket-draft"),
    path("tickets/<int:pk>/drafts", composer.others, name="ticket-drafts"),
    path("tickets/<int:pk>/saved", composer.saved, name="ticket-saved"),
    path("tickets/<int:pk>/mentionable", composer.mentionable, name="ticket-mentionable"),
    path("tickets/<int:pk>/macros/<int:macro_id>", saved.run_macro, name="ticket-macro"),
    path("saved/", saved.pages, name="saved-replies"),
    path("saved/replies/new", saved.reply, name="saved-reply-new"),
    path("saved/replies/<int:pk>", saved.reply, name="saved-reply"),
    path("saved/replies/<int:pk>/used", composer.saved_used, name="saved-used"),
    path("saved/macros/new", saved.macro, name="macro-new"),
    path("saved/macros/<int:pk>", saved.macro, name="macro"),
    path("saved/<slug:kind>/<int:pk>/remove", saved.remove, name="saved-remove"),
    path("approvals/", approvals.queue, name="approvals"),
    path("approvals/<uuid:key>/approve", approvals.approve, name="approval-approve"),
    path("approvals/<uuid:key>/return", approvals.give_back, name="approval-return"),
    path("approvals/<uuid:key>/withdraw", approvals.withdraw, name="approval-withdraw"),
    path("settings/approval-rules/", approval_rules.rules, name="approval-rules"),
    path("settings/approval-rules/new", approval_rules.rule, name="approval-rule-new"),
    path("settings/approval-rules/<int:pk>/", approval_rules.rule, name="approval-rule"),
    path("settings/approval-rules/<int:pk>/move", approval_rules.move, name="approval-rule-move"),
    path("settings/approval-rules/<int:pk>/versions", approval_rules.versions, name="approval-rule-versions"),
    path(
        "settings/approval-rules/<int:pk>/versions/<int:version>/restore",
        approval_rules.restore,
        name="approval-rule-restore",
    ),
    path("settings/approval-rules/<int:pk>/remove", approval_rules.remove, name="approval-rule-remove"),
    path("settings/approval-rules/<int:pk>/put-back", approval_rules.put_back, name="approval-rule-put-back"),
    path("settings/answers/", policy.policy, name="care-policy"),
    path("settings/answers/<int:pk>/", policy.policy, name="care-policy-of"),
]
