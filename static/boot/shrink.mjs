// A zip archive without some of its files. The offsets are those of PKWARE's APPNOTE.TXT: 4.3.7 (the header before a
// file), 4.3.12 (an entry of the directory), 4.3.16 (the end of it).

const FILE = 30; // bytes of a header without name and extra field
const ENTRY = 46;
const END = 22; // the build writes no comment behind it

/** Return `archive` (a Uint8Array whose files are stored, not deflated) without the files of these names. */
export function without(names, archive) {
  const dropped = new Set(names);
  const from = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = archive.length - END;
  const [files, entries] = [[], []];
  let size = 0;
  for (let at = from.getUint32(end + 16, true), left = from.getUint16(end + 10, true); left; left--) {
    const [named, extra, comment] = [28, 30, 32].map((field) => from.getUint16(at + field, true));
    const entry = archive.slice(at, at + ENTRY + named + extra + comment);
    at += entry.length;
    if (dropped.has(new TextDecoder().decode(entry.subarray(ENTRY, ENTRY + named)))) continue;
    const view = new DataView(entry.buffer);
    const start = view.getUint32(42, true);
    const header = FILE + from.getUint16(start + 26, true) + from.getUint16(start + 28, true);
    const file = archive.subarray(start, start + header + view.getUint32(20, true));
    view.setUint32(42, size, true);
    size += file.length;
    files.push(file);
    entries.push(entry);
  }
  const last = archive.slice(end);
  const view = new DataView(last.buffer);
  for (const field of [8, 10]) view.setUint16(field, entries.length, true);
  view.setUint32(12, entries.reduce((sum, entry) => sum + entry.length, 0), true);
  view.setUint32(16, size, true);
  return joined([...files, ...entries, last]);
}

function joined(pieces) {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
