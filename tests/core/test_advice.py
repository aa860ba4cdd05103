"""Too quiet, too loud, too dark: said in time, and taken back."""

from app.core.advice import CLIPS, DARK, DARK_S, MEMORY_S, Advice, Adviser, Sound


def test_nobody_is_told_to_speak_up_before_they_could():
    adviser = Adviser(now=10.0)

    assert adviser.advice(10.0 + MEMORY_S) == frozenset()
    assert adviser.advice(10.1 + MEMORY_S) == {Advice.SILENT}


def test_a_word_ends_the_silence():
    adviser = Adviser(now=0.0)
    adviser.hear(Sound(level=0.5, peak=0.2), 20.0)

    assert adviser.advice(20.0) == frozenset()


def test_the_noise_of_a_room_is_silence():
    adviser = Adviser(now=0.0)
    for tenth in range(100):
        adviser.hear(Sound(level=0.1, peak=0.005), tenth / 10)

    assert adviser.advice(10.0) == {Advice.SILENT}


def test_nobody_is_told_of_a_silence_that_cannot_be_heard():
    adviser = Adviser(now=0.0)
    for second in range(20):
        adviser.hear(None, second)

    assert adviser.advice(20.0) == frozenset()


def test_one_clipped_look_is_a_cough_and_a_few_are_a_fault():
    adviser = Adviser(now=0.0)
    for look in range(CLIPS - 1):
        adviser.hear(Sound(1.0, 1.0), look / 10)
    assert adviser.advice(1.0) == frozenset()

    adviser.hear(Sound(1.0, 1.0), 1.0)
    assert adviser.advice(1.0) == {Advice.CLIPPED}
    assert Advice.CLIPPED not in adviser.advice(1.1 + MEMORY_S)


def test_a_dark_picture_is_told_once_it_stays_and_until_there_is_light():
    adviser = Adviser(now=0.0)
    adviser.see(None, 0.0)  # no picture yet is no dark picture
    adviser.see(DARK / 2, 1.0)
    assert adviser.advice(0.9 + DARK_S) == frozenset()
    adviser.see(0.0, 2.0)
    assert adviser.advice(1.0 + DARK_S) == {Advice.DARK}
    adviser.see(DARK, 3.5)
    assert adviser.advice(3.5) == frozenset()
