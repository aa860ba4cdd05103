"""Start Slipstream: `python serve.py`, or `python serve.py --help`."""

from server.cli.commands import main

if __name__ == "__main__":
    main()
