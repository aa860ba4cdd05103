// What `applyConstraints` in mid-recording does to a MediaRecorder's bytes.
{
  let stream = null;

  const asBase64 = (blob) =>
    new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result.slice(reader.result.lastIndexOf(",") + 1));
      reader.readAsDataURL(blob);
    });
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  // Record `beforeMs`, apply `constraints` to the picture, and record `afterMs` more; the bytes come with their times.
  window.constrain = async ({ type, bitsPerSecond, beforeMs, afterMs, size, constraints }) => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: size });
    if (!MediaRecorder.isTypeSupported(type)) return null;
    const [track] = stream.getVideoTracks();
    const recorder = new MediaRecorder(stream, {
      mimeType: type, videoBitsPerSecond: bitsPerSecond, audioBitsPerSecond: 128_000, videoKeyFrameIntervalDuration: 400,
    });
    const chunks = [];
    recorder.addEventListener("dataavailable", ({ data }) => chunks.push({ at: performance.now(), data }));
    recorder.start(250);
    await pause(beforeMs);
    const changedAt = performance.now();
    await track.applyConstraints(constraints);
    await pause(afterMs);
    const { width, height, frameRate } = track.getSettings();
    const stopped = new Promise((resolve) => recorder.addEventListener("stop", resolve, { once: true }));
    recorder.stop();
    await stopped;
    await pause(100);
    return {
      settings: { width, height, frameRate },
      chunks: chunks.map(({ at, data }) => ({ at_s: (at - changedAt) / 1000, size: data.size })),
      base64: await asBase64(new Blob(chunks.map(({ data }) => data))),
    };
  };
}
