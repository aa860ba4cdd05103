"""Record an answer: preview, state of the recording, clock, buttons, and playback of the last take."""

from collections.abc import Mapping
from dataclasses import replace

from app.contract import Question, Track
from app.core.recording.devices import DevicesView, Stream
from app.core.session.actions import Record, Stop
from app.core.session.answers import AnswerView, Phase
from app.page.devices.device_choice import DeviceChoices
from app.page.devices.meter import LevelMeter
from app.page.devices.preview import Preview
from app.page.kit import words
from app.page.kit.click_guard import ClickGuard
from app.page.kit.context import ViewContext
from app.page.kit.dom import Template
from app.page.kit.language import _
from app.page.question.discard_panel import DiscardPanel
from app.page.question.file_choice import FileChoice
from app.page.question.players import Players

_ENDING_S = 10  # from this remaining time on, the clock is highlighted

_SHAPES = {
    Phase.READY: "circle",
    Phase.PREPARING: "clock",
    Phase.RECORDING: "record",
    Phase.FINISHING: "clock",
    Phase.TAKEN: "check",
}


class RecorderPanel:
    def __init__(self, question: Question, context: ViewContext) -> None:
        self._question = question
        self._announce = context.announce
        self._phase: Phase | None = None  # None: no answer shown yet
        self._has_warned = False
        self.meter = LevelMeter()
        has_camera = self._has_camera = Track.VIDEO in question.tracks
        self._preview = Preview(has_camera)
        self._players = Players(question.tracks)
        made, listeners = Template("recorder-panel"), context.listeners
        self.node, self._strip, self._shape = made.node, made.part("strip"), made.part("shape")
        self._word, self._time, self._rest = made.part("word"), made.part("time"), made.part("rest")
        self._record = made.button(
            "record", listeners, self._record_label(), lambda: context.dispatch(Record(question.id))
        )
        self._stop = made.button("stop", listeners, _("Stop recording"), lambda: context.dispatch(Stop(question.id)))
        self._discard_panel = DiscardPanel(question, context)
        self._file = FileChoice(question, context) if question.file else None
        self._choices = DeviceChoices(question.id, context)
        self._devices = made.part("devices")
        made.text(devices_name=_("Camera and microphone") if has_camera else _("Microphone"))
        made.fill("preview", self._preview.node)
        made.fill("players", self._players.node)
        made.fill("meter", self.meter.node)
        made.fill("file", *((self._file.node,) if self._file else ()))
        made.fill("choices", self._choices.node)
        made.fill("discard", self._discard_panel.node, self._discard_panel.dialog)
        self.node.attribute("data-kind", "video" if has_camera else "audio")
        self._click_guard = ClickGuard(self.node, context, ".stage button")

    def show_stream(self, stream: Stream | None) -> None:
        self._preview.show(stream)
        self._show_meter(has_stream=stream is not None)
        self._show_choices()

    def show_devices(self, view: DevicesView) -> None:
        self._choices.show(replace(view, needs_camera=view.needs_camera and self._has_camera))

    def show_answer(self, answer: AnswerView) -> None:
        if answer.phase is not self._phase:
            self._enter(answer.phase)
        can_record = answer.phase is Phase.PREPARING or (answer.phase is Phase.READY and answer.takes_left > 0)
        had_focus = any(button.has_focus() for button in (self._record, self._stop, *self._discard_panel.buttons))
        self._record.show(can_record)
        self._stop.show(answer.phase is Phase.RECORDING)
        if self._file:
            self._file.node.show(answer.phase is Phase.READY and answer.takes_left > 0)
        self._discard_panel.show(answer)
        if answer.phase is not Phase.RECORDING:  # else `show_clock` writes this text
            self._rest.text(self._rest_words(answer))
        if had_focus:
            self._keep_focus(answer.phase)

    def show_clock(self, elapsed_s: float, remaining_s: float) -> None:
        if self._phase is Phase.PREPARING:
            self._time.text(words.countdown(remaining_s))
            return
        self._time.text(words.clock(elapsed_s))
        self._rest.text(_("{time} left").format(time=words.countdown(remaining_s)))
        is_ending = remaining_s <= _ENDING_S
        self._strip.attribute("data-ending", "true" if is_ending else None)
        if is_ending and not self._has_warned and remaining_s > 0:
            self._announce(_("{time} left").format(time=words.duration(remaining_s)))
            self._has_warned = True

    def show_playback(self, urls: Mapping[Track, str]) -> None:
        self._players.show(urls)
        self._preview.give_way(bool(urls))

    def close(self) -> None:
        self._discard_panel.close()
        self._preview.show(None)
        self._players.show({})

    def _enter(self, phase: Phase) -> None:
        is_news = self._phase is not None
        was, self._phase = self._phase, phase
        if is_news:
            self._click_guard.begin()
        self._has_warned = False
        self.node.attribute("data-phase", phase.name.lower())
        self._shape.attribute("data-icon", _SHAPES[phase])
        self._word.text(self._phase_words(phase))
        self._time.text(words.clock(0) if phase is Phase.RECORDING else "")
        self._rest.text("")
        self._strip.attribute("data-ending", None)
        self._record.label(_("Start recording now") if phase is Phase.PREPARING else self._record_label())
        self._show_meter(has_stream=self._preview.is_live)
        self._show_choices()
        if was is Phase.TAKEN and phase is Phase.READY:
            self._announce(_("Your answer is discarded. You can bring it back until you record again."))
        elif is_news and phase is not Phase.READY:
            self._announce(self._phase_words(phase))

    def _show_meter(self, has_stream: bool) -> None:
        self.meter.node.show(has_stream and self._phase is Phase.RECORDING)

    def _show_choices(self) -> None:
        """Offer other devices while a recording may still begin with them."""
        self._devices.show(self._preview.is_live and self._phase in (Phase.READY, Phase.TAKEN))

    def _keep_focus(self, phase: Phase) -> None:
        """Move the focus on from a button that may have gone.

        After a stop, focus the state and not "record again": a second press of the key must not discard a take.
        """
        following = {Phase.READY: self._record, Phase.PREPARING: self._record, Phase.RECORDING: self._stop}
        (following.get(phase) or self._strip).focus()

    def _record_label(self) -> str:
        if self._question.preparation_s:
            return _("Start: {time} to prepare").format(time=words.duration(self._question.preparation_s))
        return _("Start recording")

    def _phase_words(self, phase: Phase) -> str:
        match phase:
            case Phase.READY:
                return _("Ready when you are")
            case Phase.PREPARING:
                return _("Prepare. Recording starts in")
            case Phase.RECORDING:
                return _("Recording")
            case Phase.FINISHING:
                return _("Finishing your recording")
            case Phase.TAKEN:
                return _("Recorded")

    def _rest_words(self, answer: AnswerView) -> str:
        is_again = answer.phase is Phase.READY and answer.take > 1 and answer.takes_left > 0
        if self._question.takes > 1 and (answer.phase is Phase.TAKEN or is_again):
            return _("Take {number} of {all}").format(number=answer.take, all=self._question.takes)
        return ""
