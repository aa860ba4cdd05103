"""An answer streamed through a real nginx (TLS, HTTP/2) to a real store, byte for byte, whatever breaks."""

import pytest

from tests.browser.test_memory import Heap, hand_out_python
from tests.support.files import INTERVIEWS
from tests.support.settings import CHROMIUM, synthetic
from tests.support.streamed_stack import running_streamed_stack

pytestmark = pytest.mark.xdist_group("streams")  # one gateway for all
MIB = 1024 * 1024
# The rate lets the signer grant as much as the noise has: of ten minutes, 153 MB.
POLICY = {"timeslice_ms": 250, "audio_bits_per_second": 510_000}
NOISE = synthetic(type="audio/webm;codecs=opus", size=100_003, every_ms=125)  # 800 kB a second
MURMUR = synthetic(type="audio/webm;codecs=opus", size=25_003, every_ms=125)
FLOOD = synthetic(type="audio/webm;codecs=opus", size=1_000_001, every_ms=250)


@pytest.fixture(scope="module")
def streamed(tmp_path_factory):
    with running_streamed_stack(tmp_path_factory.mktemp("streamed"), policy=POLICY, interviews=INTERVIEWS) as running:
        yield running


@pytest.fixture(scope="module")
def trusting(browsers):
    """Return a Chromium that trusts the gateway, whose certificate is of this run alone."""
    browser = browsers.launch_chromium(flags=("--ignore-certificate-errors",))
    yield browser
    browser.close()


@pytest.fixture
def sit_streaming(sit_down, streamed, trusting, browser_name):
    """Return what opens the page before the gateway, and what notes each stream that leaves it."""

    def sit(before=NOISE, at=None, policy=None):
        browser = trusting if browser_name == "chromium" else None
        candidate = sit_down(before=before, browser=browser, at=at or streamed.stack, policy=policy)
        candidate.streams, candidate.failed_streams = [], []
        for event, noted in (("request", candidate.streams), ("requestfailed", candidate.failed_streams)):
            candidate.page.context.on(
                event, lambda request, noted=noted: noted.append(request) if "/stream/" in request.url else None
            )
        candidate.begin()
        return candidate

    return sit


def put_streams(candidate):
    return [request for request in candidate.streams if request.method == "PUT"]


def finish(candidate):
    candidate.stop("first")
    candidate.wait_for_state("first", "completed")
    candidate.wait_until_safe()
    record = candidate.stored_record("first")
    candidate.assert_object_is(candidate.recording("first"), record)
    assert candidate.open_uploads() == {}
    assert candidate.journal_rows()["chunks"] == 0


def record(candidate, size):
    candidate.record("first")
    recorded_on(candidate, size)


def stream(candidate, size):
    """Record `size` bytes behind the moment in which a stream has begun: before that there is none to be hurt."""
    candidate.record("first")
    candidate.until(lambda: put_streams(candidate), "a stream has begun")
    recorded_on(candidate, size)


def recorded_on(candidate, size):
    until = sum(candidate.recording("first").sizes) + size
    candidate.until(lambda: sum(candidate.recording("first").sizes) > until, "more is recorded")


@CHROMIUM
def test_answer_is_one_stream_and_nothing_else_is_sent(sit_streaming):
    candidate = sit_streaming()
    stream(candidate, 2 * MIB)
    assert len(put_streams(candidate)) == 1
    assert candidate.state("first") == "recording"
    finish(candidate)

    assert len(put_streams(candidate)) == 1
    assert candidate.watch.parts("first") == []


@CHROMIUM
def test_long_stream_is_followed_by_the_next_one(sit_streaming):
    candidate = sit_streaming(before=FLOOD)
    record(candidate, 33 * MIB)
    candidate.until(lambda: len(candidate.stored_parts("first")) >= 2, "two streams are stored")
    sizes = [size for _, size in candidate.stored_parts("first")]
    assert max(sizes) <= 16 * MIB  # a slow machine ends a stream before that, after its 30 s
    finish(candidate)

    assert candidate.watch.parts("first") == []


@CHROMIUM
def test_gateway_that_crashes_in_mid_answer_costs_no_byte(sit_streaming, streamed):
    candidate = sit_streaming()
    candidate.watch.expect("Failed to load resource|net::ERR")
    stream(candidate, MIB)
    candidate.pause()
    candidate.until(lambda: candidate.stored_parts("first"), "a stream has passed: a later fault is no reason to stop")
    candidate.resume()
    recorded_on(candidate, MIB)
    streamed.gateway.break_connections()
    recorded_on(candidate, MIB)
    finish(candidate)

    assert len(put_streams(candidate)) >= 3
    assert candidate.watch.parts("first") == [], "streams were given up"


