"""`make soak` in short: all programs under load, each drill once (rules O2, O6, C1)."""

import pytest
from django.db import connection

from tests.support.soak.run import soak

if connection.vendor == "postgresql":  # it starts a PostgreSQL of its own; once is enough

    @pytest.mark.slow
    @pytest.mark.timeout(900)
    def test_a_short_soak():
        """O6, O2, C1, A3: clients see nothing but a 503 that asks them back; nothing is lost or done twice."""
        result = soak(seconds=30, pause=3)
        assert result.problems == [], result.text()
        assert min(result.seen.answered.values()) > 0
