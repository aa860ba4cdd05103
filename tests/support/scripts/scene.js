// A drawn candidate in place of the camera, and a voice that rises and falls in place of the microphone: pictures of the
// page shall look as it does for a person. The recorder behind it is the browser's own.
(() => {
  const paint = (canvas) => {
    const pen = canvas.getContext("2d");
    const fill = (colour, draw) => { pen.fillStyle = colour; pen.beginPath(); draw(); pen.fill(); };
    const wall = pen.createLinearGradient(0, 0, 1280, 720);
    wall.addColorStop(0, "#e9ded0");
    wall.addColorStop(1, "#cdb9a0");
    fill(wall, () => pen.rect(0, 0, 1280, 720));
    fill("#fdfdfb", () => pen.roundRect(120, 90, 300, 330, 8));
    for (const [x, y] of [[136, 106], [276, 106], [136, 262], [276, 262]]) fill("#a9cfe0", () => pen.rect(x, y, 128, 142));
    fill("#8a6a4d", () => pen.rect(900, 210, 270, 14));
    [["#3d4f6d", 86], ["#d8a23c", 72], ["#b4503c", 92], ["#2b706f", 80]].forEach(([colour, high], place) =>
      fill(colour, () => pen.rect(930 + place * 30, 210 - high, 24, high)));
    fill("#6a9968", () => pen.arc(1110, 165, 40, 0, 7));
    fill("#b4503c", () => pen.rect(1088, 178, 44, 32));
    fill("#2c5b6b", () => pen.ellipse(640, 740, 320, 270, 0, 0, 7)); // shoulders
    fill("#f4f0ea", () => { pen.moveTo(560, 480); pen.lineTo(720, 480); pen.lineTo(640, 590); });
    fill("#b97b58", () => pen.roundRect(590, 400, 100, 130, 40)); // neck
    fill("#35281f", () => pen.ellipse(640, 268, 146, 178, 0, 0, 7)); // hair
    fill("#cf9269", () => pen.ellipse(640, 300, 118, 156, 0, 0, 7)); // face
    fill("#35281f", () => pen.ellipse(640, 168, 124, 62, 0, 0, 7));
    fill("#1d1512", () => { pen.ellipse(594, 290, 10, 13, 0, 0, 7); pen.ellipse(686, 290, 10, 13, 0, 0, 7); });
    pen.lineWidth = 7;
    pen.lineCap = "round";
    pen.strokeStyle = "#35281f";
    for (const x of [594, 686]) { pen.beginPath(); pen.arc(x, 286, 34, 3.9, 5.5); pen.stroke(); }
    pen.strokeStyle = "#8f3f36";
    pen.beginPath();
    pen.arc(640, 352, 44, 0.5, 2.64);
    pen.stroke();
    return pen;
  };

  const camera = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [1280, 720];
    const pen = paint(canvas);
    setInterval(() => { // a camera never gives the same frame twice
      pen.fillStyle = `rgb(233 222 208 / ${Math.random() / 50})`;
      pen.fillRect(Math.random() * 1200, Math.random() * 60, 80, 20);
    }, 66);
    canvas.style.cssText = "position: fixed; inline-size: 2px; block-size: 2px; opacity: 0.01; pointer-events: none";
    document.documentElement.append(canvas); // one that is not in the page gives black to whoever looks out of sight
    return canvas.captureStream(15).getVideoTracks();
  };

  const microphone = () => {
    const context = new AudioContext();
    const voice = new OscillatorNode(context, { frequency: 180, type: "sawtooth" });
    const loudness = new GainNode(context, { gain: 0.16 });
    const swing = new OscillatorNode(context, { frequency: 0.7 });
    const depth = new GainNode(context, { gain: 0.05 });
    const out = context.createMediaStreamDestination();
    swing.connect(depth).connect(loudness.gain);
    voice.connect(loudness).connect(out);
    voice.start();
    swing.start();
    return out.stream.getAudioTracks();
  };

  if (!navigator.mediaDevices) return;
  const devices = [
    ["videoinput", "c1", "Integrated Camera"], ["videoinput", "c2", "Desk camera"],
    ["audioinput", "m1", "Built-in Microphone"], ["audioinput", "m2", "Headset"],
  ].map(([kind, deviceId, label]) => ({ kind, deviceId, label, groupId: "" }));
  navigator.mediaDevices.enumerateDevices = async () => devices;
  MediaStreamTrack.prototype.getSettings = function () { return { deviceId: this.kind === "video" ? "c1" : "m1" }; };
  navigator.mediaDevices.getUserMedia = async ({ video, audio }) =>
    new MediaStream([...(video ? camera() : []), ...(audio ? microphone() : [])]);
})();
