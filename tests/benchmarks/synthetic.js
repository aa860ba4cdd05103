// Stands in for MediaRecorder: random bytes at exactly `bitsPerSecond` of real time, so that the encoder's processor time
// is out of the picture and every mode records the same. Needs marks.js. With `speed` it gives its chunks so many times as
// often as it is asked to: in a life that runs faster, `bitsPerSecond` is raised by the same factor.
(() => {
  const bench = globalThis.slipstreamBench;

  const Native = globalThis.MediaRecorder;
  globalThis.MediaRecorder = class extends EventTarget {
    static isTypeSupported(type) { return Native.isTypeSupported(type); }

    constructor(stream, options = {}) {
      super();
      this.stream = stream;
      this.mimeType = options.mimeType || "video/webm";
      this.state = "inactive";
    }

    start(timesliceMs) {
      this.state = "recording";
      this.index = bench.recorded.push(0) - 1;
      this.startedAt = performance.now();
      bench.mark("start");
      if (timesliceMs) this.timer = setInterval(() => this.give(), timesliceMs / (bench.speed ?? 1));
    }

    stop() {
      if (this.state === "inactive") return;
      this.state = "inactive";
      clearInterval(this.timer);
      bench.mark("stop");
      setTimeout(() => {
        this.give();
        this.dispatchEvent(new Event("stop"));
      });
    }

    requestData() { this.give(); }

    give() {
      const due = Math.floor(bench.bitsPerSecond / 8 * (performance.now() - this.startedAt) / 1000);
      const bytes = new Uint8Array(due - bench.recorded[this.index]);
      for (let at = 0; at < bytes.length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
      bench.recorded[this.index] = due;
      bench.mark("chunk", bytes.length);
      const event = new Event("dataavailable");
      event.data = new Blob([bytes], { type: this.mimeType });
      this.dispatchEvent(event);
    }
  };
})();
