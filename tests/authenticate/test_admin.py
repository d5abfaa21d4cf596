"""What somebody may do in the Django admin who is no superuser (rules R6, U2)."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from breathecode.authenticate.models import User
from tests.support.admin import page, post

NEW = {"usable_password": "true", "password1": "quiet-river-9", "password2": "quiet-river-9"}


def with_permissions(email, *names):
    user = User.objects.create_user(email, "pass-word-9", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return user


@pytest.fixture
def clerk(world):
    """May add, change and delete users, and write groups, and nothing else."""
    names = [f"{verb}_{model}" for verb in ("add", "view", "change", "delete") for model in ("user", "group")]
    return with_permissions("clerk@example.org", *names)


@pytest.fixture
def browser(clerk):
    browser = Client()
    browser.force_login(clerk)
    return browser


def may(user):
    user = User.objects.get(pk=user.pk)
    return user.is_staff, user.is_superuser, user.get_all_permissions()


@pytest.mark.parametrize("whom", ["clerk@example.org", "student@example.org"])
def test_nobody_but_a_superuser_grants_permissions(browser, clerk, whom):
    """R6: neither flags nor groups nor permissions, to oneself or to others; other fields are saved."""
    group = Group.objects.create(name="all")
    group.permissions.set(Permission.objects.all())
    user = User.objects.get(email=whom)
    before = may(user)
    sent = {
        "is_staff": "on",
        "is_superuser": "on",
        "groups": [group.pk],
        "user_permissions": [permission.pk for permission in Permission.objects.all()],
        "first_name": "Ana",
    }
    assert post(browser, page(User, "change", user.pk), **sent).status_code == 302
    assert may(user) == before
    user.refresh_from_db()
    assert user.first_name == "Ana"


@pytest.mark.parametrize("locked", [False, True])
@pytest.mark.parametrize("whom", ["superuser", "colleague", "grouped"])
def test_nobody_changes_who_may_do_more(browser, world, whom, locked):
    """R6: neither password nor address nor anything of a superuser, or of staff with a permission that one lacks."""
    user = world.superuser
    if whom == "colleague":
        user = with_permissions("colleague@example.org", "change_cohort")
    elif whom == "grouped":
        user = with_permissions("colleague@example.org")
        group = Group.objects.create(name="cohorts")
        group.permissions.set(Permission.objects.filter(codename="change_cohort"))
        user.groups.add(group)
    User.objects.filter(pk=user.pk).update(is_active=not locked)
    before = User.objects.values().get(pk=user.pk)
    url = page(User, "change", user.pk)
    assert browser.get(url).status_code == 200  # to look at
    assert browser.post(url, {"email": "mine@example.org", "is_active": "on"}).status_code == 403
    assert browser.post(reverse("admin:auth_user_password_change", args=[user.pk]), NEW).status_code == 403
    assert browser.post(page(User, "delete", user.pk), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "post": "yes", "_selected_action": [user.pk]}
    browser.post(page(User, "changelist"), chosen)
    assert User.objects.values().get(pk=user.pk) == before


def test_others_are_changed_as_before(browser, clerk, world):
    """R6: people without permissions, and staff who may do no more than oneself."""
    equal = with_permissions("equal@example.org", "change_user")
    for user in (world.student, equal):
        assert post(browser, page(User, "change", user.pk), first_name="Ana").status_code == 302
        assert browser.post(reverse("admin:auth_user_password_change", args=[user.pk]), NEW).status_code == 302
        user.refresh_from_db()
        assert (user.first_name, user.check_password("quiet-river-9")) == ("Ana", True)


def test_nobody_but_a_superuser_writes_groups(browser, clerk, world):
    """R6: with its permissions a group would grant what one lacks."""
    group = Group.objects.create(name="mine")
    clerk.groups.add(group)
    sent = {"name": "mine", "permissions": [permission.pk for permission in Permission.objects.all()]}
    assert browser.get(page(Group, "changelist")).status_code == 200
    for url in (page(Group, "change", group.pk), page(Group, "add")):
        assert browser.post(url, sent).status_code == 403
    assert not group.permissions.exists()
    root = Client()
    root.force_login(world.superuser)
    assert root.post(page(Group, "change", group.pk), sent).status_code == 302
    assert group.permissions.exists()


class TestOwnPassword:
    URL = "/admin/password_change/"

    @pytest.fixture
    def few(self, settings):
        settings.LOGIN_FAILURES_PER_ACCOUNT = 2

    @staticmethod
    def form(old):
        return {"old_password": old, "new_password1": "quiet-river-9", "new_password2": "quiet-river-9"}

    def test_wrong_passwords_are_counted(self, browser, clerk, few, call):
        """U2: with those of the API; an open session is no way to guess the password."""
        for _ in range(2):
            assert "entered incorrectly" in browser.post(self.URL, self.form("wrong-9")).content.decode()
        refused = browser.post(self.URL, self.form("pass-word-9"))
        assert "Too many incorrect passwords" in refused.content.decode()
        assert User.objects.get(pk=clerk.pk).check_password("pass-word-9")
        body = {"email": clerk.email, "password": "pass-word-9"}
        assert call("POST", "/v1/auth/login", body=body).status_code == 429

    def test_the_right_one_changes_it_and_keeps_the_session(self, browser, clerk, few):
        """U2: the form works as Django's."""
        other = Client()
        other.force_login(User.objects.get(pk=clerk.pk))
        assert browser.get(self.URL).status_code == 200
        changed = browser.post(self.URL, self.form("pass-word-9"))
        assert (changed.status_code, changed["Location"]) == (302, "/admin/password_change/done/")
        assert browser.get(changed["Location"]).status_code == 200
        assert other.get("/admin/").status_code == 302
        assert User.objects.get(pk=clerk.pk).check_password("quiet-river-9")
