"""The rule by which a file of a repository is chosen, in the cases that TypeScript and C++ pass, too."""

import json
import pathlib

import pytest
from hearth._choose_model import Listed, Room, choose_model
from hearth.errors import HearthError

_FILE = pathlib.Path(__file__).parents[2] / "packages/core/src/sources/choose_model_cases.json"
CASES = json.loads(_FILE.read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case):
    files = [Listed(path, size, path in case.get("here", ())) for path, size in case["files"]]
    room = Room(**case.get("room", {}))
    if "error" in case:
        with pytest.raises(HearthError) as raised:
            choose_model("hf:owner/model", case.get("type"), files, room)
        assert raised.value.code == case["error"]
        for text in case["says"]:
            assert text in raised.value.message
        return
    path, message = choose_model("hf:owner/model", case.get("type"), files, room)
    assert path == case["path"]
    if "message" in case:
        assert message == case["message"]
