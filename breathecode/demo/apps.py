from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "breathecode.demo"
    label = "demo"
