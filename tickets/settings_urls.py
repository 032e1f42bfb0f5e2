"""Addresses of the Settings area's own sections: people, teams, brands, tags, tiers."""

from django.urls import path

from tickets.views import (
    settings_people,
    settings_record,
    settings_shifts,
    settings_sign_in,
    settings_tags,
    settings_teams,
)

urlpatterns = [
    path("people/", settings_people.listed, name="settings-people"),
    path("people/new", settings_people.add, name="settings-person-new"),
    path("people/<int:pk>/", settings_people.person, name="settings-person"),
    path("people/<int:pk>/leave", settings_people.leave, name="settings-person-leave"),
    path("people/<int:pk>/back", settings_people.come_back, name="settings-person-back"),
    path("people/<int:pk>/let-in", settings_people.let_in, name="settings-person-let-in"),
    path("people/<int:pk>/second-step", settings_sign_in.reset, name="settings-person-second-step"),
    path("sign-in/", settings_sign_in.policy, name="settings-sign-in"),
    path("shifts/", settings_shifts.overview, name="settings-shifts"),
    path("shifts/<int:pk>/", settings_shifts.person, name="settings-shifts-person"),
    path("shifts/<int:pk>/away", settings_shifts.away, name="settings-shifts-away"),
    path("shifts/away/<int:pk>/end", settings_shifts.end_away, name="away-end"),
    path("record/", settings_record.record, name="settings-record"),
    path("record.csv", settings_record.as_table, name="settings-record-table"),
    path("teams/", settings_teams.team_list, name="settings-teams"),
    path("teams/new", settings_teams.team, name="settings-team-new"),
    path("teams/<int:pk>/", settings_teams.team, name="settings-team"),
    path("teams/<int:pk>/remove", settings_teams.remove_team, name="settings-team-remove"),
    path("brands/", settings_teams.brand_list, name="settings-brands"),
    path("brands/new", settings_teams.brand, name="settings-brand-new"),
    path("brands/<int:pk>/", settings_teams.brand, name="settings-brand"),
    path("tags/", settings_tags.tags, name="settings-tags"),
    path("tags/<int:pk>/", settings_tags.tag, name="settings-tag"),
    path("tags/<int:pk>/merge", settings_tags.merge_tag, name="settings-tag-merge"),
    path("tags/<int:pk>/remove", settings_tags.remove_tag, name="settings-tag-remove"),
    path("tiers/", settings_tags.tier_page, name="settings-tiers"),
    path("tiers/of/<int:brand_id>/", settings_tags.tier_page, name="settings-tiers-of"),
    path("tiers/of/<int:brand_id>/<int:pk>/", settings_tags.tier_page, name="settings-tier"),
    path("tiers/<int:pk>/change", settings_tags.change_tier, name="settings-tier-change"),
]
