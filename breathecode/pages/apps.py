from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "breathecode.pages"
    label = "pages"
