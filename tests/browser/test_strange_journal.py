"""Bad input 10: what lies in the journal need not be ours, whole, or of our version."""

import hashlib

from playwright.sync_api import expect

from tests.support.page_driver import BOOT_TIMEOUT_MS
from tests.support.settings import CHROMIUM

OTHER_DOCUMENT = "/static/icons/alert.svg"  # of the same origin, and so with the same storage

OPEN = """
const openJournal = (name, version, upgrade) => new Promise((resolve, reject) => {
  const open = indexedDB.open(name, version);
  open.onupgradeneeded = () => upgrade(open.result);
  open.onsuccess = () => resolve(open.result);
  open.onerror = () => reject(open.error);
});
const makeStores = (database) => {
  database.createObjectStore("chunks");
  database.createObjectStore("facts", { autoIncrement: true }).createIndex("upload", "upload");
  database.createObjectStore("answers");
};
"""
# `second` has a whole chunk, a torn one, and another whole one behind it. Nothing else is anybody's recording.
STRANGE_ROWS = """
async (sitting) => {
  const whole = new Blob(["w".repeat(40_000)]), torn = new Blob(["t".repeat(200)]);
  const ref = (question, track = "audio") => ({ question, take: 1, track });
  const fact = (kind, upload, rest) =>
    ({ upload: `${upload.question}/1/audio`, kind, json: JSON.stringify({ upload, ...rest }) });
  const chunks = [
    ["junk", { size: 4, elapsed_s: 1, media: new Blob(["junk"]) }],
    [["first", 1], { size: 4, elapsed_s: 1, media: new Blob(["junk"]) }],
    [["first", 1, "smell", 0], { size: 4, elapsed_s: 1, media: new Blob(["junk"]) }],
    [["first", 1, "audio", 0], { size: 4, elapsed_s: 1, media: new Blob(["nobody began this"]) }],
    [["../first", 1, "audio", 0], { size: 4, elapsed_s: 1, media: new Blob(["junk"]) }],
    [["nowhere", 1, "audio", 0], { size: 7, elapsed_s: 1, media: new Blob(["foreign"]) }],
    [["words", 1, "audio", 0], 7],
    [["words", 1, "audio", 1], "seven"],
    [["words", 1, "audio", 2], { size: "4", media: null }],
    [["second", 1, "audio", 0], { size: 40_000, elapsed_s: 1, media: whole }],
    [["second", 1, "audio", 1], { size: 500, elapsed_s: 2, media: torn }],
    [["second", 1, "audio", 2], { size: 40_000, elapsed_s: 3, media: whole }],
  ];
  const facts = [
    7,
    {},
    { upload: "first/1/audio", kind: "RecordingStarted", json: '{"upload": {"ques' },
    { upload: "first/1/audio", kind: "PartTeleported", json: "{}" },
    fact("RecordingStarted", ref("nowhere"), { content_type: "audio/webm" }),
    fact("RecordingStarted", ref("first", "smell"), { content_type: "audio/webm" }),
    fact("UploadCreated", ref("first"), { handle: "another session's", key: "k", part_bytes: 9, is_md5_signed: false }),
    fact("PartAcknowledged", ref("first"), { number: 1, etag: "0".repeat(32) }),
    fact("RecordingStopped", ref("first"), { sha256: null, duration_s: 1 }),
    fact("RecordingStarted", ref("second"), { content_type: "audio/webm" }),
  ];
  const answers = [
    ["words", "torn {"],
    ["nowhere", '{"record": {"question": "nowhere", "take": 1, "text": "x"}}'],
    ["first", 7],
  ];
  const database = await openJournal(`slipstream-${sitting}`, 1, makeStores);
  const transaction = database.transaction(["chunks", "facts", "answers"], "readwrite");
  for (const [key, row] of chunks) transaction.objectStore("chunks").put(row, key);
  for (const row of facts) transaction.objectStore("facts").put(row);
  for (const [key, row] of answers) transaction.objectStore("answers").put(row, key);
  await new Promise((resolve, reject) => { transaction.oncomplete = resolve; transaction.onerror = reject; });
  database.close();
}
"""
NEWER_JOURNAL = """
async (sitting) => {
  const database = await openJournal(`slipstream-${sitting}`, 2, (database) => database.createObjectStore("future"));
  const transaction = database.transaction("future", "readwrite");
  transaction.objectStore("future").put("of a newer page", "row");
  await new Promise((resolve) => { transaction.oncomplete = resolve; });
  database.close();
}
"""
NEWER_ROW = """
async (sitting) => {
  const database = await openJournal(`slipstream-${sitting}`, undefined, () => {});
  const request = database.transaction("future").objectStore("future").get("row");
  return await new Promise((resolve) => { request.onsuccess = () => { database.close(); resolve(request.result); }; });
}
"""


def come_with(sit_down, stack, rows):
    """Open the page where somebody has filled its journal before."""
    candidate = sit_down(link=stack.base_url + OTHER_DOCUMENT)
    candidate.watch.expect(r"status of 404")  # such a document asks for /favicon.ico
    candidate.page.evaluate(_told(rows), candidate.sitting)
    candidate.page.goto(stack.ticket_link(session=candidate.session, interview="spoken"))
    return candidate


def _told(rows):
    return f"async (sitting) => {{ {OPEN} return await ({rows})(sitting); }}"


def test_bad_input_10_foreign_and_torn_rows_are_set_aside_and_never_uploaded(sit_down, stack):
    candidate = come_with(sit_down, stack, STRANGE_ROWS)

    expect(candidate.notice("recovering")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    candidate.begin()
    candidate.wait_for_state("second", "completed")
    candidate.record("first")
    candidate.until(lambda: candidate.stored_parts("first"), "a part is stored")
    candidate.stop("first")
    candidate.wait_for_state("first", "completed")
    candidate.wait_until_safe()

    kept = candidate.stored_record("second")
    assert candidate.stack.read(kept["key"]) == b"w" * 40_000, "more, or less, than what is in front of the torn row"
    assert (kept["interrupted"], kept["sha256"]) == (True, hashlib.sha256(b"w" * 40_000).hexdigest())
    record = candidate.stored_record("first")
    candidate.assert_object_is(candidate.recording("first"), record)
    names = [f"{question}/take-1/{name}" for question in ("first", "second") for name in ("answer.json", "audio")]
    assert sorted(key.removesuffix(".webm").removesuffix(".mp4") for key in candidate.objects()) == names
    assert {put.key.split("/")[-3] for put in candidate.watch.puts} == {"first", "second"}
    candidate.submit()


@CHROMIUM
def test_bad_input_10_journal_of_a_newer_version_is_left_alone(sit_down, stack):
    candidate = come_with(sit_down, stack, NEWER_JOURNAL)

    expect(candidate.notice("no-backup")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    candidate.begin()
    candidate.record("first")
    candidate.until(lambda: candidate.stored_parts("first"), "a part is stored")
    candidate.stop("first")
    candidate.wait_for_state("first", "completed")

    assert candidate.page.evaluate(_told(NEWER_ROW), candidate.sitting) == "of a newer page"
