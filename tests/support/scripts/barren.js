// A recorder that promises the first `globalThis.barren` formats it is asked for, and then gives no byte in them.
(() => {
  const asked = (globalThis.askedFormats = []);
  globalThis.MediaRecorder = class extends MediaRecorder {
    constructor(stream, options) {
      super(stream, options);
      if (!asked.includes(options.mimeType)) asked.push(options.mimeType);
      if (asked.indexOf(options.mimeType) >= globalThis.barren) return;
      this.addEventListener("dataavailable", (event) => event.data.size && event.stopImmediatePropagation());
    }
  };
})();
