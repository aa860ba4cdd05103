// A camera like a phone's: what it gives changes its size once the page is told that the phone is turned.
const open = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
if (open) navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [640, 360];
  globalThis.turn = () => ([canvas.width, canvas.height] = [canvas.height, canvas.width]);
  let frame = 0;
  setInterval(() => {
    const drawing = canvas.getContext("2d");
    drawing.fillStyle = `hsl(${frame * 7} 80% 60%)`;
    drawing.fillRect(0, 0, canvas.width, canvas.height);
    drawing.fillStyle = "black";
    drawing.fillRect((frame++ * 9) % canvas.width, 40, 80, 80);
  }, 50);
  const stream = canvas.captureStream(20);
  stream.addTrack((await open({ audio: true })).getAudioTracks()[0]);
  return stream;
};
