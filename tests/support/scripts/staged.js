// A camera before a wall of one grey, and a microphone with a tone: both as bright and loud as the test says.
globalThis.staged = { grey: 0, gain: 0 };
if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas");
  const paint = () => {
    const drawing = canvas.getContext("2d");
    drawing.fillStyle = `rgb(${staged.grey} ${staged.grey} ${staged.grey})`;
    drawing.fillRect(0, 0, canvas.width, canvas.height);
  };
  setInterval(paint, 100);
  const stream = canvas.captureStream(10);
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const gain = audio.createGain();
  setInterval(() => (gain.gain.value = staged.gain), 100);
  const out = audio.createMediaStreamDestination();
  tone.connect(gain).connect(out);
  tone.start();
  stream.addTrack(out.stream.getAudioTracks()[0]);
  return stream;
};
