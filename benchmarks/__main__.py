"""`make bench`: how fast is what people wait for, beside the least that it could cost? On a PostgreSQL of its own."""

import os
import sys

from tests.support.postgres import postgres


def main() -> int:
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

        from benchmarks import generation

        call_command("migrate", verbosity=0)
        generation.main()
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL
    return 0


if __name__ == "__main__":
    sys.exit(main())
