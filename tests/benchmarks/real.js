// The browser's own MediaRecorder; what it does is noted. With `codec` every page records in that one: what they send can
// then be compared. Needs marks.js.
(() => {
  const bench = globalThis.slipstreamBench;
  const Native = globalThis.MediaRecorder;
  globalThis.MediaRecorder = class extends Native {
    static isTypeSupported(type) {
      return Native.isTypeSupported(type) && (!type.startsWith("video/") || type.includes(bench.codec ?? ""));
    }

    constructor(stream, options) {
      super(stream, options ?? (bench.codec && { mimeType: `video/webm;codecs=${bench.codec},opus` }));
      this.addEventListener("dataavailable", ({ data }) => {
        bench.recorded[this.index] += data.size;
        bench.mark("chunk", data.size);
      });
    }

    start(...given) {
      this.index = bench.recorded.push(0) - 1;
      bench.mark("start");
      super.start(...given);
    }

    stop() {
      bench.mark("stop");
      super.stop();
    }
  };
})();
