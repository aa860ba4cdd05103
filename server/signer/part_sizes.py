"""Calculate how large a recording may become, and how large its parts are. Pure functions of sizes."""

from app.contract import MAX_PARTS, MIB, Question, Track, UploadPolicy

_ROUNDING = 64 * 1024  # parts grow in these steps
_S3_MIN_PART_BYTES = 5 * MIB  # S3 refuses a smaller part, except the last one
_MIN_PART_BYTES = 64 * 1024  # for stores without that minimum; smaller parts would cost more than they carry
_HEADROOM = 2  # encoders exceed the bit rate that was requested
_MIN_BUDGET = 256 * MIB  # for short answers: no candidate is refused because an encoder exceeds its rate


def max_bytes(question: Question, track: Track, policy: UploadPolicy) -> int:
    """Return the size limit of a recording in bytes: time limit at its bit rate, with headroom; or a file's limit."""
    rate = policy.audio_bits_per_second
    if track is Track.VIDEO:
        rate = policy.video_bits_per_second + policy.video_audio_bits_per_second
    file_bytes = question.file.max_bytes if question.file is not None else 0
    return max(_MIN_BUDGET, question.limit_s * rate * _HEADROOM // 8, file_bytes)


def smaller_part_bytes(part_bytes: int, at_most: int | None) -> int:
    """Return the policy's part size, reduced to `at_most` for a gateway, but not below the store's minimum.

    The signer does not ask the store for its minimum: a policy of 5 MiB or more means that there is one.
    """
    if at_most is None:
        return part_bytes
    floor = _S3_MIN_PART_BYTES if part_bytes >= _S3_MIN_PART_BYTES else _MIN_PART_BYTES
    return min(part_bytes, max(at_most, floor))


def part_bytes_for(budget: int, part_bytes: int) -> int:
    """Return the part size, increased if 10,000 parts of it would not hold the budget."""
    needed = -(-budget // MAX_PARTS)
    if needed <= part_bytes:
        return part_bytes
    return -(-needed // _ROUNDING) * _ROUNDING
