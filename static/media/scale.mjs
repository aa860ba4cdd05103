// Makes decoded pictures smaller, and turns them upright, plane by plane. A canvas would do it too: measured in Chromium
// 156 without a graphics card, 1080p to 720p, it needs five times as long and holds 500 MB.

const FORMATS = { I420: 3, NV12: 2 }; // planes; decoders give 8-bit video in one of them

/** For mediabunny's `registerVideoSampleTransformer`: null leaves the picture to a canvas. */
export const scaler = (VideoSample) => async (sample, { width, height, fit, rotation, flip, crop }) => {
  const source = { width: sample.visibleRect.width, height: sample.visibleRect.height };
  const [upright, uprightHeight] = rotation % 180 ? [crop.height, crop.width] : [crop.width, crop.height];
  const isWhole = upright === sample.squarePixelWidth && uprightHeight === sample.squarePixelHeight;
  if (!(sample.format in FORMATS) || flip || fit !== "fill" || !isWhole || width % 2 || height % 2) return null;
  const bytes = taken(sample.allocationSize());
  const layout = await sample.copyTo(bytes);
  const scaled = new Uint8Array(width * height * 1.5);
  for (const plane of planesOf(sample.format, layout, source, width, height)) scale(bytes, scaled, plane, rotation);
  spare.push(bytes.buffer);
  return new VideoSample(scaled, {
    format: "I420",
    codedWidth: width,
    codedHeight: height,
    timestamp: sample.timestamp,
    duration: sample.duration,
    colorSpace: sample.colorSpace.toJSON(),
  });
};

// What a picture was copied to serves for the next one of its size: garbage of this size is collected late.
const spare = [];

function taken(size) {
  const buffer = spare.pop();
  return new Uint8Array(buffer?.byteLength === size ? buffer : size);
}

/** Where each of the three planes is, and where it goes. */
function* planesOf(format, layout, source, width, height) {
  const half = { width: Math.ceil(source.width / 2), height: Math.ceil(source.height / 2) };
  const [quarter, start] = [(width * height) / 4, width * height];
  const luma = { ...source, from: layout[0].offset, row: layout[0].stride, step: 1 };
  yield { ...luma, to: 0, toWidth: width, toHeight: height };
  for (const place of [0, 1]) {
    const chroma =
      format === "I420"
        ? { from: layout[1 + place].offset, row: layout[1 + place].stride, step: 1 }
        : { from: layout[1].offset + place, row: layout[1].stride, step: 2 };
    yield { ...half, ...chroma, to: start + place * quarter, toWidth: width / 2, toHeight: height / 2 };
  }
}

/** Average the pixels under each new one. First down the columns into one row of sums, then along that row. */
function scale(source, target, plane, rotation) {
  const isTurned = rotation % 180 !== 0;
  const [width, height] = isTurned ? [plane.toHeight, plane.toWidth] : [plane.toWidth, plane.toHeight];
  const { start, right, down } = turned(rotation, plane.toWidth, plane.toHeight);
  const [columns, rows] = [shares(plane.width, width), shares(plane.height, height)];
  const sums = new Float32Array(plane.width + columns.taps); // behind the row, shares are 0
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let tap = 0; tap < rows.taps; tap += TAPS) addRows(source, sums, plane, rows, y, tap);
    addColumns(sums, target, columns, plane.to + start + y * down, right);
  }
}

// Both loops take TAPS pixels at once, written out: they are most of the work, and a loop inside costs twice as much.
const TAPS = 4;

function addRows(source, sums, { from, row, step, width, height }, { first, weights, taps }, y, tap) {
  const at = (place) => from + Math.min(first[y] + tap + place, height - 1) * row;
  const [a, b, c, d] = [at(0), at(1), at(2), at(3)];
  const share = y * taps + tap;
  const [ofA, ofB, ofC, ofD] = [weights[share], weights[share + 1], weights[share + 2], weights[share + 3]];
  if (ofC === 0 && ofD === 0) {
    for (let x = 0, by = 0; x < width; x++, by += step) sums[x] += source[a + by] * ofA + source[b + by] * ofB;
    return;
  }
  for (let x = 0, by = 0; x < width; x++, by += step) {
    sums[x] += source[a + by] * ofA + source[b + by] * ofB + source[c + by] * ofC + source[d + by] * ofD;
  }
}

function addColumns(sums, target, { first, weights, taps }, start, right) {
  for (let x = 0, at = start, share = 0; x < first.length; x++, at += right) {
    let sum = 0.5; // rounds
    for (let place = first[x], end = share + taps; share < end; share += TAPS, place += TAPS) {
      sum +=
        sums[place] * weights[share] +
        sums[place + 1] * weights[share + 1] +
        sums[place + 2] * weights[share + 2] +
        sums[place + 3] * weights[share + 3];
    }
    target[at] = sum;
  }
}

/** Where the first pixel goes, and how far it is from there to its right and its lower neighbour. */
function turned(rotation, width, height) {
  switch (rotation) {
    case 90:
      return { start: width - 1, right: width, down: -1 };
    case 180:
      return { start: width * height - 1, right: -1, down: -width };
    case 270:
      return { start: width * (height - 1), right: -width, down: 1 };
    default:
      return { start: 0, right: 1, down: width };
  }
}

const known = new Map();

/** Which old pixels lie under each new one, and with which share of it; along one axis. */
function shares(from, to) {
  const name = `${from}/${to}`;
  if (!known.has(name)) known.set(name, sharesOf(from, to));
  return known.get(name);
}

function sharesOf(from, to) {
  const ratio = from / to;
  const taps = Math.ceil((Math.ceil(ratio) + 1) / TAPS) * TAPS;
  const [first, weights] = [new Int32Array(to), new Float32Array(to * taps)];
  for (let place = 0; place < to; place++) {
    const [begins, ends] = [place * ratio, Math.min((place + 1) * ratio, from)];
    first[place] = Math.floor(begins);
    for (let old = first[place]; old < Math.ceil(ends - 1e-6); old++) {
      weights[place * taps + old - first[place]] = (Math.min(old + 1, ends) - Math.max(old, begins)) / (ends - begins);
    }
  }
  return { first, weights, taps };
}
