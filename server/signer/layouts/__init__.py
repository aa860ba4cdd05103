"""How parts come to be one object: one module a layout."""
