"""The first steps of README.md, run as they are written."""

import json
import re
import subprocess
import uuid
from pathlib import Path

import pytest
from django.core.management import call_command

from breathecode.authenticate.models import Academy

README = (Path(__file__).resolve().parents[1] / "README.md").read_text()


@pytest.mark.django_db(transaction=True)
def test_the_first_steps_work_as_written(live_server):
    """O5, T1, G9: signed in with curl, a time slot of the document's request has its classes."""
    call_command("demo", verbosity=0)
    section = README.partition("\n## First steps\n")[2].partition("\n## ")[0]
    commands = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    marker = f"--{uuid.uuid4().hex}--"
    script = f"\necho; echo {marker}\n".join(commands)
    script = script.replace("http://localhost:8000", live_server.url)
    # The demo's first academy is number 1 in an empty database; the tests' database has counted on.
    script = script.replace("'Academy: 1'", f"'Academy: {Academy.objects.get(slug='demo-miami').pk}'")
    ran = subprocess.run(["bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, check=True)
    _signed_in, created, rest = ran.stdout.split(marker)
    slot = json.loads(created)
    assert (slot["starting_at"], slot["ending_at"], slot["timezone"]) == (1400, 1600, "America/New_York")
    slots, classes = (json.loads(line) for line in rest.split("\n") if line)
    (built,) = [row["generation"] for row in slots if row["id"] == slot["id"]]
    assert built["issue"] is None
    assert built["live_classes"] >= 17  # 120 days hold 17 weeks and a day
    assert [row["cohort"]["slug"] for row in classes] == ["miami-full-stack"] * 5
    assert {row["status"] for row in classes} == {"SCHEDULED"}
