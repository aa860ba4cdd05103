"""The device test: choose camera and microphone, see and hear them, make a test recording."""
