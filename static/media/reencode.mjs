// A chosen video encoded again, to be smaller. It is read, encoded and handed on piece by piece, each when the one before
// has been taken: neither the video nor the result is ever whole in memory.
import { runtime } from "../boot/addresses.mjs";
import { scaler } from "./scale.mjs";

const READ_BYTES = 4 * 1024 * 1024; // of the file, kept for the demuxer

// Best first, as the browser itself records: Firefox encodes H.264 too, but with pictures out of order (B-frames), and
// players disagree by two pictures about when such a fragmented file begins: it would be out of step in some.
const FORMATS = [
  { contentType: "video/mp4", recorded: "video/mp4;codecs=avc1.42E01F", video: "avc", audio: ["aac", "opus"] },
  { contentType: "video/webm", recorded: "video/webm;codecs=vp8", video: "vp8", audio: ["opus"] },
];

let bunny = null; // mediabunny; null: not loaded yet

async function load() {
  if (bunny) return;
  bunny = await import(runtime("mediabunny.mjs"));
  bunny.registerVideoSampleTransformer(scaler(bunny.VideoSample));
}

/** One video on its way. `bounds` as in app/core/recording/shrink_rules.py. */
export class Reencoding {
  progress = 0; // 0 to 1
  contentType = ""; // known with the first piece
  #pieces = new TransformStream(undefined, { highWaterMark: 1 }, { highWaterMark: 0 });
  #reader = this.#pieces.readable.getReader();
  #conversion = null;
  #input = null;
  #isClosed = false;
  #whole; // the run: fulfilled once all of the film is handed on
  #failed; // rejects with the run, and is never fulfilled

  constructor(file, bounds) {
    this.#whole = this.#run(file, bounds);
    this.#failed = this.#whole.then(() => new Promise(() => {}));
    this.#failed.catch(() => {}); // `next` rejects with it
  }

  /** The next piece, a Blob; null behind the last one. Rejects if the video cannot be decoded or encoded. */
  async next() {
    const { done, value } = await Promise.race([this.#reader.read(), this.#failed]);
    if (!done) return new Blob([value], { type: this.contentType });
    await this.#whole; // a run that fails closes the pieces too, and before that is known: half a film is no film
    return null;
  }

  /** Stop, and release everything. May be called twice. */
  close() {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // A conversion that waits for its piece to be taken ends only if somebody takes it.
    this.#reader.cancel().catch(() => {});
    if (this.#conversion?.state === "executing") this.#conversion.cancel().catch(() => {});
    this.#input?.dispose();
  }

  async #run(file, bounds) {
    if (typeof VideoEncoder !== "function" || typeof VideoDecoder !== "function") throw new Error("no WebCodecs");
    await load();
    if (this.#isClosed) return;
    // Not by `blob.stream()`: a browser may read far ahead of who reads from it.
    const source = new bunny.BlobSource(file, { maxCacheSize: READ_BYTES, useStreamReader: false });
    this.#input = new bunny.Input({ source, formats: [bunny.MP4, bunny.QTFF, bunny.WEBM, bunny.MATROSKA] });
    const [video, audio] = [await this.#input.getPrimaryVideoTrack(), await this.#input.getPrimaryAudioTrack()];
    if (!video) throw new Error("no picture");
    if (await isTransparent(video)) throw new Error("a transparent picture");
    const picture = await pictureOf(video, bounds);
    const format = await formatFor(picture, bounds.video_bits_per_second);
    this.contentType = format.contentType;
    this.#conversion = await bunny.Conversion.init({
      input: this.#input,
      output: new bunny.Output({
        format: containerOf(format),
        target: new bunny.AppendOnlyStreamTarget(this.#pieces.writable),
      }),
      tracks: "primary",
      video: { codec: format.video, quality: format.quality, keyFrameInterval: 2, ...picture },
      audio: audio ? await soundOf(audio, format, bounds) : {},
      tags: {}, // not the place where it was filmed, nor the telephone's name
      showWarnings: false,
    });
    const lost = this.#conversion.discardedTracks.map(({ track, reason }) => `${track.type}: ${reason}`);
    if (lost.length) throw new Error(lost.join(", "));
    if (this.#isClosed) return;
    this.#conversion.onProgress = (share) => {
      this.progress = share;
    };
    await this.#conversion.execute();
    this.#input.dispose();
  }
}

/** No camera films so; a drawing on a canvas may be. It would need workers, which our Content-Security-Policy denies. */
async function isTransparent(video) {
  const first = await new bunny.EncodedPacketSink(video).getFirstPacket();
  return Boolean(first?.sideData.alpha);
}

/** Size and frame rate for the encoder; what is within bounds already stays. */
async function pictureOf(video, bounds) {
  const [width, height] = [await video.getDisplayWidth(), await video.getDisplayHeight()];
  const scale = Math.min(1, bounds.side_px / Math.max(width, height));
  const even = (side) => Math.max(2, Math.round((side * scale) / 2) * 2); // encoders take even sides alone
  const { averagePacketRate } = await video.computePacketStats(100);
  const size = { width: even(width), height: even(height), fit: "fill" };
  // A telephone's 30 frames a second are 29.97 or 30.02: only what is clearly more is thinned out.
  const rate = averagePacketRate > bounds.frames_per_second * 1.05 ? { frameRate: bounds.frames_per_second } : {};
  return { ...size, ...rate };
}

/** Sound that is small already is copied: nothing is better in step than what was not touched. */
async function soundOf(audio, format, bounds) {
  const codec = await audio.getCodec();
  const { averageBitrate } = await audio.computePacketStats(200);
  if (format.audio.includes(codec) && averageBitrate <= bounds.audio_bits_per_second * 1.5) return {};
  const asked = {
    bitrate: bounds.audio_bits_per_second,
    numberOfChannels: await audio.getNumberOfChannels(),
    sampleRate: await audio.getSampleRate(),
  };
  const encodable = await bunny.getFirstEncodableAudioCodec(format.audio, asked);
  return { codec: encodable ?? format.audio.at(-1), bitrate: bounds.audio_bits_per_second, forceTranscode: true };
}

/** The first format that this browser encodes. A rate that an encoder keeps is better: the file must fit its limit. */
async function formatFor({ width, height }, bitrate) {
  for (const format of FORMATS.filter(({ recorded }) => MediaRecorder.isTypeSupported(recorded))) {
    for (const bitrateMode of ["constant", "variable"]) {
      const quality = new bunny.Quality({ bitrate, bitrateMode });
      if (await bunny.canEncodeVideo(format.video, { width, height, quality })) return { ...format, quality };
    }
  }
  throw new Error("no encoder");
}

/** Both are only ever appended to. */
function containerOf({ contentType }) {
  if (contentType === "video/webm") return new bunny.WebMOutputFormat({ appendOnly: true });
  return new bunny.Mp4OutputFormat({ fastStart: "fragmented", minimumFragmentDuration: 1 });
}
