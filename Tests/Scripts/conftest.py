# What the tests of snippets share: a registry of a team, and somebody who takes snippets from it.
import pytest

from people import Person


@pytest.fixture
def team(tmp_path):
    folder = tmp_path / "team"
    folder.mkdir()
    return folder


@pytest.fixture
def bob(tmp_path, team):
    return Person(tmp_path / "bob", team=team)
