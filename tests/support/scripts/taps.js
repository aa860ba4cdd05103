// Watches the page from outside, before any of its own code runs, and tells the test what it sees. The page's code is
// not asked: chunks are digested as the recorder emits them, parts are counted as the store acknowledges them.
(() => {
  const tell = (kind, data) => globalThis.slipstreamTap({ kind, ...data });
  const now = () => (performance.timeOrigin + performance.now()) / 1000; // as the fault proxies' logs keep it
  const inFront = () => document.querySelector("[data-question]:not([hidden])")?.dataset.question ?? "";
  const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  document.addEventListener("securitypolicyviolation", (event) =>
    tell("violation", { directive: event.violatedDirective, blocked: event.blockedURI, sample: event.sample }));

  let recorders = 0;
  globalThis.MediaRecorder = class extends MediaRecorder {
    constructor(stream, options) {
      super(stream, options);
      const recorder = `${performance.timeOrigin}/${++recorders}`;
      const track = stream.getVideoTracks().length ? "video" : "audio";
      tell("recorder", { recorder, track, question: inFront(), at: now() });
      let chunks = 0;
      this.addEventListener("dataavailable", async ({ data }) => {
        const place = chunks++;
        tell("chunk", { recorder, place, size: data.size });
        tell("digest", { recorder, place, sha256: hex(await crypto.subtle.digest("SHA-256", await data.arrayBuffer())) });
      });
      this.addEventListener("stop", () => tell("stop", { recorder, chunks }));
    }
  };

  if (navigator.mediaDevices) {
    const getUserMedia = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (constraints) => {
      tell("devices", {});
      return getUserMedia(constraints);
    };
  }

  let puts = 0;
  let acknowledged = 0; // bytes of parts that the store has answered 200 for
  const { open, send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    this.slipstreamUrl = new URL(url, document.baseURI);
    return open.call(this, method, url, ...rest);
  };
  XMLHttpRequest.prototype.send = function (body) {
    const { pathname, searchParams } = this.slipstreamUrl;
    const number = Number(searchParams.get("partNumber")); // 0: a document
    const put = `${performance.timeOrigin}/${++puts}`;
    tell("put", { put, key: pathname, upload: searchParams.get("uploadId") ?? "", number, size: body.size ?? body.byteLength });
    this.addEventListener("load", () => {
      if (number && this.status === 200) acknowledged += body.size;
      tell("reply", { put, status: this.status });
    });
    return send.call(this, body);
  };

  // Every figure that a <progress> ever showed, beside what the store had acknowledged at that moment.
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      if (target.localName !== "progress" || target.closest("#boot, [data-shrinking]")) continue;
      const row = target.dataset.total === undefined
        ? `${target.closest("[data-question]").dataset.question}/${target.closest("[data-track]").dataset.track}`
        : "total";
      tell("shown", { row, value: Number(target.getAttribute("value")), max: Number(target.getAttribute("max")), acknowledged });
    }
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ["value", "max"] });
})();
