"""Unanswered of a store that refuses is told from a network that is away, and what may help is tried."""

import pytest

from app.contract import TroubleKind
from app.contract.embed.outbound import UploadError as ToldError
from app.core.errors import (
    BodyTooLarge,
    Corrupted,
    JournalUnread,
    NetworkFailed,
    Stalled,
    StoreBusy,
    StoreSilent,
    StoreUnable,
    UploadError,
    UploadLost,
    UrlExpired,
)
from app.core.notices import Topic
from app.core.upload.connectivity import FAILURES, PROBE_S, Connectivity
from app.core.upload.events import (
    AnswerWritten,
    EndpointsProbed,
    OpenUpload,
    PartAcknowledged,
    ProbeEndpoints,
    SendPart,
    StoreAnswer,
    UploadAborted,
    UploadCreated,
)
from app.core.upload.in_flight import SCOUTS
from app.core.upload.progress import TrackState
from app.core.upload.refusals import CONTRADICTIONS, Reached, Unanswered, trouble_of
from app.core.upload.retry import FRESH_URLS, refused_wait_s
from app.core.upload.scheduler import LOOK_AGAIN_S
from tests.support.fake_store import FakeStore, key_of, video
from tests.support.fakes import settle
from tests.support.scheduling import PART, Board, note, opened
from tests.support.sitting import sitting
from tests.support.uploading import uploading

Q1, Q2 = video("q1"), video("q2")
SILENT = StoreSilent("no reply")
BOTH, SIGNER, NOBODY = Reached(True, True), Reached(True, False), Reached(False, False)


# The network.


def silent(times: int = FAILURES, error: UploadError = SILENT) -> Connectivity:
    connectivity = Connectivity()
    for _ in range(times):
        connectivity.note_failure(error)
    return connectivity


def test_silence_of_the_store_is_called_offline_only_once_nobody_was_found():
    connectivity = silent()
    assert (connectivity.is_silent, connectivity.is_offline, connectivity.wants_probe) == (True, False, True)

    connectivity.note_probe(signer=False, store=False)

    assert (connectivity.is_offline, connectivity.wants_probe) == (True, False)


@pytest.mark.parametrize("error", [NetworkFailed("signer"), Stalled("quiet")])
def test_silence_of_the_signer_or_on_the_way_is_offline_at_once(error):
    connectivity = silent(FAILURES - 1)
    connectivity.note_failure(error)

    assert connectivity.is_offline


def test_store_that_alone_is_away_is_no_offline_until_it_answers():
    connectivity = silent()
    connectivity.note_probe(signer=True, store=False)
    for _ in range(10):
        connectivity.note_failure(SILENT)
        connectivity.note_response(of_store=False)
        assert (connectivity.is_store_away, connectivity.is_offline, connectivity.is_silent) == (True, False, True)

    connectivity.note_response(of_store=True)

    assert (connectivity.is_store_away, connectivity.is_silent) == (False, False)


def test_network_that_goes_while_the_store_is_away_is_offline():
    connectivity = silent()
    connectivity.note_probe(signer=True, store=False)
    for _ in range(FAILURES):
        connectivity.note_failure(SILENT)
    connectivity.note_probe(signer=False, store=False)

    assert (connectivity.is_store_away, connectivity.is_offline) == (False, True)


def test_signer_that_answers_a_look_proves_the_browser_wrong():
    connectivity = silent()
    connectivity.note_browser(is_online=False)
    assert connectivity.is_offline
    connectivity.note_probe(signer=True, store=True)

    assert not connectivity.is_silent


# One thing that does not get through.


def heard(*errors: UploadError) -> Unanswered:
    silence = Unanswered()
    for error in errors:
        silence.note(error)
    return silence


def test_looks_that_contradict_the_silence_make_a_refusal():
    silence = Unanswered()
    for _ in range(CONTRADICTIONS):
        assert not silence.is_refusal
        for _ in range(FAILURES):
            assert not silence.wants_probe
            silence.note(SILENT)
        assert silence.wants_probe
        silence.look(BOTH)
    assert (silence.is_refusal, silence.wants_probe) == (True, False)


