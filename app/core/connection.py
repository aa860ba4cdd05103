"""Whether the network is there: what requests show, not only what the browser believes."""

from app.core.errors import Intercepted, JournalUnread, Misled, NetworkFailed, Retryable, UploadError

FAILURES = 3  # requests in a row without any reply; fewer happen on networks that are there
PROBE_S = 1.5  # between two tries while offline: sending goes on within 2 s of the network's return


class Connection:
    """Follow requests and the browser's word, and say when the page is offline.

    `navigator.onLine` is wrong both ways: false behind some virtual adapters, true behind a dead router. So its
    "offline" counts only until a request gets a reply, and silence of several requests counts without it.
    """

    def __init__(self) -> None:
        self._silences = 0  # requests without a reply, in a row
        self._interceptions = 0  # requests that somebody else has answered, in a row
        self._misleadings = 0  # answers of the signer that could not be followed, in a row
        self._was_told_offline = False

    @property
    def is_misled(self) -> bool:
        """Whether the signer talks nonsense, and goes on doing so."""
        return self._misleadings >= FAILURES

    @property
    def is_intercepted(self) -> bool:
        """Whether the network wants something first: a sign-in page answers in place of the store."""
        return self._interceptions >= FAILURES

    @property
    def is_offline(self) -> bool:
        return self._was_told_offline or self._silences >= FAILURES

    def note_reply(self) -> None:
        """Somebody answered, and it made sense."""
        self._note_voice()
        self._misleadings = 0

    def _note_voice(self) -> None:
        self._silences = self._interceptions = 0
        self._was_told_offline = False

    def note_failure(self, error: UploadError) -> None:
        """A request failed. Only silence speaks of the network; a refusal is a reply."""
        if isinstance(error, NetworkFailed):
            self._silences += 1
            self._interceptions = self._interceptions + 1 if isinstance(error, Intercepted) else 0
        elif isinstance(error, Misled):
            self._note_voice()
            self._misleadings += 1
        elif isinstance(error, Retryable) and not isinstance(error, JournalUnread):
            self.note_reply()

    def note_browser(self, is_online: bool) -> None:
        """Take the browser's word: its "online" deserves a fresh start, its "offline" belief until a reply comes."""
        self._was_told_offline = not is_online
        if is_online:
            self._silences = self._interceptions = 0
