"""The versions that run are the versions that are written down."""

from __future__ import annotations

import re
from importlib.metadata import distributions

from house.pins import read_pins

OWN = "opforge"


def _installed() -> dict[str, str]:
    found = {re.sub(r"[-_.]+", "-", each.name).lower(): each.version for each in distributions()}
    del found[OWN]
    return found


def test_every_installed_version_is_the_pinned_one() -> None:
    pinned = read_pins().versions()
    differing = {
        name: (version, sorted(pinned.get(name, ())))
        for name, version in _installed().items()
        if version not in pinned.get(name, ())
    }
    assert differing == {}, "installed version, pinned versions; `uv sync` installs, `just pins` writes anew"


def test_a_pin_names_one_version_and_no_address() -> None:
    pins = read_pins()
    for pin in (*pins.installed, *pins.build):
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*==[0-9][0-9a-z.+!]*( ; .+)?", pin), pin
        assert "@" not in pin
        assert "//" not in pin
