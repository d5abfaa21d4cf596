"""What reads more where there is more, and is still to be mended. The test fails for a line here that has been."""

KNOWN: dict[str, str] = {}  # by the text of what is called: what it reads
