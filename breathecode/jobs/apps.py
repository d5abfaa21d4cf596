from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "breathecode.jobs"
    label = "jobs"
