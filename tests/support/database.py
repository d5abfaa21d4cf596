"""The test database: its address, for other processes, and its plans."""

from django.db import connection


def database_url() -> str:
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    return f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"


def plan_again() -> None:
    """Has PostgreSQL plan statements and triggers by what is in the tables now.

    A connection that has run thousands of tests keeps plans for tables of a few rows, and nothing analyzes the tables
    in the middle of a test: what then adds or reads thousands of rows may take minutes.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            cursor.execute("DISCARD PLANS")
