"""Nothing answers for a system that is not asked."""

from __future__ import annotations

from wizard.core.practice import Practice, Reply

PRACTICE = Practice(good={"answers": {}}, refusals={}, vendor=lambda _: lambda _: Reply(status=404, json={}))
