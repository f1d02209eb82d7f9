"""Walking: how far the customer has come, and what the background does for the window meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wizard.core import flow
from wizard.core.flow import Walk
from wizard.gui.maker import Paged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wizard.core.ledger import Book
    from wizard.core.provider import Environment, Provider
    from wizard.core.texts import Texts
    from wizard.gui.bridge import Bridge, Job, Work
    from wizard.gui.work import Prepared


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UnderWay:
    """What the background does for the window; `wanted` is the system to go on with once it is prepared."""

    job: Job | None = None
    storing: bool = False
    wanted: str = ""


IDLE = UnderWay()


class Walking(Paged):
    """Knows the walk, the page that is shown and what is under way; where to go is the window's to decide."""

    def __init__(
        self,
        *,
        providers: Mapping[str, Provider],
        texts: Texts,
        bridge: Bridge,
        practice: bool,
        platform: str,
    ) -> None:
        super().__init__(providers=providers, texts=texts, practice=practice, platform=platform)
        self._bridge = bridge
        self.walk = Walk()
        self.page = flow.FIRST
        self.under_way = IDLE
        self._prepared: dict[str, Prepared] = {}
        self._book: Book | None = None
        self._broken: Mapping[str, str] = {}

    @property
    def storing(self) -> bool:
        """Whether something is being stored: that is not stopped any more."""
        return self.under_way.storing

    def _broke(self, report: str) -> None:
        """Say that something in the background went wrong that is a fault of ours."""
        raise NotImplementedError

    def _do(self, what: Work, done: Callable[[Any], None], *, storing: bool = False) -> Job:
        self._drop_job()
        job = self._bridge.start(what)
        job.done.connect(done)
        job.broke.connect(self._broke)
        self.under_way = replace(self.under_way, job=job, storing=storing)
        return job

    def _drop_job(self) -> None:
        if self.under_way.job and not self.under_way.storing:
            self.under_way.job.drop()
            self.under_way = replace(self.under_way, job=None)

    def _method_for(self, provider: Provider) -> str:
        """Return the way to connect that is chosen as yet, or an empty text for the system's first."""
        chosen = self.walk.method if self.walk.system == provider.slug else ""
        return chosen or self._texts.preset.method(provider)

    def _by_method(self) -> Provider:
        """Return the system for the way to connect that is chosen."""
        provider = self._providers[self.walk.system]
        on_page = self.page == "key" and "key" in self._pages
        return provider.by(self._key().method() if on_page else self._method_for(provider))

    def _environment(self) -> Environment:
        provider = self._providers[self.walk.system]
        return provider.environment(self.walk.environment) or provider.environments[0]

    def assisted(self) -> bool:
        """Tell whether the vendor cannot be asked from here with what is answered: the partner does that."""
        from wizard.core.connect import testable

        prepared = self._prepared.get(self.walk.system)
        if not prepared or self.walk.renews:
            return False
        answers = self._key().expected() if self.page == "key" else self.walk.plain
        return not testable(self._by_method(), answers, prepared.partner)

    def is_running(self) -> bool:
        """Tell whether something is under way in the background."""
        return self.under_way.job is not None