@pytest.mark.parametrize("reached", [SIGNER, NOBODY])
def test_one_that_does_not_answer_explains_the_silence(reached):
    silence = Unanswered(sends=FAILURES, contradictions=CONTRADICTIONS)
    silence.look(reached)
    assert silence == Unanswered()


@pytest.mark.parametrize("error", [StoreBusy("503"), UrlExpired("403"), Corrupted("bits"), BodyTooLarge("413")])
def test_any_answer_of_the_store_ends_the_silence(error):
    assert heard(SILENT, SILENT, error) == Unanswered()


def test_what_has_not_come_to_the_store_changes_nothing():
    assert heard(SILENT, NetworkFailed("signer"), JournalUnread("disk")) == heard(SILENT)


@pytest.mark.parametrize(
    ("error", "silence", "failures", "kind"),
    [
        (BodyTooLarge("413"), Unanswered(), 1, TroubleKind.TOO_LARGE),
        (SILENT, Unanswered(0, CONTRADICTIONS), 0, TroubleKind.BLOCKED),
        (SILENT, Unanswered(9, CONTRADICTIONS - 1), 99, None),
        (Stalled("quiet"), Unanswered(0, CONTRADICTIONS), 99, None),
        (StoreUnable("507"), Unanswered(), FRESH_URLS, None),
        (StoreUnable("507"), Unanswered(), FRESH_URLS + 1, TroubleKind.UNABLE),
        (StoreBusy("503"), Unanswered(), 1000, None),
        (UrlExpired("403"), Unanswered(), FRESH_URLS + 1, TroubleKind.FORBIDDEN),
    ],
)
def test_only_what_waiting_has_not_helped_is_the_operators(error, silence, failures, kind):
    assert trouble_of(error, silence, failures) is kind


# The schedule.


def answer(board: "Gateway", error: UploadError, duration_s: float, reached: Reached = BOTH) -> list[SendPart]:
    """Fail whatever is sent for some seconds, and answer looks; return what was sent."""
    end, sent = board.now + duration_s, []
    while board.now < end:
        commands = board.commands()
        if not commands:
            board.now = min(board.scheduler.next_wake(board.now) or end, end)
        for command in commands:
            board.now += 0.01
            match command:
                case ProbeEndpoints():
                    board.tell(EndpointsProbed(reached))
                case OpenUpload(upload=ref, part_bytes_at_most=at_most):
                    board.opened.append(at_most)
                    size = min(board.part_bytes, max(board.floor, at_most or board.part_bytes))
                    board.tell(UploadCreated(ref, "again", "key", size, is_md5_signed=False))
                case SendPart() if command.part.size <= board.takes:
                    board.acknowledge(command.upload, command.part.number)
                case SendPart():
                    sent.append(command)
                    board.fail(command, error)
                case _:
                    board.fail(command, error)
    return sent


class Gateway(Board):
    """A board before a store that takes parts up to a size, and a signer that goes down to another."""

    def __init__(self, part_bytes: int = 80, floor: int = 10, takes: int = 0) -> None:
        super().__init__()
        self.part_bytes, self.floor, self.takes = part_bytes, floor, takes
        self.opened: list[int | None] = []
        self.record(Q1, 1000)

    @property
    def upload(self):
        return self.scheduler.uploads[Q1]


@pytest.mark.parametrize("error", [BodyTooLarge("413"), SILENT])
def test_parts_are_made_smaller_until_they_pass_and_the_size_is_remembered(error):
    board = Gateway(takes=25)
    answer(board, error, 60)
    assert board.opened == [None, 40, 20]
    assert board.upload.parts.acknowledged_size == 1000
    assert not board.progress.has_failed

    board.record(Q2, 100)
    answer(board, error, 1)
    assert board.opened[3:] == [20]


