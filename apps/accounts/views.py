"""Log-in, password, acting post."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout as end_session
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LoginView
from django.db import connection
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.accounts import actions
from apps.accounts.forms import HandOverForm, LoginForm, NewPasswordForm, SwitchForm
from apps.accounts.models import Post
from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import ActingRequest, own_page, page, public_page
from apps.core.rights import Right

login = public_page(methods=("GET", "POST"))(
    LoginView.as_view(template_name="accounts/login.html", authentication_form=LoginForm, redirect_authenticated_user=True)
)


@own_page(methods=("POST",))
def logout(request: Any) -> HttpResponse:
    """End the session, and let the browser forget what it keeps of this site: the next person on this phone or in this office finds no class list,
    not by the back button either."""
    end_session(request)
    return HttpResponseRedirect(reverse("login"), headers={"Clear-Site-Data": '"cache", "storage"'})


@own_page(methods=("GET", "POST"))
def password_change(request: Any) -> HttpResponse:
    """A new password of one's own; forced after an initial one."""
    form = NewPasswordForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.password_changed(user=form.save())
        update_session_auth_hash(request, form.user)
        messages.success(request, "密码已修改。")
        return redirect("workbench")
    return render(request, "accounts/password_change.html", {"form": form, "is_forced": request.user.must_change_password})


@page(Right.WORKBENCH, methods=("POST",))
def switch_post(request: ActingRequest) -> HttpResponse:
    """Act as another of one's own posts."""
    form = SwitchForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        actor = actions.switch_post(user=request.user, post_id=form.cleaned_data["post"], today=clock.today(), by=request.actor)
    except Refused as refusal:
        raise Http404 from refusal
    request.session["post"] = actor.post_id
    messages.success(request, f"现在以“{actor.title}”办理。")
    return redirect("workbench")


@page(Right.MANAGE_PEOPLE, methods=("GET", "POST"))
def hand_over(request: ActingRequest, post_id: int) -> HttpResponse:
    """Give a post to another person from a day on."""
    post = Post.objects.within(request.actor.scope).select_related("user", "school", "region", "school_class").filter(pk=post_id).first()
    if post is None:
        raise Http404
    form = HandOverForm(request.POST or None, actor=request.actor, initial={"on_day": clock.today()})
    back = reverse("admin:accounts_post_changelist")
    if request.method == "POST" and form.is_valid():
        try:
            new = actions.hand_over(post=post, by=request.actor, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"{new}：{new.user.name}自{new.starts_on:%Y-%m-%d}起接任。")
            return redirect(back)
    return render(request, "accounts/hand_over.html", {"form": form, "post": post, "back_url": back})


@public_page()
def healthz(request: Any) -> HttpResponse:
    """Whether the site and its database answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
