"""A chosen video that is being made smaller: how far it is, and two ways to stop that."""

from app.core.recording.shrink_rules import ShrinkView
from app.core.session.actions import StopShrinking
from app.page.kit.context import ViewContext
from app.page.kit.dom import Node, Template
from app.page.kit.language import _


class ShrinkPanel:
    def __init__(self, question: str, context: ViewContext) -> None:
        made = Template("shrink-panel")
        self.node, self._bar = made.node, made.part("bar")
        self._bar.attribute("aria-label", _("Making your video smaller"))
        made.text(note=_("A smaller video uploads sooner. Please keep this page open until it is ready."))
        self._as_is = made.button(
            "as-is",
            context.listeners,
            _("Send it as it is"),
            lambda: context.dispatch(StopShrinking(question, sends_as_is=True)),
        )
        self._cancel = made.button(
            "cancel",
            context.listeners,
            _("Cancel"),
            lambda: context.dispatch(StopShrinking(question, sends_as_is=False)),
        )

    @property
    def buttons(self) -> tuple[Node, ...]:
        return self._as_is, self._cancel

    def show(self, view: ShrinkView | None) -> None:
        """None hides the panel."""
        if view is not None:
            self._bar.attribute("value", str(view.percent))
            self._as_is.show(view.may_send_as_is)
        self.node.show(view is not None)
