from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]


class ManifestOrPlainStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # the library has no types
    """Serves collected files under names with a hash of their content.

    Falls back to the plain names if `collectstatic` has not run, where Django would answer 500.
    """

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name
