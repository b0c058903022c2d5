"""Addresses of log-in and posts."""

from django.urls import path

from apps.accounts import views

urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("password/", views.password_change, name="password_change"),
    path("post/", views.switch_post, name="switch_post"),
    path("posts/<int:post_id>/hand-over/", views.hand_over, name="hand_over"),
    path("healthz/", views.healthz, name="healthz"),
]
