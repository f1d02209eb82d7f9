"""The four plain lines of a test: what turns one of them, and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QFontInfo
from PySide6.QtWidgets import QApplication

from tests.gui.states import bring
from wizard.core.provider import Finding
from wizard.gui.widgets.check_list import line_states

if TYPE_CHECKING:
    from tests.gui.helpers import Customer

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


@pytest.mark.parametrize("size", [(400, 600), (1280, 720)])
def test_the_details_come_into_view_whole_and_in_columns(customer: Customer, size: tuple[int, int]) -> None:
    bring(customer, "failed")
    page = customer.window._testing()
    page.checks.fold.setChecked(False)
    customer.window.resize(*size)
    for _ in range(6):
        QApplication.processEvents()  # texts take their heights one after the other
    page.verticalScrollBar().setValue(0)
    customer.click(page.checks.fold)
    details, view = page.checks._details, page.viewport()
    customer.wait(lambda: view.rect().contains(QRect(details.mapTo(view, QPoint()), details.size())))
    assert QFontInfo(details.font()).fixedPitch()
    assert not details.verticalScrollBar().isVisible() or size[0] == 400, "lines may be broken there"
