// Keeps the stream that the page has opened within a test's reach, and when its tracks ended and its recorders stopped.
(() => {
  if (!navigator.mediaDevices) return; // not a secure page: about:blank, say
  globalThis.slipstreamDevices = { stream: null, refuse: "", ended: [], stopped: [] };
  const told = globalThis.slipstreamDevices;
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const [name, message = "no"] = told.refuse.split(": ");
    if (name === "TypeError") throw new TypeError(message);
    if (name === "OverconstrainedError") return open({ video: { deviceId: { exact: "nobody's" } } }); // the browser's own
    if (name) throw new DOMException(message, name);
    told.stream = await open(constraints);
    for (const track of told.stream.getTracks()) track.addEventListener("ended", () => told.ended.push(performance.now()));
    return told.stream;
  };
  const { start } = MediaRecorder.prototype;
  MediaRecorder.prototype.start = function (...given) {
    this.addEventListener("stop", () => told.stopped.push(performance.now()));
    return start.apply(this, given);
  };
  // As the browser does it when a device is unplugged. No fake one can be.
  told.unplug = (kind) => {
    for (const track of told.stream.getTracks().filter((track) => track.kind === kind)) {
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
  };
})();