@pytest.mark.parametrize(
    ("error", "kind"), [(BodyTooLarge("The store answered 413."), TroubleKind.TOO_LARGE), (SILENT, TroubleKind.BLOCKED)]
)
def test_refused_at_the_smallest_size_is_told_and_tried_again_rarely(error, kind):
    board = Gateway(takes=0, floor=40)
    answer(board, error, 60)
    assert board.opened == [None, 40, 20], "the signer gave no smaller ones the last time"
    [refusal] = board.progress.refusals
    assert (refusal.kind, refusal.question, refusal.track, refusal.part_bytes) == (kind, "q1", Q1.track, 40)
    assert (board.progress.has_failed, board.progress.is_offline) == (True, False)
    assert board.progress.tracks[0].state is TrackState.FAILED

    sent = answer(board, error, 3600)
    assert 0 < len(sent) <= 3600 / refused_wait_s(board.scheduler.policy) + 1
    assert board.progress.has_failed

    board.takes = 80
    answer(board, error, refused_wait_s(board.scheduler.policy) + 1)
    assert board.upload.parts.acknowledged_size == 1000
    assert not board.progress.has_failed
    assert board.progress.refusals == ()


def test_one_413_among_parts_that_arrive_throws_nothing_away():
    board = opened(100)
    first, second = (command for command in board.commands() if isinstance(command, SendPart))
    board.acknowledge(Q1, first.part.number)
    for _ in range(FRESH_URLS):
        board.fail(second, BodyTooLarge("413"))
        board.now += 30
        assert second in board.commands()
    board.fail(second, BodyTooLarge("413"))
    assert board.progress.acknowledged == PART
    assert board.scheduler.uploads[Q1].created is not None, "what has arrived is given up, and may be nowhere else"
    assert [refusal.kind for refusal in board.progress.refusals] == [TroubleKind.TOO_LARGE]


def test_silence_makes_no_parts_smaller_once_one_has_arrived():
    board = Gateway(takes=80)
    answer(board, SILENT, 1)
    board.takes = 0
    board.record(Q1, 1000)
    answer(board, SILENT, 60)
    assert board.opened == [None]
    assert board.upload.parts.acknowledged_size == 960
    assert [refusal.kind for refusal in board.progress.refusals] == [TroubleKind.BLOCKED]


@pytest.mark.parametrize("reached", [SIGNER, NOBODY])
def test_silence_that_is_explained_is_looked_through_for_ever_and_refuses_nothing(reached):
    board = Gateway()
    sent = answer(board, SILENT, 3600, reached)
    assert board.opened == [None]
    assert not board.progress.has_failed
    assert board.progress.is_offline is (reached is NOBODY)
    assert board.progress.is_store_away is (reached is SIGNER)
    assert len(sent) <= (SCOUTS + 1) * 3600 / PROBE_S
    assert len(board.upload.parts.tried) <= SCOUTS + 1
    board.takes = 80
    answer(board, SILENT, 2 * PROBE_S)
    assert board.upload.parts.acknowledged_size
    assert not board.progress.is_offline
    assert not board.progress.is_store_away


def test_offline_is_never_said_of_a_store_that_answers_a_look():
    board = opened(100)
    for _ in range(200):
        for command in board.commands():
            if isinstance(command, ProbeEndpoints):
                board.tell(EndpointsProbed(BOTH))
            else:
                board.fail(command, SILENT)
            assert not board.progress.is_offline
        board.now += 0.5


def test_looks_have_a_pause_between_them():
    board = Gateway(floor=80)
    looks = 0
    for _ in range(600):
        for command in board.commands():
            if isinstance(command, ProbeEndpoints):
                looks += 1
                board.tell(EndpointsProbed(SIGNER))
            elif isinstance(command, OpenUpload):
                board.open(Q1)
            else:
                board.fail(command, SILENT)
        board.now += 0.1
    assert 1 < looks <= 60 / LOOK_AGAIN_S + 1


