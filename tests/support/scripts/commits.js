// Counts the chunks that are in the journal, by the browser's own word: the end of each transaction.
(() => {
  const commits = (globalThis.commits = { chunks: 0, tell: () => {} });
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...given) {
    if (this.name === "chunks") {
      this.transaction.addEventListener("complete", () => {
        commits.chunks++;
        commits.tell();
      });
    }
    return put.apply(this, given);
  };
})();
