"""What PUBLIC_URL says about http and https."""

import json
import os
import re
import subprocess
import sys

import pytest
from django.test import Client, override_settings

NAMES = ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS"]
SCRIPT = f"""
import json
from breathecode.settings import base
print(json.dumps([getattr(base, name) for name in {NAMES}]))
"""


def settings_for(public_url: str, **more: str) -> list:
    env = {"PATH": os.environ["PATH"], "SECRET_KEY": "k" * 40, "PUBLIC_URL": public_url, **more}
    ran = subprocess.run([sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)


def test_an_https_address_is_served_over_https_alone():
    """O3: secure cookies, a redirect and HSTS, without more being set; each can be set apart."""
    assert settings_for("https://classes.example.org") == [True, True, True, 30 * 24 * 3600]
    less = {"SECURE_SSL_REDIRECT": "false", "SECURE_HSTS_SECONDS": "60"}
    assert settings_for("https://classes.example.org", **less) == [True, True, False, 60]


def test_an_http_address_works_without_https():
    """O3: `make run` on localhost must not send its cookies where no browser can."""
    assert settings_for("http://localhost:8000") == [False, False, False, 0]


@pytest.mark.django_db
@override_settings(SECURE_SSL_REDIRECT=True)
def test_health_checks_are_not_sent_to_https():
    """O1: a probe comes past the proxy over http, and a redirect would count as healthy whatever is wrong."""
    client = Client()
    for path in ("/healthz", "/readyz"):
        assert client.get(path).status_code in (200, 503), path
    answer = client.get("/v1/docs")
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/v1/docs")
    assert client.get("/v1/docs", secure=True).status_code == 200


@override_settings(SECURE_SSL_REDIRECT=True, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"))
def test_what_a_trusted_proxy_got_over_https_is_not_redirected():
    """O3: TRUSTED_PROXY_COUNT sets this header; without it a proxy's requests would go round in circles."""
    assert Client().get("/v1/docs", headers={"X-Forwarded-Proto": "https"}).status_code == 200


def test_docs_show_swagger_with_files_of_our_own():
    """O1: the page loads nothing from elsewhere, and what it loads is there."""
    client = Client()
    page = client.get("/v1/docs").content.decode()
    files = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert any("swagger-ui-bundle" in name for name in files)
    for name in files:
        assert name.startswith(("/static/", "/v1/docs?")), name  # its own script is a file too: none stands in the page
        answer = client.get(name)
        assert (answer.status_code, len(answer.getvalue()) > 100) == (200, True), name
