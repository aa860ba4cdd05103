"""The signer, the object store, and whether either can be reached."""
