// Record the fake camera and microphone, or the microphone alone, as a page does; return the file in base64.
async ([type, seconds]) => {
  const video = type.startsWith("video") && {width: 320, height: 240};
  const stream = await navigator.mediaDevices.getUserMedia({video, audio: true});
  const recorder = new MediaRecorder(stream, {mimeType: type, videoBitsPerSecond: 400_000});
  const chunks = [];
  recorder.ondataavailable = (event) => chunks.push(event.data);
  recorder.start(250);
  await new Promise((done) => setTimeout(done, seconds * 1000));
  await new Promise((done) => { recorder.onstop = done; recorder.stop(); });
  for (const track of stream.getTracks()) track.stop();
  const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
}
