"""What a worker does with a connection to Redis that it lost (rule C1)."""

import logging

import pytest

from breathecode.celery import app


@pytest.fixture
def received(valkey):
    """A message that a consumer has taken and not yet acknowledged, and the connection that it came from."""
    with app.connection_for_read(valkey.url) as connection:
        queue = connection.SimpleQueue("drill")
        queue.put("a hint")
        message = queue.get(timeout=20)
        yield connection, message
        queue.consumer.channel.qos._delivered.clear()  # nothing is left to restore when it closes


def test_a_message_is_acknowledged_after_its_connection_was_dropped(received, caplog):
    """C1: an error that is logged, and none that ends the worker."""
    connection, message = received
    errors = connection.connection_errors
    connection.transport.client = None
    message.channel._disconnect_pools()
    message.ack_log_error(logging.getLogger("worker"), errors)
    assert "Couldn't ack" in caplog.text


def test_a_dropped_connection_is_closed_again(received):
    """C1: as the worker does before it connects again; what was not acknowledged cannot be restored there."""
    connection, message = received
    connection.transport.client = None
    message.channel._disconnect_pools()
    connection.maybe_close_channel(message.channel)
    assert message.channel.closed
