"""The device test: choose, see, hear and try camera and microphone."""
