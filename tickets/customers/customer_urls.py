"""Addresses of customers: in a ticket's panel, and on a page of their own."""

from django.urls import path

from tickets.views import customers, customers_verbs, translations

urlpatterns = [
    path("customers/<int:pk>/", customers.page, name="customer"),
    path("customers/account/<int:pk>/", customers.account_page, name="customer-account"),
    path("tickets/<int:pk>/customer", customers.panel, name="ticket-customer"),
    path("tickets/<int:pk>/customer/link", customers_verbs.link, name="customer-link"),
    path("tickets/<int:pk>/customer/unlink", customers_verbs.unlink, name="customer-unlink"),
    path("tickets/<int:pk>/customer/tier", customers_verbs.tier, name="customer-tier"),
    path("tickets/<int:pk>/customer/name", customers_verbs.name, name="customer-name"),
    path("tickets/<int:pk>/customer/notes", customers_verbs.notes, name="customer-notes"),
    path("tickets/<int:pk>/similar/<int:like>/use", customers_verbs.use, name="similar-use"),
    path("messages/<int:pk>/translation", translations.translation, name="message-translation"),
]
