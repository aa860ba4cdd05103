"""IndexedDB, Web Locks and the device's id."""
