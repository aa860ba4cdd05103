"""How long answer.json and a submission may legitimately be: every text and every list of gaps at its maximum."""

from app.contract import MAX_GAPS, MIB, Interview, Question

_KIB = 1024
_CHARACTER_BYTES = 6  # in JSON, at most: 4 in UTF-8, 6 as \u0000
_ANSWER_BYTES = 1 * _KIB  # without its text and tracks
_TRACK_BYTES = 1 * _KIB  # without its gaps
_GAP_BYTES = 80
_SHORTEST_GAP_S = 5
_SPARE_GAPS = 20  # time asleep is not counted towards a question's limit
_MAX_SUBMISSION_BYTES = 8 * MIB  # whatever an interview allows


def max_answer_bytes(question: Question) -> int:
    """Return the size of the longest answer.json that a question can have."""
    gaps = min(MAX_GAPS, question.limit_s // _SHORTEST_GAP_S + _SPARE_GAPS)
    characters = question.text.max_characters if question.text else 0
    tracks = len(question.tracks) * (_TRACK_BYTES + gaps * _GAP_BYTES)
    return _ANSWER_BYTES + characters * _CHARACTER_BYTES + tracks


def max_submission_bytes(interview: Interview) -> int:
    """Return the size of the longest legitimate submission."""
    size = _ANSWER_BYTES + sum(max_answer_bytes(question) for question in interview.questions)
    return min(size, _MAX_SUBMISSION_BYTES)
