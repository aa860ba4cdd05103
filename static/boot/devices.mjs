// How the page asks for camera and microphone, before Python is up and after (app/browser/media/media_devices.py).

// 720p at 30 fps looks good at 2.5 Mbit/s; "ideal" lets the device choose other values.
const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, facingMode: "user" };
// One channel: a speaker is one, and a second channel of the same voice only takes bits.
const SOUND = { channelCount: { ideal: 1 }, echoCancellation: true, noiseSuppression: true, autoGainControl: true };

let early; // the request made before Python was up; Python's first request for the same gets its answer

const exactly = (id) => (id ? { deviceId: { exact: id } } : {});

async function ask(needsCamera, camera, microphone) {
  const wanted = { audio: { ...SOUND, ...exactly(microphone) } };
  if (needsCamera) wanted.video = { ...PICTURE, ...exactly(camera) };
  return navigator.mediaDevices.getUserMedia(wanted);
}

const stop = (stream) => stream.getTracks().forEach((track) => track.stop());
const isLive = (stream) => stream.getTracks().every((track) => track.readyState === "live");

/** Ask before Python is up, for the devices that the browser chooses. */
export function openEarly(needsCamera) {
  early = { needsCamera, answer: ask(needsCamera, "", "") };
  early.answer.catch(() => {}); // Python gets it, and says what to do
  return early.answer;
}

/** Ask for Python; "" lets the browser choose. A person is not asked twice for one press. */
export async function open(needsCamera, camera, microphone) {
  const { needsCamera: asked, answer } = early ?? {};
  if (!answer || asked !== needsCamera || camera || microphone) {
    closeEarly();
    return ask(needsCamera, camera, microphone);
  }
  early = undefined;
  const stream = await answer;
  if (isLive(stream)) return stream;
  stop(stream); // unplugged meanwhile
  return ask(needsCamera, camera, microphone);
}

/** Turn off what was asked for early and nobody wants, also if it opens later. */
export function closeEarly() {
  early?.answer.then(stop, () => {});
  early = undefined;
}
