// Tells the outside, as it happens, what left the recorder and what the journal has: a killed page cannot be asked.
(() => {
  const now = () => (performance.timeOrigin + performance.now()) / 1000;
  const tell = (kind) => void globalThis.slipstreamWitness({ kind, at: now() });
  globalThis.MediaRecorder = class extends MediaRecorder {
    constructor(...given) {
      super(...given);
      this.addEventListener("dataavailable", () => tell("given"));
    }

    start(...given) {
      super.start(...given);
      tell("started");
    }

    stop() {
      if (this.state !== "inactive") tell("stopped");
      super.stop();
    }
  };
  commits.tell = () => tell("committed");
})();
