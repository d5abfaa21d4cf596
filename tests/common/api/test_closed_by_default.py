"""What a view declares, and what becomes of one that declares nothing (rules H4, U3)."""

import pytest
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from breathecode.authenticate.api.base import AcademyView
from breathecode.authenticate.api.permissions import DenyAll, HasCapability, SignedIn, Superuser
from breathecode.authenticate.roles import CAPABILITIES
from breathecode.common.api.schema_view import SchemaView
from tests.support.routes import all_routes, json_routes

# Whoever adds a route that asks for no token says so here.
OPEN = {"/v1/auth/login", "/v1/auth/password/reset"}


def test_every_route_asks_who_is_calling_unless_it_is_named_here():
    """U3: each view of the API declares a permission of ours; the open ones are these."""
    allowed = {HasCapability, SignedIn, Superuser}
    open_routes = {route.path for route in json_routes() if AllowAny in route.view.permission_classes}
    assert open_routes == OPEN
    for route in json_routes():
        if route.path not in OPEN:
            assert set(route.view.permission_classes) <= allowed, route.path
            assert route.view.permission_classes, route.path


def test_every_academy_view_declares_a_capability_for_each_method():
    """U3: a capability that exists, or "" for any member."""
    for route in json_routes():
        if issubclass(route.view, AcademyView):
            assert set(route.view.capabilities) == route.methods, route.path
            assert set(route.view.capabilities.values()) <= CAPABILITIES | {""}, route.path


def test_what_is_no_json_view_is_a_page_or_the_schema():
    """U3: nothing hangs under /v1 that neither the API's permissions nor the pages' guard covers."""
    others = {route for route in set(all_routes()) - set(json_routes()) if route.view is not SchemaView}
    assert all(route.view.__module__.startswith(("breathecode.pages.", "drf_spectacular.")) for route in others), others


class Forgetful(APIView):
    def get(self, request):
        raise AssertionError("a closed view was run")

    post = get


class ForgetfulInItsAcademy(AcademyView):
    capabilities = {"GET": ""}

    def get(self, request):
        return Response({"open": True})

    def post(self, request):
        raise AssertionError("a method that nobody opened was run")


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_view_without_a_permission_serves_nobody(world, method):
    """U3: not even a superuser."""
    assert Forgetful.permission_classes == [DenyAll]
    request = getattr(APIRequestFactory(), method)("/")
    force_authenticate(request, user=world.superuser, token=world.superuser.tokens.create(key_hash="x"))
    response = Forgetful.as_view()(request)
    assert (response.status_code, response.data["slug"]) == (403, "permission-denied")
    assert Forgetful.as_view()(getattr(APIRequestFactory(), method)("/")).status_code == 401


def test_a_method_without_a_capability_serves_nobody(call, world):
    """U3: the other methods of the same view stay open."""
    view = ForgetfulInItsAcademy.as_view()
    headers = call.headers(world.superuser, world.miami)
    assert view(APIRequestFactory().get("/", headers=headers)).status_code == 200
    response = view(APIRequestFactory().post("/", headers=headers))
    assert (response.status_code, response.data["slug"]) == (403, "permission-denied")
