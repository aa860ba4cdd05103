// The browser's own MediaRecorder; what it does is noted. Needs marks.js.
(() => {
  const bench = globalThis.slipstreamBench;
  const Native = globalThis.MediaRecorder;
  globalThis.MediaRecorder = class extends Native {
    constructor(...given) {
      super(...given);
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
