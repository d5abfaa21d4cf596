"""A change as the API answers it (rule P8)."""

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from breathecode.authenticate.models import User
from breathecode.common.actor import Through

ENTRY_EXAMPLE = OpenApiExample(
    "A time slot that was moved to the morning",
    {
        "id": 4711,
        "at": "2025-10-27T15:30:12.482000Z",
        "by": {"id": 7, "first_name": "Ana", "last_name": "Ruiz"},
        "through": "api",
        "changes": {"starting_at": [1400, 900], "ending_at": [1600, 1100]},
    },
    response_only=True,
)


class HistoryUserSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ["id", "first_name", "last_name"]


class HistoryEntrySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    by = HistoryUserSerializer(allow_null=True)
    through = serializers.ChoiceField(choices=Through.choices)
    changes = serializers.DictField(
        child=serializers.ListField(child=serializers.JSONField(), min_length=2, max_length=2)
    )
