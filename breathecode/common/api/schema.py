"""How the API's schema is read off the views: a view says with `lists` that its GET answers a list."""

from typing import Any

from drf_spectacular.openapi import AutoSchema


class Schema(AutoSchema):
    def _is_list_view(self, serializer: Any = None) -> bool:
        lists = getattr(self.view, "lists", None)
        return super()._is_list_view(serializer) if lists is None else lists and self.method == "GET"

    def get_filter_backends(self) -> list[Any]:
        return super().get_filter_backends() if getattr(self.view, "filterset_class", None) else []