def test_record_that_is_blocked_is_told_although_recordings_arrive_and_words_are_typed():
    board = opened(10)
    board.tell(AnswerWritten(note("q1", "a")))
    for turn in range(40):
        for command in board.commands():
            if isinstance(command, ProbeEndpoints):
                board.tell(EndpointsProbed(BOTH))
            elif isinstance(command, StoreAnswer):
                board.fail(command, SILENT)
            elif isinstance(command, SendPart):
                board.acknowledge(Q1, command.part.number)
        board.record(Q1, 10)
        board.tell(AnswerWritten(note("q1", "a" * turn)))
        board.now += 5
    [refusal] = board.progress.refusals
    assert (refusal.kind, refusal.question, refusal.track) == (TroubleKind.BLOCKED, "q1", None)
    assert board.progress.tracks[0].state is TrackState.RECORDING, "the recording itself gets through"
    board.now += 2 * refused_wait_s(board.scheduler.policy)
    [again] = [command for command in board.commands() if isinstance(command, StoreAnswer)]
    assert again.record.text == "a" * 39


@pytest.mark.parametrize("error", [StoreUnable("The store answered 507."), UrlExpired("The store answered 403.")])
def test_store_that_cannot_or_forbids_is_asked_a_few_times_and_then_told(error):
    board = Gateway()
    answer(board, error, 120)
    [refusal] = board.progress.refusals
    assert refusal.sentence == str(error)
    sent = answer(board, error, 3600)
    assert len(sent) <= 3600 / refused_wait_s(board.scheduler.policy) + 1


def test_one_refused_part_asks_for_all_of_its_upload_and_for_no_other():
    board = Gateway(floor=80)
    answer(board, BodyTooLarge("413"), 60)
    board.takes = 79
    board.record(Q2, 60)
    board.stop(Q2)
    sent = answer(board, BodyTooLarge("413"), 130)
    assert {command.part.number for command in sent} <= {1, 2}
    assert board.scheduler.uploads[Q2].is_acknowledged


def test_return_of_the_network_and_retry_try_what_is_refused_at_once():
    board = Gateway(floor=80)
    answer(board, BodyTooLarge("413"), 10)
    assert board.parts() == []
    board.scheduler.skip_backoff()
    assert board.parts() != []


@pytest.mark.parametrize("word", ["501 (NotImplemented)", "404 (NoSuchUpload)"])
def test_store_that_gives_up_every_upload_before_a_part_has_arrived_is_told(word):
    board = Gateway()
    answer(board, UploadLost(f"The store answered {word}."), 600)
    [refusal] = board.progress.refusals
    assert (refusal.kind, refusal.sentence) == (TroubleKind.UNABLE, f"The store answered {word}.")
    begun = len(board.opened)
    answer(board, UploadLost(f"The store answered {word}."), 3600)
    assert 0 < len(board.opened) - begun <= 3600 / refused_wait_s(board.scheduler.policy) + 1

    board.takes = 80
    answer(board, UploadLost("gone"), refused_wait_s(board.scheduler.policy) + 1)
    assert board.upload.parts.acknowledged_size == 960
    assert board.progress.refusals == ()


def test_store_that_takes_parts_between_its_losses_is_not_told():
    board = Gateway(takes=80)
    for _ in range(4 * FRESH_URLS):
        answer(board, UploadLost("gone"), 60)
        board.takes, before = 0, board.takes
        board.record(Q1, 80)
        answer(board, UploadLost("gone"), 0.05)
        board.takes = before
    assert board.progress.refusals == ()


# The driver.


class ShrinkingStore(FakeStore):
    def create(self, request):
        opened = dict(self.uploads)
        grant = super().create(request)
        self.uploads = opened | self.uploads  # a store that does not list them: the signer gives none of them up
        return grant.model_copy(update={"part_bytes": min(self.part_bytes, request.part_bytes_at_most or 99)})


