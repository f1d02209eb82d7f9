"""The four plain lines of a test: what turns one of them, and what does not."""

from __future__ import annotations

import pytest

from wizard.core.provider import Finding
from wizard.gui.widgets.check_list import line_states

PASSED = [
    Finding(check=stage, stage=stage, state="passed")
    for stage in ("connection", "vendor", "sign_in", "company", "rights")
]


@pytest.mark.parametrize(("required", "state"), [(False, "passed"), (True, "failed")])
def test_a_missing_right_fails_the_line_only_where_it_is_required(required: bool, state: str) -> None:
    right = Finding(
        check="right", stage="rights", state="failed", facts={"right": "vouchers", "required": required}
    )
    assert line_states([*PASSED, right], running=False)["company"] == state
