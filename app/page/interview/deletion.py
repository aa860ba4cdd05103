"""Delete from this device what it keeps of the session: some candidates sit at a computer that others use."""

from app.core.session.actions import DeleteFromDevice
from app.core.session.view import ScreenState
from app.page.kit import words
from app.page.kit.context import ViewContext
from app.page.kit.dom import Template
from app.page.kit.language import _


class DeletionPanel:
    """Own the last link of the page, and the dialog that confirms it."""

    def __init__(self, context: ViewContext) -> None:
        self._context = context
        self._is_recording = False
        made = Template("deletion")
        self.node, self._body = made.node, made.part("body")
        listeners = context.listeners
        self._ask = made.button("ask", listeners, _("Delete from this device"), self._open)
        self._dialog = made.part("dialog")
        made.text(title=_("Delete your interview from this device?"))
        self._keep = made.button("keep", listeners, _("Keep it"), self._close)
        made.button("delete", listeners, _("Delete from this device"), self._delete)

    def render(self, screen: ScreenState) -> None:
        self._is_recording = screen.recording is not None
        self._ask.refuse(self._is_recording)
        self._body.text(_body(screen))

    def _open(self) -> None:
        if self._is_recording:
            self._context.announce(_("Stop the recording before you go on."))
            return
        self._dialog.js_element.showModal()
        self._keep.focus()

    def _close(self) -> None:
        """Close the dialog; the browser returns the focus to the link that opened it."""
        self._dialog.js_element.close()

    def _delete(self) -> None:
        self._close()
        self._context.dispatch(DeleteFromDevice())


def _body(screen: ScreenState) -> str:
    progress = screen.progress
    if progress is None or progress.is_safe:
        return _(
            "What is stored stays with the people who invited you. This browser forgets it, and your link as well: to "
            "go on, open the link from your invitation again."
        )
    return _(
        "{size} that you recorded here are not stored yet and would be lost. What is stored stays with the people who "
        "invited you. To go on, you would open the link from your invitation again."
    ).format(size=words.size_up(progress.backlog))
