// What a MediaRecorder really gives: `record` makes one clip and says when each chunk came; `look` plays it.
{
  const SIZE = { width: 640, height: 480, frameRate: 30 };
  let stream = null;
  let clip = null;

  // Firefox takes no film as its camera, and its fake picture hardly moves: a canvas does.
  const drawn = () => {
    const canvas = Object.assign(document.createElement("canvas"), SIZE);
    const tile = Object.assign(document.createElement("canvas"), SIZE);
    const [paint, ink] = [canvas.getContext("2d"), tile.getContext("2d")];
    const noise = ink.createImageData(SIZE.width, SIZE.height);
    noise.data.forEach((_, at) => (noise.data[at] = at % 4 === 3 ? 24 : Math.random() * 255));
    ink.putImageData(noise, 0, 0);
    const draw = (now) => {
      paint.fillStyle = "#567";
      paint.fillRect(0, 0, SIZE.width, SIZE.height);
      paint.fillStyle = "#cba";
      paint.fillRect(220 + 60 * Math.sin(now / 500), 130 + 30 * Math.sin(now / 320), 200, 260);
      paint.drawImage(tile, -Math.random() * 40, -Math.random() * 40, SIZE.width * 1.1, SIZE.height * 1.1);
      requestAnimationFrame(draw);
    };
    requestAnimationFrame(draw);
    return canvas.captureStream(SIZE.frameRate).getVideoTracks();
  };

  const open = async (isDrawn) => {
    const given = await navigator.mediaDevices.getUserMedia({ audio: true, video: isDrawn ? false : SIZE });
    return isDrawn ? new MediaStream([...given.getAudioTracks(), ...drawn()]) : given;
  };

  const asBase64 = (blob) =>
    new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result.slice(reader.result.lastIndexOf(",") + 1));
      reader.readAsDataURL(blob);
    });

  const until = (target, name) =>
    new Promise((resolve, reject) => {
      target.addEventListener(name, resolve, { once: true });
      target.addEventListener("error", () => reject(new Error(name)), { once: true });
      setTimeout(() => reject(new Error(name)), 4000);
    });

  window.record = async ({ type, timesliceMs, askMs, keyMs, rates, forMs, isAudio, isDrawn }) => {
    stream ??= await open(isDrawn);
    if (!MediaRecorder.isTypeSupported(type)) return null;
    const recorded = isAudio ? new MediaStream(stream.getAudioTracks()) : stream;
    const keys = isAudio || !keyMs ? {} : { videoKeyFrameIntervalDuration: keyMs };
    const recorder = new MediaRecorder(recorded, { mimeType: type, ...rates, ...keys });
    const [blobs, chunks] = [[], []];
    let beganAt = 0;
    recorder.addEventListener("start", () => (beganAt = performance.now()));
    recorder.addEventListener("dataavailable", ({ data }) => {
      blobs.push(data);
      chunks.push({ at_s: (performance.now() - beganAt) / 1000, size: data.size });
    });
    const started = until(recorder, "start");
    timesliceMs ? recorder.start(timesliceMs) : recorder.start();
    await started;
    const asking = askMs ? setInterval(() => recorder.requestData(), askMs) : 0;
    await new Promise((resolve) => setTimeout(resolve, forMs));
    clearInterval(asking);
    const stoppedAt = performance.now();
    const stopped = until(recorder, "stop");
    recorder.stop();
    await stopped;
    const late_s = (performance.now() - stoppedAt) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 100)); // a chunk may follow "stop"
    clip = new Blob(blobs, { type: recorder.mimeType || blobs[0].type });
    return { chunks, stop_s: (stoppedAt - beganAt) / 1000, late_s, base64: await asBase64(clip) };
  };

  window.look = async () => {
    const player = Object.assign(document.createElement("video"), { muted: true, src: URL.createObjectURL(clip) });
    const found = { duration_s: null, seeks: false, plays: false };
    try {
      await until(player, "loadeddata");
      await player.play();
      for (let tries = 0; tries < 40 && !found.plays; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        found.plays = player.currentTime > 0.3;
      }
      player.pause();
      found.duration_s = Number.isFinite(player.duration) ? player.duration : null;
      const middle = (found.duration_s ?? 4) / 2;
      player.currentTime = middle;
      await until(player, "seeked");
      found.seeks = found.duration_s !== null && Math.abs(player.currentTime - middle) < 0.1 && player.readyState >= 2;
    } catch {
      // what was found until then is returned
    }
    URL.revokeObjectURL(player.src);
    player.removeAttribute("src");
    return found;
  };
}
