"""Too quiet, too loud, too dark: said in time, and taken back."""

from app.core.recording.signal_quality import (
    BLACK,
    CLIPS,
    DARK,
    DARK_S,
    EMPTY_S,
    HEARD_PEAK,
    MEMORY_S,
    SETTLING_S,
    WHOLE_S,
    Advice,
    SignalMonitor,
    Sound,
    TakeMonitor,
)


def test_nobody_is_told_to_speak_up_before_they_could():
    adviser = SignalMonitor(now=10.0)

    assert adviser.advice(10.0 + MEMORY_S) == frozenset()
    assert adviser.advice(10.1 + MEMORY_S) == {Advice.SILENT}


def test_a_word_ends_the_silence():
    adviser = SignalMonitor(now=0.0)
    adviser.hear(Sound(level=0.5, peak=0.2), 20.0)

    assert adviser.advice(20.0) == frozenset()


def test_the_noise_of_a_room_is_silence():
    adviser = SignalMonitor(now=0.0)
    for tenth in range(100):
        adviser.hear(Sound(level=0.1, peak=0.005), tenth / 10)

    assert adviser.advice(10.0) == {Advice.SILENT}


def test_nobody_is_told_of_a_silence_that_cannot_be_heard():
    adviser = SignalMonitor(now=0.0)
    for second in range(20):
        adviser.hear(None, second)

    assert adviser.advice(20.0) == frozenset()


def test_one_clipped_look_is_a_cough_and_a_few_are_a_fault():
    adviser = SignalMonitor(now=0.0)
    for look in range(CLIPS - 1):
        adviser.hear(Sound(1.0, 1.0), look / 10)
    assert adviser.advice(1.0) == frozenset()

    adviser.hear(Sound(1.0, 1.0), 1.0)
    assert adviser.advice(1.0) == {Advice.CLIPPED}
    assert Advice.CLIPPED not in adviser.advice(1.1 + MEMORY_S)


def test_a_dark_picture_is_told_once_it_stays_and_until_there_is_light():
    adviser = SignalMonitor(now=0.0)
    adviser.see(None, 0.0)  # no picture yet is no dark picture
    adviser.see(DARK / 2, 1.0)
    assert adviser.advice(0.9 + DARK_S) == frozenset()
    adviser.see(0.0, 2.0)
    assert adviser.advice(1.0 + DARK_S) == {Advice.DARK}
    adviser.see(DARK, 3.5)
    assert adviser.advice(3.5) == frozenset()


# A whole recording.


def _take(sound: Sound | None, brightness: float | None, *, until: float = EMPTY_S) -> TakeMonitor:
    adviser = TakeMonitor(now=0.0)
    for look in range(int(until * 4)):
        adviser.hear(sound, look / 4)
        adviser.see(brightness, look / 4)
    return adviser


def test_row_31_recording_is_silent_until_a_word_is_said():
    adviser = _take(Sound(level=0.1, peak=0.001), DARK)
    assert not adviser.is_silent(EMPTY_S - 0.1)
    assert adviser.is_silent(EMPTY_S)
    adviser.hear(Sound(), 6.0)
    assert adviser.is_silent(6.0)
    adviser.hear(Sound(peak=0.001, recent_peak=HEARD_PEAK), 7.0)
    assert not adviser.is_silent(60.0), "a pause is no silent answer"


def test_row_31_recording_is_black_until_there_is_a_picture():
    adviser = _take(Sound(peak=0.5), 0.0)
    assert not adviser.is_black(EMPTY_S - 0.1)
    assert adviser.is_black(EMPTY_S)
    adviser.see(BLACK, 6.0)
    assert not adviser.is_black(60.0)


def test_row_31_short_recording_is_judged_at_its_end():
    adviser = _take(Sound(), 0.0, until=WHOLE_S)
    for judge in (adviser.is_silent, adviser.is_black):
        assert not judge(WHOLE_S)
        assert judge(WHOLE_S, is_over=True)
        assert not judge(WHOLE_S - 0.1, is_over=True)


def test_dark_picture_is_not_black():
    assert not _take(Sound(), DARK / 3).is_black(EMPTY_S)


def test_answer_by_voice_is_not_black():
    adviser = TakeMonitor(now=0.0)
    adviser.hear(Sound(), 1.0)
    assert not adviser.is_black(60.0)


def test_what_cannot_be_measured_is_neither_silent_nor_black():
    adviser = _take(None, None)
    assert not adviser.is_silent(60.0)
    assert not adviser.is_black(60.0)


def test_devices_that_are_measured_only_after_a_moment_are_judged_all_the_same():
    adviser = _take(None, None, until=SETTLING_S)
    adviser.hear(Sound(), SETTLING_S)
    adviser.see(0.0, SETTLING_S)
    assert adviser.is_silent(EMPTY_S)
    assert adviser.is_black(EMPTY_S)
