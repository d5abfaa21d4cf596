"""Logs who removed what: one line for each removal, for every route."""

import logging
from functools import partial

from django.db import models, transaction

logger = logging.getLogger("breathecode.removals")


def log_removal(row: models.Model, *, actor_id: int | None, academy_id: int | None) -> None:
    """Writes the line `removed` once the running transaction has committed; as a warning, so that LOG_LEVEL keeps it.

    `kind` is the model (`admissions.holiday`), `id` the row's, `actor_id` the user who did it.
    """
    details = {"kind": row._meta.label_lower, "id": row.pk, "actor_id": actor_id, "academy_id": academy_id}
    transaction.on_commit(partial(logger.warning, "removed", extra=details))
