from breathecode.celery import app


def test_the_sweep_is_scheduled():
    """P10: each process that has a beat looks for jobs that a crash left."""
    assert app.conf.beat_schedule["breathecode.jobs.tasks.run_due_jobs"]["schedule"] == 60.0
