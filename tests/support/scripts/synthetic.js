// A camera and a recorder made of noise: as much of it, and as fast, as the test asks for by globalThis.synthetic
// = { type, size, every_ms, chunks }. Everything behind the recorder is the real page. `size` is a number, or several that
// are used in turns; the bytes are those of tests/support/known_media.py. With `is_late` it does what Firefox may do: with
// a timeslice it delivers the last chunk, "stop", and only then the chunk before; without one, it delivers when asked.
// With `ahead` it gives no chunk while so many are not yet in the journal (commits.js counts them). With `is_untyped`
// its chunks do not say what they are.
(() => {
  const plan = globalThis.synthetic;
  const { type } = plan;
  const words = new Uint32Array(65_536);
  let state = 2_463_534_242;
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  const noise = new Uint8Array(words.buffer);
  const chunk = (place, size) => {
    const bytes = new Uint8Array(size);
    let from = (place * 4_099) % noise.length;
    for (let at = 0; at < size; from = 0) {
      const piece = noise.subarray(from, Math.min(noise.length, from + size - at));
      bytes.set(piece, at);
      at += piece.length;
    }
    if (size) new DataView(bytes.buffer).setUint32(0, place, true);
    return new Blob([bytes], plan.is_untyped ? {} : { type });
  };
  const stream = () => {
    const context = new AudioContext();
    const sound = context.createMediaStreamDestination().stream.getAudioTracks();
    const canvas = document.createElement("canvas");
    canvas.getContext("2d").fillRect(0, 0, 16, 16);
    return new MediaStream([...sound, ...canvas.captureStream(1).getVideoTracks()]);
  };

  if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = async () => stream();
  globalThis.MediaRecorder = class extends EventTarget {
    static isTypeSupported = (asked) => asked.startsWith(type.split(";")[0]);

    constructor(given) {
      super();
      this.stream = given;
      this.state = "inactive";
      this.mimeType = type;
      this.place = 0;
    }

    start(timesliceMs) {
      this.state = "recording";
      this.isAsked = Boolean(plan.is_late) && timesliceMs === undefined;
      if (this.isAsked) return;
      const { every_ms, chunks = Infinity, ahead = Infinity } = plan;
      this.timer = setInterval(() => {
        if (this.place >= chunks) clearInterval(this.timer);
        else if (this.place - (globalThis.commits?.chunks ?? 0) < ahead) this.give();
      }, every_ms);
    }

    stop() {
      if (this.state === "inactive") return;
      this.state = "inactive";
      clearInterval(this.timer);
      queueMicrotask(() => {
        const late = plan.is_late && !this.isAsked ? [this.place++] : [];
        this.give();
        this.dispatchEvent(new Event("stop"));
        for (const place of late) setTimeout(() => this.give(place), 50);
      });
    }

    requestData() {
      if (this.isAsked) this.give();
    }

    give(place = this.place++) {
      const sizes = [plan.size].flat(); // a test may change it between two recordings
      this.emit(chunk(place, sizes[place % sizes.length]));
    }

    emit(data) {
      const event = new Event("dataavailable");
      event.data = data;
      this.dispatchEvent(event);
    }
  };
})();
