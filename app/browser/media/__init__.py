"""Camera, microphone, MediaRecorder, blobs and chosen files."""
