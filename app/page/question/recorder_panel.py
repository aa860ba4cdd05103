"""Record an answer: preview, state of the recording, clock, buttons, and playback of the last take."""

from dataclasses import replace

from app.contract import Question, Track
from app.core.recording.shrink_rules import ShrinkView
from app.core.session.actions import Record, Stop
from app.core.session.answers import AnswerView, Phase
from app.core.session.view import ClockView, ScreenState
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
from app.page.question.shrink_panel import ShrinkPanel

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
        self._shrink_panel = ShrinkPanel(question.id, context) if question.file else None
        self._choices = DeviceChoices(question.id, context)
        self._devices = made.part("devices")
        made.text(devices_name=_("Camera and microphone") if has_camera else _("Microphone"))
        made.fill("preview", self._preview.node)
        made.fill("players", self._players.node)
        made.fill("meter", self.meter.node)
        made.fill("file", *((self._file.node,) if self._file else ()))
        made.fill("shrinking", *((self._shrink_panel.node,) if self._shrink_panel else ()))
        made.fill("choices", self._choices.node)
        made.fill("discard", self._discard_panel.node, self._discard_panel.dialog)
        self.node.attribute("data-kind", "video" if has_camera else "audio")
        self._click_guard = ClickGuard(self.node, context, ".stage button")

    def render(self, screen: ScreenState, before: ScreenState) -> None:
        """Show this question's recorder as `screen` has it; `before` was rendered last."""
        id_ = self._question.id
        answer, shown, stream = screen.answers.get(id_), before.answers.get(id_), screen.stream_at(id_)
        self._preview.show(stream)
        if screen.devices is not before.devices:
            needs_camera = screen.devices.needs_camera and self._has_camera
            self._choices.show(replace(screen.devices, needs_camera=needs_camera))
        if answer is None:
            return
        if answer is not shown:
            self._show_answer(answer, shown)
        if self._shrink_panel and (shrinking := screen.shrinking.get(id_)) != before.shrinking.get(id_):
            self._show_shrinking(self._shrink_panel, shrinking, answer)
        self._show_clock(answer.phase, screen.clocks.get(id_), before.clocks.get(id_))
        urls = screen.playback_at(id_)
        self._players.show(urls)
        self._preview.give_way(bool(urls))
        self.meter.node.show(stream is not None and answer.phase is Phase.RECORDING)
        # Other devices are offered wherever a recording may still begin with them.
        self._devices.show(stream is not None and answer.phase in (Phase.READY, Phase.TAKEN))

    def close(self) -> None:
        self._discard_panel.close()
        self._preview.show(None)
        self._players.show({})

    def _show_answer(self, answer: AnswerView, shown: AnswerView | None) -> None:
        if shown is None or answer.phase is not shown.phase:
            self._enter(answer.phase, shown.phase if shown else None)
        can_record = answer.phase is Phase.PREPARING or (answer.phase is Phase.READY and answer.takes_left > 0)
        had_focus = any(button.has_focus() for button in (self._record, self._stop, *self._discard_panel.buttons))
        self._record.show(can_record)
        self._stop.show(answer.phase is Phase.RECORDING)
        if self._file:
            self._file.node.show(answer.phase is Phase.READY and answer.takes_left > 0)
        self._discard_panel.show(answer)
        if answer.phase is not Phase.RECORDING:  # else `_show_clock` writes this text
            self._rest.text(self._rest_words(answer))
        if had_focus:
            self._keep_focus(answer.phase)

    def _show_shrinking(self, panel: ShrinkPanel, view: ShrinkView | None, answer: AnswerView) -> None:
        had_focus = any(button.has_focus() for button in panel.buttons)
        panel.show(view)
        self._word.text(_("Making your video smaller") if view else self._phase_words(answer.phase))
        self._rest.text(words.percent(view.percent) if view else self._rest_words(answer))
        if had_focus and view is None:
            self._strip.focus()

    def _show_clock(self, phase: Phase, clock: ClockView | None, shown: ClockView | None) -> None:
        if clock is None or clock is shown:
            return
        if phase is Phase.PREPARING:
            self._time.text(words.countdown(clock.remaining_s))
        elif phase is Phase.RECORDING:
            self._time.text(words.clock(clock.elapsed_s))
            self._rest.text(_("{time} left").format(time=words.countdown(clock.remaining_s)))
            self._strip.attribute("data-ending", "true" if clock.remaining_s <= _ENDING_S else None)
            if _begins_to_end(clock, shown):
                self._announce(_("{time} left").format(time=words.duration(clock.remaining_s)))

    def _enter(self, phase: Phase, was: Phase | None) -> None:
        if was is not None:
            self._click_guard.begin()
        self.node.attribute("data-phase", phase.name.lower())
        self._shape.attribute("data-icon", _SHAPES[phase])
        self._word.text(self._phase_words(phase))
        self._time.text(words.clock(0) if phase is Phase.RECORDING else "")
        self._rest.text("")
        self._strip.attribute("data-ending", None)
        self._record.label(_("Start recording now") if phase is Phase.PREPARING else self._record_label())
        if was is Phase.TAKEN and phase is Phase.READY:
            self._announce(_("Your answer is discarded. You can bring it back until you record again."))
        elif was is not None and phase is not Phase.READY:
            self._announce(self._phase_words(phase))

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


def _begins_to_end(clock: ClockView, shown: ClockView | None) -> bool:
    """Whether the last seconds begin with this clock; one that was shown with less left was of an earlier countdown."""
    is_ending = 0 < clock.remaining_s <= _ENDING_S
    return is_ending and (shown is None or shown.remaining_s > _ENDING_S or shown.remaining_s < clock.remaining_s)
