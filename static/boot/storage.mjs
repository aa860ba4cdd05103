// What this browser keeps for the page: whether it can keep anything, and its own name, by which the signer tells the
// devices apart that open one launch URL. The name is in IndexedDB, as the journal is: a killed browser loses what
// localStorage got in the last seconds. The ticket of a page is in the state of its entry in the tab's history: a reload,
// "back" and a restored tab find it, and other tabs do not.

const DEVICE = "slipstream-device";
const STORE = "device";
const KEY = "name";
// A database that neither opens nor fails has been seen; it would hold the page for ever. Patience is counted in turns of
// the event loop: on a slow device the page is so busy at its start that a single timer ends before the database is heard.
const TURNS = 40;
const TURN_MS = 100;

const database = open(DEVICE, 1, (made) => made.createObjectStore(STORE));

/** Whether this page can keep a journal in IndexedDB: blocked in some third-party frames, and by "block site data". */
export const probe = async () => (await database) !== null;

/** This browser's name, 32 hexadecimal digits, created once and kept; without storage, a name for this tab. */
export const deviceName = (async () => {
  const opened = await database;
  if (!opened) return ofThisTab();
  try {
    return await kept(opened);
  } catch {
    return ofThisTab();
  } finally {
    opened.close();
  }
})();

/** The ticket that this page was opened with; "" if there is none, or it is still in the address. */
export const keptTicket = () => history.state?.ticket ?? "";

/** Keep a ticket for reloads of this page, "": none, and put `address` (path, query, fragment) into the address bar. */
export const keepTicket = (ticket, address) => history.replaceState(ticket ? { ticket } : null, "", address);

/** Whether an earlier visit has left anything in the journal of `name` (app/browser/storage/row_store.py). */
export async function hasRows(name) {
  const opened = await open(name, undefined, (_, request) => request.transaction.abort()); // it is not ours to create
  if (!opened) return false;
  try {
    const stores = [...opened.objectStoreNames];
    if (!stores.length) return false;
    const transaction = opened.transaction(stores);
    const own = IDBKeyRange.bound("/", "0", false, true); // the page's own texts, which hold nothing of an answer
    const kept = stores.map((store) => transaction.objectStore(store));
    const counts = await Promise.all(kept.map((store) => result(store.count())));
    const owned = await Promise.all(kept.map((store) => result(store.count(own))));
    return counts.some((count, place) => count > owned[place]);
  } finally {
    opened.close();
  }
}

/** Open a database; null where that fails. */
function open(name, version, upgrade) {
  return new Promise((resolve) => {
    patience().then(() => resolve(null));
    try {
      const request = indexedDB.open(name, version);
      request.onupgradeneeded = () => upgrade(request.result, request);
      request.onsuccess = () => resolve(request.result);
      request.onerror = (event) => {
        event.preventDefault(); // handled: no error in the console
        resolve(null);
      };
    } catch {
      resolve(null); // null, or a SecurityError in a sandboxed frame
    }
  });
}

async function patience() {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setTimeout(resolve, TURN_MS));
}

const result = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = (event) => {
      event.preventDefault();
      reject(request.error);
    };
  });

/** One transaction: of two tabs that begin at once, the second finds the name that the first has written. */
async function kept(opened) {
  const transaction = opened.transaction(STORE, "readwrite", { durability: "strict" });
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  done.catch(() => {}); // where `result` has failed before
  const store = transaction.objectStore(STORE);
  let name = await result(store.get(KEY));
  if (name === undefined) {
    name = fresh();
    await result(store.put(name, KEY));
  }
  await done;
  return name;
}

/** A name that survives a reload; a new one each time if sessionStorage is not available either. */
function ofThisTab() {
  try {
    const name = sessionStorage.getItem(DEVICE) ?? fresh();
    sessionStorage.setItem(DEVICE, name);
    return name;
  } catch {
    return fresh();
  }
}

const fresh = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Give PyScript an IndexedDB that is always empty: just what its package cache calls. */
export function standIn() {
  const answered = (found) => {
    const request = {};
    queueMicrotask(() => request.onsuccess?.({ target: { result: found } }));
    return request;
  };
  const store = new Proxy({}, { get: (_, name) => () => answered(name === "getAllKeys" ? [] : undefined) });
  const empty = { transaction: () => ({ objectStore: () => store }), close() {} };
  Object.defineProperty(globalThis, "indexedDB", { value: { open: () => answered(empty) }, configurable: true });
}
