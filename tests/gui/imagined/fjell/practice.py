"""An imitation of what there is not: it takes nothing."""

from tests.gui import imagined

PRACTICE = imagined.PRACTICE
