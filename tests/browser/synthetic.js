// A camera and a recorder made of noise: as much of it, and as fast, as the test asks for by globalThis.synthetic
// = { size, every_ms, chunks }. Everything behind the recorder is the real page. With `is_late` it ends as Firefox
// sometimes does: an empty chunk, "stop", and only then the last chunk.
(() => {
  const type = globalThis.synthetic.type;
  const noise = (size) => {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65_536, size)));
    return new Blob([bytes], { type });
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
    }

    start() {
      this.state = "recording";
      const { size, every_ms, chunks } = globalThis.synthetic;
      let left = chunks;
      this.timer = setInterval(() => {
        if (left-- > 0) this.emit(noise(size));
        else clearInterval(this.timer);
      }, every_ms);
    }

    stop() {
      if (this.state === "inactive") return;
      this.state = "inactive";
      clearInterval(this.timer);
      const { is_late } = globalThis.synthetic;
      queueMicrotask(() => {
        this.emit(noise(is_late ? 0 : 1_000));
        this.dispatchEvent(new Event("stop"));
        if (is_late) setTimeout(() => this.emit(noise(1_000)), 50);
      });
    }

    requestData() {} // noise is never late

    emit(data) {
      const event = new Event("dataavailable");
      event.data = data;
      this.dispatchEvent(event);
    }
  };
})();
