"""Whether the network works: decided by requests, not only by what the browser reports."""

from app.core.errors import (
    CaptivePortal,
    JournalUnread,
    NetworkFailed,
    Retryable,
    SignerInvalid,
    StoreSilent,
    UploadError,
)

FAILURES = 3  # requests in a row without any reply; fewer also happen on working networks
PROBE_S = 1.5  # between two tries while offline: sending continues within 2 s of the network's return


class Connectivity:
    """Decide from the outcomes of requests and from `navigator.onLine` whether the page is offline.

    `navigator.onLine` is wrong both ways: false behind some virtual adapters, true behind a dead router. So its
    "offline" counts only until a request gets a reply, and several requests without a reply count as offline, too.

    If only the store is silent, the operator may be the cause. This counts as offline only after a probe has not
    reached the signer either.
    """

    def __init__(self) -> None:
        self._silences = 0  # requests without a reply, in a row
        self._portal_replies = 0  # replies of a captive portal, in a row
        self._invalid_replies = 0  # invalid responses of the signer, in a row
        self._was_told_offline = False
        self._is_unexplained = False  # only the store has been silent, and no probe has ended since then
        self._is_store_away = False  # the last probe has reached only the signer

    @property
    def is_signer_invalid(self) -> bool:
        """Whether at least FAILURES responses of the signer in a row were invalid."""
        return self._invalid_replies >= FAILURES

    @property
    def is_captive_portal(self) -> bool:
        """Whether a captive portal answers in place of the store."""
        return self._portal_replies >= FAILURES

    @property
    def is_silent(self) -> bool:
        """Whether no request gets through, for whatever reason."""
        return self._was_told_offline or self._silences >= FAILURES or self._is_store_away

    @property
    def is_offline(self) -> bool:
        return self.is_silent and not self.is_store_away and (self._was_told_offline or not self._is_unexplained)

    @property
    def is_store_away(self) -> bool:
        """Whether the signer answers and the store does not."""
        return self._is_store_away and not self._was_told_offline

    @property
    def wants_probe(self) -> bool:
        return self._is_unexplained and self._silences >= FAILURES

    def note_response(self, *, of_store: bool = True) -> None:
        """Note a valid response."""
        self._note_voice(of_store=of_store)
        self._invalid_replies = 0

    def _note_voice(self, *, of_store: bool) -> None:
        self._silences = self._portal_replies = 0
        self._was_told_offline = self._is_unexplained = False
        self._is_store_away = self._is_store_away and not of_store

    def note_failure(self, error: UploadError, *, of_store: bool = True) -> None:
        """Note a failed request. Only a missing reply counts against the network; a refusal is a reply.

        `of_store` tells whether the request went to the store.
        """
        if isinstance(error, NetworkFailed):
            if self._silences == 0 or not isinstance(error, StoreSilent):
                self._is_unexplained = isinstance(error, StoreSilent)
            self._silences += 1
            self._portal_replies = self._portal_replies + 1 if isinstance(error, CaptivePortal) else 0
        elif isinstance(error, SignerInvalid):
            self._note_voice(of_store=False)
            self._invalid_replies += 1
        elif isinstance(error, Retryable) and not isinstance(error, JournalUnread):
            self.note_response(of_store=of_store)

    def note_probe(self, *, signer: bool, store: bool) -> None:
        """Note whether signer and store replied to a probe."""
        self._is_unexplained = False
        self._is_store_away = signer and not store
        if signer:
            self._silences = self._portal_replies = 0
            self._was_told_offline = False

    def note_browser(self, is_online: bool) -> None:
        """Note what the browser reports: "online" ends every silence, "offline" counts until a reply comes."""
        self._was_told_offline = not is_online
        if is_online:
            self._silences = self._portal_replies = 0
            self._is_unexplained = self._is_store_away = False
