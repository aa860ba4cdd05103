"""One track's upload: its state, how much of it is stored, and why it has failed."""

from app.contract import Track, UploadMode
from app.core.upload.progress import TrackProgress, TrackState
from app.page.interview.status import track_status
from app.page.kit import words
from app.page.kit.dom import Template
from app.page.kit.language import _, isolated


def track_name(track: Track) -> str:
    return _("Video") if track is Track.VIDEO else _("Audio")


class TrackRow:
    def __init__(self, track: Track, mode: UploadMode) -> None:
        self._mode = mode
        made = Template("track-row")
        self.node, self._shape, self._word = made.node, made.part("shape"), made.part("word")
        self._percent, self._bar = made.part("percent"), made.part("bar")
        self._sizes, self._problem = made.part("sizes"), made.part("problem")
        made.text(name=track_name(track))
        self.node.attribute("data-track", track.value)
        self._bar.attribute("aria-label", _("{track} stored").format(track=track_name(track)))

    def show(self, progress: TrackProgress | None, bytes_per_second: float | None) -> None:
        """Show a track's progress; None: nothing is recorded in this take."""
        self.node.show(progress is not None)
        if progress is None:
            self.node.attribute("data-state", TrackState.IDLE.value)
            return
        self.node.attribute("data-state", progress.state.value)
        status = track_status(progress.state, self._mode)
        self._shape.attribute("data-icon", status.icon)
        self._word.text(status.word)
        self._percent.text("" if progress.is_recording else words.percent(progress.percent))
        self._show_share(progress, bytes_per_second)
        has_failed = progress.state is TrackState.FAILED  # while retrying, the candidate need not read it
        self._problem.show(has_failed and bool(progress.problem))
        self._problem.text(_("Details: {sentence}").format(sentence=isolated(progress.problem)))

    def _show_share(self, progress: TrackProgress, bytes_per_second: float | None) -> None:
        stored, recorded = words.stored_of(progress.acknowledged, progress.recorded)
        pattern = (
            _("{stored} of {recorded} stored so far") if progress.is_recording else _("{stored} of {recorded} stored")
        )
        sentence = pattern.format(stored=stored, recorded=recorded)
        self._bar.attribute("max", str(max(1, progress.recorded)))
        self._bar.attribute("value", str(progress.acknowledged))
        self._bar.attribute("aria-valuetext", sentence)
        is_moving = progress.state is TrackState.UPLOADING and bytes_per_second
        self._sizes.text(
            f"{sentence} · {words.speed(bytes_per_second)}" if is_moving and bytes_per_second else sentence
        )
