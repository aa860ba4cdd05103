// PyScript opens IndexedDB before it starts, and where that is blocked (third-party frames, "block site data") it never does.

const PATIENCE_MS = 2000; // a database that neither opens nor fails has been seen; it would hold the page for ever

/** Whether this page can keep a journal in IndexedDB. */
export function probe() {
  return new Promise((resolve) => {
    setTimeout(resolve, PATIENCE_MS, false);
    try {
      const request = indexedDB.open("slipstream-probe");
      request.onsuccess = () => {
        request.result.close();
        indexedDB.deleteDatabase("slipstream-probe");
        resolve(true);
      };
      request.onerror = (event) => {
        event.preventDefault(); // handled: no error in the console
        resolve(false);
      };
    } catch {
      resolve(false); // null, or a SecurityError in a sandboxed frame
    }
  });
}

/** Give PyScript an IndexedDB that is always empty: just what its package cache calls. */
export function standIn() {
  const answered = (result) => {
    const request = {};
    queueMicrotask(() => request.onsuccess?.({ target: { result } }));
    return request;
  };
  const store = new Proxy({}, { get: (_, name) => () => answered(name === "getAllKeys" ? [] : undefined) });
  const database = { transaction: () => ({ objectStore: () => store }), close() {} };
  Object.defineProperty(globalThis, "indexedDB", { value: { open: () => answered(database) }, configurable: true });
}
