// Follows every Blob and object URL of the page by weak references: what is still alive after a collection is held by
// somebody. WeakRefs are only made, never read, before the test asks: reading one keeps its target for a turn.
(() => {
  const blobs = [];
  const urls = new Set();
  const follow = (blob) => (blobs.push(new WeakRef(blob)), blob);
  const { slice } = Blob.prototype;
  Blob.prototype.slice = function (...range) {
    return follow(slice.apply(this, range));
  };
  globalThis.Blob = new Proxy(Blob, { construct: (made, given) => follow(new made(...given)) });
  const { createObjectURL, revokeObjectURL } = URL;
  URL.createObjectURL = (blob) => {
    const url = createObjectURL.call(URL, blob);
    urls.add(url);
    return url;
  };
  URL.revokeObjectURL = (url) => {
    urls.delete(url);
    revokeObjectURL.call(URL, url);
  };
  globalThis.lifetimes = {
    follow,
    seen: () => blobs.length,
    blobs: () => blobs.filter((blob) => blob.deref()).length,
    urls: () => urls.size,
  };
  const recorder = globalThis.MediaRecorder;
  globalThis.MediaRecorder = new Proxy(recorder, {
    construct(made, given) {
      const one = new made(...given);
      one.addEventListener("dataavailable", ({ data }) => void follow(data));
      return one;
    },
  });
  // Rows of the journal hold Blobs that no constructor of the page made.
  const { result } = Object.getOwnPropertyDescriptors(IDBRequest.prototype);
  Object.defineProperty(IDBRequest.prototype, "result", {
    ...result,
    get() {
      const value = result.get.call(this);
      for (const row of Array.isArray(value) ? value : [value]) if (row?.media instanceof Blob) follow(row.media);
      return value;
    },
  });
})();
