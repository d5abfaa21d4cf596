"""Fixtures of the product as real processes: databases of their own, and a product on one of them."""

from __future__ import annotations

import secrets
import shutil

import psycopg
import pytest

from tests.support.product import Product


@pytest.fixture(scope="module")
def databases(tmp_path_factory, django_db_setup):
    """Makes databases of the kind that this run tests: `new()`, or `new(source)` for a copy."""
    from django.db import connection

    from tests.support.database import database_url

    folder = tmp_path_factory.mktemp("products")
    made: list[str] = []

    def new(source=""):
        name = f"product_{secrets.token_hex(8)}"
        if connection.vendor == "sqlite":
            if source:
                shutil.copy(source.removeprefix("sqlite:///"), folder / name)
            return f"sqlite:///{folder / name}"
        template = f"TEMPLATE {source.rpartition('/')[2]}" if source else ""
        with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} {template}")
        made.append(name)
        return f"{server}/{name}"

    server = database_url().rpartition("/")[0]
    yield new
    if made:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
            for name in made:
                admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def template(databases):
    return Product.new(databases())


@pytest.fixture
def product(template, databases, valkey):
    env = {"CELERY_BROKER_URL": valkey.url, "SWEEP_INTERVAL_SECONDS": "1"}
    return template.copy(databases(template.database_url), **env)
