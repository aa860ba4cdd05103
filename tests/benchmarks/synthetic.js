// Stands in for MediaRecorder: random bytes at exactly `bitsPerSecond` of real time, so that the encoder's processor time
// is out of the picture and every mode records the same. Also notes when things happen, in milliseconds since 1970.
(() => {
  const bench = globalThis.slipstreamBench;
  bench.marks = [];
  bench.recorded = []; // bytes, by recording
  const mark = (name, size = 0) => bench.marks.push([name, performance.timeOrigin + performance.now(), size]);
  performance.setResourceTimingBufferSize(10_000);

  addEventListener("click", (event) => {
    const action = event.target.closest?.("[data-action]")?.dataset.action;
    if (action) mark(`click ${action}`);
  }, true);

  bench.requests = () => performance.getEntriesByType("resource").map((entry) => {
    const url = new URL(entry.name); // the query signs: of it only the part's number is told
    const part = url.searchParams.get("partNumber");
    const origin = performance.timeOrigin;
    return [url.pathname + (part ? ` part ${part}` : ""), origin + entry.startTime, origin + entry.responseEnd];
  });

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
      mark("start");
      if (timesliceMs) this.timer = setInterval(() => this.give(), timesliceMs);
    }

    stop() {
      if (this.state === "inactive") return;
      this.state = "inactive";
      clearInterval(this.timer);
      mark("stop");
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
      mark("chunk", bytes.length);
      const event = new Event("dataavailable");
      event.data = new Blob([bytes], { type: this.mimeType });
      this.dispatchEvent(event);
    }
  };
})();