@CHROMIUM
def test_stream_that_stalls_is_given_up_and_sent_again(sit_streaming, streamed):
    candidate = sit_streaming(before=FLOOD, policy={"stall_timeout_s": 2})
    candidate.watch.expect("net::ERR_FAILED")
    stream(candidate, MIB)
    with streamed.gateway.frozen():
        candidate.until(lambda: len(put_streams(candidate)) > 1, "the stalled stream was given up", timeout_s=20)
    finish(candidate)


@CHROMIUM
def test_reload_in_mid_answer_continues_the_same_upload(sit_streaming):
    candidate = sit_streaming()
    stream(candidate, MIB)

    candidate.assert_reload_keeps("first")

    assert candidate.watch.parts("first") == [], "what was left was not streamed"


@CHROMIUM
def test_pause_stops_the_stream_and_resume_goes_on(sit_streaming):
    candidate = sit_streaming()
    stream(candidate, MIB)
    candidate.pause()
    candidate.until(lambda: candidate.stored_parts("first"), "what was sent is stored")
    [(_, stored)] = candidate.stored_parts("first")
    recorded_on(candidate, MIB)
    assert candidate.stored_parts("first") == [(1, stored)]
    candidate.resume()
    finish(candidate)


@CHROMIUM
def test_stream_that_is_given_up_leaves_nothing_in_the_store(sit_streaming, tmp_path):
    # So large a file needs parts of 16 MB; a pause before that gives the stream up.
    spoken = (INTERVIEWS / "spoken.toml").read_text(encoding="utf-8")
    large = spoken.replace("limit_s = 600", "limit_s = 600\nfile = { max_bytes = 160_000_000_000 }")
    (tmp_path / "spoken.toml").write_text(large, encoding="utf-8")
    with running_streamed_stack(tmp_path, policy=POLICY, interviews=tmp_path) as streamed:
        candidate = sit_streaming(before=MURMUR, at=streamed.stack)
        candidate.watch.expect("net::ERR_FAILED")
        candidate.record("first")
        for tries in (1, 2, 3):  # what the browser makes of an abort is a matter of moments
            candidate.until(lambda n=tries: len(put_streams(candidate)) == n, "a stream has begun")
            recorded_on(candidate, 100_000)
            candidate.pause()
            candidate.until(lambda n=tries: len(candidate.failed_streams) == n, "the stream was given up")
            recorded_on(candidate, 200_000)  # time in which it would arrive
            assert candidate.stored_parts("first") == [], "the store took a part that was cut off"
            candidate.resume()
        finish(candidate)


@CHROMIUM
def test_gateway_without_http_2_is_left_for_ordinary_parts(sit_streaming, tmp_path):
    with running_streamed_stack(tmp_path, policy=POLICY, interviews=INTERVIEWS, protocols="ssl") as plain:
        candidate = sit_streaming(at=plain.stack)
        candidate.watch.expect("ERR_ALPN_NEGOTIATION_FAILED|Failed to load resource")
        record(candidate, 2 * MIB)
        candidate.until(lambda: candidate.watch.parts("first"), "ordinary parts are sent")
        for topic in ("upload-failed", "store-refuses", "store-away", "offline"):
            assert candidate.notice(topic).count() == 0, "the candidate is told"
        finish(candidate)
        tried = len(put_streams(candidate))
        candidate.record("second")
        candidate.until(lambda: candidate.watch.parts("second"), "ordinary parts are sent")
        candidate.stop("second")
        candidate.wait_for_state("second", "completed")

        assert len(put_streams(candidate)) == tried


@pytest.mark.parametrize("browser_name", ["firefox"], indirect=True)
def test_browser_without_streams_sends_ordinary_parts(sit_streaming):
    candidate = sit_streaming()
    record(candidate, MIB)
    candidate.until(lambda: candidate.watch.parts("first"), "ordinary parts are sent")
    finish(candidate)

    assert candidate.streams == []


@CHROMIUM
def test_streams_leave_no_callbacks_behind(sit_down, streamed, trusting):
    candidate = sit_down(before=NOISE, browser=trusting, at=streamed.stack, link="about:blank")
    candidate.watch.expect("Failed to load resource|net::ERR")
    candidate.page.route("**/static/boot/interpreter.mjs", hand_out_python)
    candidate.page.goto(streamed.stack.ticket_link(session=candidate.session, interview="spoken"))
    candidate.begin()
    heap, kept = Heap(candidate), None
    for question in ("first", "second"):
        candidate.record(question)
        candidate.until(lambda q=question: sum(candidate.recording(q).sizes) > MIB // 2, "something is recorded")
        if kept is not None:
            streamed.gateway.break_connections()
            candidate.until(lambda q=question: sum(candidate.recording(q).sizes) > MIB, "more is recorded")
        candidate.stop(question)
        candidate.wait_for_state(question, "completed")
        candidate.wait_until_safe()
        kept = kept or heap.live_proxies()

    candidate.until(lambda: heap.live_proxies() <= kept, "a stream left callbacks behind for the collector")
