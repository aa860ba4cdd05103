// Lets a test refuse the journal's chunks as a full disk does. Rows without media are small: those still fit.
(() => {
  globalThis.slipstreamWrites = { chunks: 0, from: Infinity, to: Infinity, refused: 0 }; // refused: the from-th to the to-th
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (row, ...key) {
    const told = globalThis.slipstreamWrites;
    if (this.name === "chunks" && row.media && ++told.chunks >= told.from && told.chunks <= told.to) {
      told.refused++;
      throw globalThis.QuotaExceededError ? new QuotaExceededError("no room") : new DOMException("no room", "QuotaExceededError");
    }
    return put.call(this, row, ...key);
  };
})();
