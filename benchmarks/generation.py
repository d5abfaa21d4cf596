"""Generation beside the bare insert of the same rows, on a PostgreSQL of its own (see generation_on_django)."""

import os

from tests.support.postgres import postgres


def main() -> None:
    with postgres() as url:
        os.environ.update(
            DATABASE_URL=url,
            DJANGO_SETTINGS_MODULE="breathecode.settings.base",
            SECRET_KEY="only-for-benchmarks-on-a-database-that-is-thrown-away",
        )
        os.environ.pop("CELERY_BROKER_URL", None)
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        from benchmarks import generation_on_django

        call_command("migrate", verbosity=0)
        generation_on_django.main()
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # of the PostgreSQL backend alone


if __name__ == "__main__":
    main()
