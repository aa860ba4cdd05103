"""The real ends of the ports. With app/page, the only place that imports js, pyodide or pyscript."""
