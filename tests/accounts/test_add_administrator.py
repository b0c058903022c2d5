"""The first person on a new server."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.accounts.models import Post


@pytest.mark.django_db
def test_the_first_administrator_logs_in_and_must_choose_a_password() -> None:
    out = StringIO()
    call_command("add_administrator", "first.admin", "赵敏", json=True, stdout=out)
    told = json.loads(out.getvalue())
    assert Post.objects.get(user__username="first.admin").role == "administrator"
    client = Client()
    answer = client.post("/login/", {"username": told["username"], "password": told["password"]}, follow=True)
    assert answer.redirect_chain[-1][0] == "/password/"


@pytest.mark.django_db
def test_a_login_that_exists_is_refused_with_a_sentence() -> None:
    call_command("add_administrator", "first.admin", "赵敏", stdout=StringIO())
    with pytest.raises(CommandError, match="登录名"):
        call_command("add_administrator", "first.admin", "钱进", stdout=StringIO())
    assert Post.objects.filter(role="administrator").count() == 1