@pytest.mark.anyio
async def test_upload_that_is_begun_again_leaves_nothing_of_the_first_one():
    async with uploading() as desk:
        desk.store.__class__ = ShrinkingStore
        await desk.record(Q1, bytes(range(25)))
        first, second = await desk.transport.next_send(), await desk.transport.next_send()
        first.fail(BodyTooLarge("The store answered 413."))
        await settle()
        assert second.is_cancelled
        assert [request.part_bytes_at_most for request in desk.signer.calls("create")] == [None, 5]
        assert len(desk.store.uploads) == 1, "the first upload stays open"
        assert [made.part_bytes for made in desk.told(UploadCreated)] == [10, 5]
        desk.transport.holds_parts = False
        for send in desk.transport.in_flight:
            send.acknowledge()
        await desk.stop(Q1)
        await settle()
        assert desk.store.objects == {key_of(Q1): bytes(range(25))}
        assert desk.told(UploadAborted) == []
        assert len(desk.told(PartAcknowledged)) == 5


@pytest.mark.anyio
async def test_retake_while_parts_are_made_smaller_leaves_no_upload_open():
    async with uploading() as desk:
        await desk.record(Q1, bytes(range(25)))
        send = await desk.transport.next_send()
        desk.signer.holding = {"create"}
        send.fail(BodyTooLarge("The store answered 413."))
        (await desk.signer.next_call("create")).fail(NetworkFailed("reset"))
        await settle()
        desk.scheduler.abandon("q1", "1", 1)
        desk.uploader.wake()
        await settle()
        assert desk.store.uploads == {}


@pytest.mark.anyio
async def test_reload_goes_on_with_the_size_that_passed():
    store = ShrinkingStore()
    async with sitting(store=store) as before:
        before.transport.holds_parts = True
        await before.record("q1", b"x" * 20)
        (await before.transport.next_send()).fail(BodyTooLarge("The store answered 413."))
        (await before.transport.next_send()).fail(BodyTooLarge("The store answered 413."))
        await settle()
        (await before.transport.next_send()).acknowledge()
        await settle()
    async with sitting(journal=before.journal, store=store) as desk:
        await desk.clock.advance(5)
        assert list(store.objects.values()) == [b"x" * 20]
        assert desk.signer.calls("create") == []
        assert {len(send.content) for send in desk.transport.sends if send.number} <= {5, 2}


@pytest.mark.anyio
async def test_operator_is_told_once_a_kind_in_console_and_log():
    async with sitting() as desk:
        desk.transport.holds_parts = True
        await desk.record("q1", b"x" * 10)
        for _ in range(3):
            await desk.clock.advance(100)
            for send in desk.transport.in_flight:
                send.fail(BodyTooLarge("The store answered 413."))
            await settle()
        [trouble] = desk.signer.calls("report")
        assert (trouble.kind, trouble.question) == (TroubleKind.TOO_LARGE, "q1")
        [said] = desk.console.said
        assert "too-large" in said
        assert Topic.STORE_REFUSES in desk.view.topics
        assert Topic.UPLOAD_FAILED not in desk.view.topics
        errors = [told for told in desk.told if isinstance(told, ToldError)]
        assert [error.reason for error in errors] == ["too-large"]


@pytest.mark.anyio
async def test_store_that_alone_is_away_is_told_and_taken_back():
    async with sitting() as desk:
        desk.endpoints.reached = SIGNER
        desk.transport.holds_parts = True
        await desk.record("q1", b"x" * 10)
        for _ in range(6):
            await desk.clock.advance(2)
            for send in desk.transport.in_flight:
                send.fail(SILENT)
            await settle()
            assert Topic.OFFLINE not in desk.view.topics
        assert Topic.STORE_AWAY in desk.view.topics
        desk.transport.holds_parts = False
        for send in desk.transport.in_flight:
            send.acknowledge()
        await desk.clock.advance(2)
        assert Topic.STORE_AWAY not in desk.view.topics
