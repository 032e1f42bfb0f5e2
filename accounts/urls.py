"""Addresses of people: in, out, and how each likes the pages."""

from django.urls import path

from accounts import second_step_views
from accounts.views import SignIn, preferences, profile, sign_out
from accounts.welcome import welcome

urlpatterns = [
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-in/code/", second_step_views.sign_in_code, name="sign-in-code"),
    path("sign-out/", sign_out, name="sign-out"),
    path("welcome/<slug:who>/<slug:token>/", welcome, name="welcome"),
    path("preferences/", preferences, name="preferences"),
    path("profile/", profile, name="profile"),
    path("profile/second-step/", second_step_views.own, name="second-step"),
]
