"""The shape of the class objects. Lists build it from rows (domain.rows); these describe it for the schema."""

from typing import Any

from rest_framework import serializers

from breathecode.admissions.models import Cohort
from breathecode.events.models import LiveClass


class ClassAcademySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    logo_url = serializers.URLField(allow_null=True)


class ClassCohortSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    kickoff_date = serializers.DateField(allow_null=True)
    ending_date = serializers.DateField(allow_null=True)
    stage = serializers.ChoiceField(choices=Cohort.Stage.choices)
    current_day = serializers.IntegerField()
    academy = ClassAcademySerializer()


class LiveClassSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    hash = serializers.CharField()
    title = serializers.CharField()
    status = serializers.ChoiceField(choices=LiveClass.Status.choices)
    starting_at = serializers.DateTimeField()
    ending_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    held = serializers.BooleanField(allow_null=True)
    remote_meeting_url = serializers.URLField(allow_null=True)
    join_url = serializers.URLField()
    cohort = ClassCohortSerializer()
