"""Drive takes: devices, recorders, chosen files, playback."""
