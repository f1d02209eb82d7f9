"""Made-up systems, for what the window must do with any: methods, forms, waiting, what is assisted."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.gui.systems import form, methods, waits
from wizard.core.practice import Playground
from wizard.core.registry import Registry
from wizard.core.world import open_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.core.world import World

PROVIDERS = {one.slug: one for one in (form.PROVIDER, methods.PROVIDER, waits.PROVIDER)}


@contextmanager
def open_with_made_up() -> Iterator[World]:
    """Open a practice world with the made-up systems beside the real ones."""
    with open_world(practice=True) as world:
        providers = {**world.registry.providers, **PROVIDERS}
        with Playground(providers).open() as playground:
            yield replace(
                world,
                registry=Registry(providers=providers),
                playground=playground,
                endpoints=playground.endpoints,
            )
