"""Adapters of the ports to the browser. Only this package and app/page import js, pyodide or pyscript."""
