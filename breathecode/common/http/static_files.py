from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]


class ManifestOrPlainStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # the library has no types
    """Collected files under names that hold their content's hash.

    Where `collectstatic` has not run, a page without its looks is better than none (and than a 500).
    """

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name
