# The attack scripts that lie beside the project, where they do.
import pytest

from moongate import ROOT

ATTACKS = next(
    (folder / "shared/attacks" for folder in ROOT.parents if (folder / "shared/attacks").is_dir()), None
)
here = pytest.mark.skipif(not ATTACKS, reason="the attack scripts are not here")


def scripts():
    if not ATTACKS:
        print("SKIPPED: the attack scripts are not here")
        return []
    return sorted(ATTACKS.glob("*.lua"))


def error_cases():
    """The names of the errors that C06 can raise, by its argument."""
    if not ATTACKS:
        return []
    lines = (ATTACKS / "C06_hostile_error_objects.lua").read_text().splitlines()
    return [line.split("=")[0].strip() for line in lines if line.startswith("  ") and "= function()" in line][:19]
