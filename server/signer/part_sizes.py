"""Calculate how large a recording may become, and how large its parts are. Pure functions of sizes."""

from app.contract import EARLY_PARTS, MAX_PARTS, MIB, QUARTER, Layout, PartRules, Question, Track, UploadPolicy
from server.store.profiles import StoreProfile

_ROUNDING = 64 * 1024  # parts grow in these steps
WINDOW = 5 * MIB  # of the folded layout: S3's minimum for every part but the last; R2 wants all of them equal
_MIN_PART_BYTES = 64 * 1024  # smaller parts would cost more than they carry
_LARGEST_PART_BYTES = MIB  # larger ones make progress jump, and a broken connection costly
_SMALL_PARTS = (256 * 1024, 512 * 1024, MIB, WINDOW)  # of the folded layout, the first that will do
STREAM_BYTES = 16 * MIB  # of a streamed part: the gateway stores no more at once, and a broken stream costs no more
_STEP = 256 * 1024  # of a resumable session: Google takes multiples of it, but for the last piece
# Encoders exceed the bit rate that was requested: of sound, AAC has rates of its own (Safari's up to 192 kbit/s),
# however little is asked for.
_LEAST_AUDIO = 48_000
_HEADROOM = {Track.VIDEO: 2, Track.AUDIO: 4}
_SLACK = {Track.VIDEO: 16 * MIB, Track.AUDIO: 4 * MIB}  # for short answers: first pictures are large, rates settle late


def max_bytes(question: Question, track: Track, policy: UploadPolicy) -> int:
    """Return the size limit of a recording in bytes: time limit at its bit rate, with headroom; or a file's limit."""
    rate = max(policy.audio_bits_per_second, _LEAST_AUDIO)
    if track is Track.VIDEO:
        rate = policy.video_bits_per_second + policy.video_audio_bits_per_second
    file_bytes = question.file.max_bytes if question.file is not None else 0
    asked = question.limit_s * rate // 8
    return max(asked * _HEADROOM[track], asked + _SLACK[track], file_bytes)


def layout_for(policy: UploadPolicy, profile: StoreProfile, *, can_stream: bool = False) -> Layout:
    """Return how the parts of a session's uploads become one object.

    `can_stream`: there is a gateway, and the page can stream.
    """
    # Nothing but its ETag proves a streamed part: its MD5 is not known before it is sent.
    if can_stream and profile.has_md5_etags and _wants_stream(policy):
        return Layout.STREAM
    if policy.layout in (Layout.MULTIPART, Layout.FOLDED):
        return policy.layout
    if policy.layout is Layout.RESUMABLE and profile.resumes:
        return Layout.RESUMABLE
    # A policy that fixes the size of a part asks for parts of the upload itself.
    return Layout.FOLDED if profile.folds and policy.part_bytes is None else Layout.MULTIPART


def _wants_stream(policy: UploadPolicy) -> bool:
    return policy.layout is Layout.STREAM or (policy.layout is None and policy.part_bytes is None)


def rules_for(
    layout: Layout, policy: UploadPolicy, profile: StoreProfile, budget: int, at_most: int | None
) -> PartRules:
    """Return how a recording of at most `budget` bytes is cut into parts.

    `at_most` is what a gateway before the store lets through, in bytes; None: no part was refused. The parts do not
    become smaller than the store takes, and not so small that 10,000 of them would not hold the budget.
    """
    needed = -(-budget // MAX_PARTS)
    if layout is Layout.FOLDED:
        return _folded_rules(budget, at_most)
    floor = max(profile.min_part_bytes, _MIN_PART_BYTES)
    if layout is Layout.STREAM:
        return _stream_rules(_holding(needed, floor), profile, at_most)
    if layout is Layout.RESUMABLE:
        return _resumable_rules(policy, budget, at_most)
    if policy.part_bytes is not None or profile.has_equal_parts:
        # A ticket that another program has minted may ask for less than the store takes: it gets the minimum.
        wanted = max(policy.part_bytes or floor, profile.min_part_bytes)
        smaller = wanted if at_most is None else min(wanted, max(at_most, min(floor, wanted)))
        return PartRules.equal(_holding(needed, smaller))
    enough = _holding(needed, floor)
    # In a long recording the last ones may be large, so that the first ones may be small.
    largest = max(enough, _LARGEST_PART_BYTES, 2 * _holding(needed, _ROUNDING))
    if at_most is not None:
        largest = min(largest, max(at_most, enough))
    return next(
        rules
        for smallest in range(floor, enough + _ROUNDING, _ROUNDING)
        if _capacity(rules := PartRules(min_bytes=min(smallest, enough), max_bytes=largest)) >= budget
    )


def _folded_rules(budget: int, at_most: int | None) -> PartRules:
    needed = -(-budget // (MAX_PARTS - EARLY_PARTS))
    small = next((size for size in _SMALL_PARTS if size >= needed), WINDOW)
    largest = WINDOW if at_most is None else min(WINDOW, max(at_most, _MIN_PART_BYTES))
    first = small // 4 if small < WINDOW else WINDOW  # whole windows need no folding
    return PartRules(min_bytes=min(first, largest), max_bytes=largest, window_bytes=WINDOW)


def _capacity(rules: PartRules) -> int:
    """Return how many bytes 10,000 parts hold if each is as small as it may be."""
    return sum(QUARTER * rules.smallest(number) for number in range(1, MAX_PARTS, QUARTER))


def _stream_rules(smallest: int, profile: StoreProfile, at_most: int | None) -> PartRules:
    largest = max(smallest, min(STREAM_BYTES, at_most or STREAM_BYTES))
    if profile.has_equal_parts:
        smallest = largest = max(smallest, WINDOW)
    return PartRules(min_bytes=smallest, max_bytes=largest, is_streamed=True)


def _resumable_rules(policy: UploadPolicy, budget: int, at_most: int | None) -> PartRules:
    """Return rules whose parts are multiples of `_STEP`; Google has no limit of 10,000, but our part numbers have."""
    enough = max(_STEP, _in_steps(-(-budget // MAX_PARTS)))
    if policy.part_bytes is not None:
        fixed = max(enough, _in_steps(policy.part_bytes))
        return PartRules(min_bytes=fixed, max_bytes=fixed, step_bytes=_STEP)
    largest = max(_LARGEST_PART_BYTES, 2 * enough)
    if at_most is not None:
        largest = min(largest, max(at_most - at_most % _STEP, enough))
    return next(
        rules
        for smallest in range(_STEP, enough + _STEP, _STEP)
        if _capacity(rules := PartRules(min_bytes=smallest, max_bytes=largest, step_bytes=_STEP)) >= budget
    )


def _in_steps(size: int) -> int:
    return -(-size // _STEP) * _STEP


def _holding(needed: int, part_bytes: int) -> int:
    """Return the part size, increased if 10,000 parts of it would not hold the budget."""
    return part_bytes if needed <= part_bytes else -(-needed // _ROUNDING) * _ROUNDING
