"""Addresses of the work: inbox, tickets and their verbs, books, channels, figures."""

from django.urls import path

from tickets.views import analyse, books, channels, corrections, inbox, people, readers, updates, verbs

urlpatterns = [
    path("", inbox.inbox, name="home"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/<slug:slug>/", inbox.inbox_list, name="inbox-list"),
    path("inbox/<slug:slug>/changes", updates.list_changes, name="list-changes"),
    path("inbox/<slug:slug>/<int:pk>/", inbox.inbox_ticket, name="inbox-ticket"),
    path("inbox/<slug:slug>/<int:pk>/updates", updates.ticket_updates, name="ticket-updates"),
    path("live/changes", updates.since, name="live-changes"),
    path("tickets/<int:pk>/reply", verbs.reply, name="ticket-reply"),
    path("tickets/<int:pk>/note", verbs.note, name="ticket-note"),
    path("tickets/<int:pk>/length", verbs.length, name="ticket-length"),
    path("tickets/<int:pk>/people", updates.people, name="ticket-people"),
    path("tickets/<int:pk>/assign", verbs.assign, name="ticket-assign"),
    path("tickets/<int:pk>/take", verbs.take, name="ticket-take"),
    path("tickets/<int:pk>/resolve", verbs.resolve, name="ticket-resolve"),
    path("tickets/<int:pk>/reopen", verbs.reopen, name="ticket-reopen"),
    path("messages/<int:pk>/correct", corrections.correct, name="message-correct"),
    path("deliveries/<uuid:key>/take-back", verbs.take_back, name="delivery-take-back"),
    path("deliveries/<uuid:key>/try-again", verbs.try_again, name="delivery-try-again"),
    path("me/available", people.availability, name="availability"),
    path("monitor/books/", books.books, name="books"),
    path("monitor/channels/", channels.channels, name="channels"),
    path("monitor/channels/replay", channels.replay, name="replay"),
    path("monitor/readers/", readers.readers, name="readers"),
    path("monitor/readers/<int:pk>/promote", readers.promote, name="reader-promote"),
    path("monitor/readers/<int:pk>/retire", readers.retire, name="reader-retire"),
    path("analyse/", analyse.analyse, name="analyse"),
]
