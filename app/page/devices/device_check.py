"""The view before the first question: what to expect, and whether camera and microphone work."""

from collections.abc import Mapping

from app.contract import InterviewGrant, Track
from app.core.notices import Notice
from app.core.recording.connection import Connection
from app.core.recording.devices import DevicesView, SampleRecording, Stream
from app.core.recording.signal_quality import Advice
from app.core.session.actions import Begin, CheckDevices
from app.page.devices.advice import AdviceNotes
from app.page.devices.connection_line import ConnectionLine
from app.page.devices.device_choice import DeviceChoices
from app.page.devices.meter import LevelMeter
from app.page.devices.preview import Preview
from app.page.devices.sample_recording import SampleRecordingView
from app.page.kit import early, words
from app.page.kit.context import ViewContext
from app.page.kit.dom import Node, Template
from app.page.kit.early import Pressed
from app.page.kit.language import _, isolated, ngettext
from app.page.notices.board import NoticeBoard


class DeviceCheck:
    def __init__(
        self, grant: InterviewGrant, names: Mapping[str, str], context: ViewContext, standing: Node | None
    ) -> None:
        """`names` gives the text of a link to each question, by id.

        `standing` is this view as it was drawn, and perhaps used, before Python was up; None: it was not.
        """
        made = Template("device-check", standing)
        self._early = early.take_over() if standing else Pressed()
        self._shown: tuple[DevicesView, Stream | None] = (DevicesView(), None)
        self._takes_focus = standing is None  # else it has had it
        self._dispatch = context.dispatch
        self._takes_files = any(question.file for question in grant.interview.questions)
        has_camera = any(Track.VIDEO in question.tracks for question in grant.interview.questions)
        self.board = NoticeBoard(names, context.dispatch)
        self._preview = Preview(has_camera, made.standing("preview"))
        self._meter = LevelMeter()
        self._connection = ConnectionLine(context.announce)
        self._advice = AdviceNotes(context.announce)
        self._choices = DeviceChoices("check", context)
        self._sample = SampleRecordingView(has_camera, context)
        self.node, self._heading, self._points = made.node, made.part("heading"), made.part("points")
        self._heading.text(_greeting(grant.name))
        made.text(extent=_extent(grant), **_what_happens(has_camera))
        self._introduce(made, grant.interview.introduction)
        made.fill("notices", self.board.node)
        for name in ("preview", "meter", "connection", "advice", "choices", "sample"):
            made.fill(name, getattr(self, f"_{name}").node)
        made.part("stage").attribute("data-kind", "video" if has_camera else "audio")
        for hidden in (self._meter, self._sample):
            hidden.node.show(False)
        self._asking = made.part("asking")
        if not self._early.button:
            self._asking.text(_asking_words(has_camera))
        self._make_buttons(made, context, has_camera=has_camera)
        if self._early.button:
            context.dispatch(CheckDevices() if self._early.button == "allow" else Begin(goes_without=True))

    def _introduce(self, made: Template, introduction: str) -> None:
        if introduction:
            made.text(introduction=introduction)
        else:
            made.drop("introduction")

    def _make_buttons(self, made: Template, context: ViewContext, *, has_camera: bool) -> None:
        made.part("allow-icon").attribute("data-icon", "camera" if has_camera else "microphone")
        self._allow_words = _("Allow camera and microphone") if has_camera else _("Allow microphone")
        label = _("Getting ready…") if self._early.is_open else self._allow_words
        self._allow = made.button("allow", context.listeners, label, self._ask)
        self._begin = made.button(
            "begin", context.listeners, _("Start the interview"), lambda: context.dispatch(Begin())
        )
        self._without = made.button(
            "without",
            context.listeners,
            _("Go on without, and choose files") if self._takes_files else _("Go on without for now"),
            lambda: context.dispatch(Begin(goes_without=True)),
        )
        self._without.show(self._takes_files and not self._early.is_open)

    def show(self, view: DevicesView, stream: Stream | None) -> None:
        had_focus = self._allow.has_focus()
        self._shown = (view, stream)
        self.node.show()
        if self._early.button and not view.is_open:
            return  # what the early press has brought stays until the devices are open, or refused
        self._end_early()
        self._preview.show(stream if view.is_open else None)
        self._preview.give_way(not view.is_open)
        self._meter.node.show(view.is_open)
        self._choices.show(view)
        self._sample.node.show(view.is_open)
        self._allow.show(not view.is_open)
        self._begin.show(view.is_open)
        self._without.show(self._takes_files and not view.is_open)
        self._points.show(not view.is_open)  # the candidate has read them by now, and the picture needs the space
        self._asking.text("" if view.is_open else _asking_words(view.needs_camera))
        if had_focus and view.is_open:
            self._begin.focus()

    def _end_early(self) -> None:
        """Go on as if nothing had been pressed before Python was up: its outcome is known."""
        self._early = Pressed()
        self._allow.label(self._allow_words)
        self._allow.refuse(False)

    @property
    def pressed_at_ms(self) -> float:
        """When a button was pressed before Python was up, on the clock of `performance.now()`; 0: none was."""
        return self._early.at_ms

    def hide(self) -> None:
        """Hide the view, release the stream and remove the notices."""
        self.node.show(False)
        self._preview.show(None)
        self.board.close()

    def show_notice(self, notice: Notice) -> None:
        """Show what is wrong with the devices, and offer to go on without them: some answers may be written."""
        if self._early.button:
            self._end_early()
            self.show(*self._shown)
        self.board.show(notice)
        self._asking.text("")
        self._without.show()

    def show_level(self, level: float | None) -> None:
        self._meter.show(level)

    def show_connection(self, connection: Connection | None) -> None:
        self._connection.show(connection)

    def show_advice(self, advice: frozenset[Advice]) -> None:
        self._advice.show(advice)

    def show_sample(self, sample: SampleRecording) -> None:
        self._sample.show(sample)

    def focus(self) -> None:
        if self._takes_focus:
            self._heading.focus()

    def _ask(self) -> None:
        if self._early.is_open:
            return
        self._asking.text(
            _("Your browser asks you now: please choose “Allow”. The question often stands at the top of the window.")
        )
        self._dispatch(CheckDevices())


def _greeting(name: str) -> str:
    return _("Welcome, {name}").format(name=isolated(name)) if name else _("Welcome")


def _asking_words(has_camera: bool) -> str:
    if has_camera:
        return _("Your browser will ask whether this page may use your camera and microphone. Nothing is recorded yet.")
    return _("Your browser will ask whether this page may use your microphone. Nothing is recorded yet.")


def _extent(grant: InterviewGrant) -> str:
    """Return the size of the interview: "4 questions · up to 8 min of recording"."""
    questions = grant.interview.questions
    count = ngettext("{number} question", "{number} questions", len(questions)).format(number=len(questions))
    limit_s = sum(question.limit_s for question in questions if question.tracks)
    return _("{questions} · up to {time} of recording").format(questions=count, time=words.duration(limit_s))


def _what_happens(has_camera: bool) -> dict[str, str]:
    see = (
        _("You see yourself, and record only when you press the button.")
        if has_camera
        else _("You record only when you press the button.")
    )
    return {
        "point_record": see,
        "point_upload": _("What you record is sent off while you speak. You always see how much of it is stored."),
        "point_offline": _("If your connection breaks, go on answering. The page catches up by itself."),
    }
