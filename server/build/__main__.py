"""`python -m server.build`: bring static/vendor/ up to date.

With `--smallest`: as small as possible, for a server that candidates reach over the internet.
With `--files`: rewrite [files] in pyscript.toml, and build nothing.
With `--messages`: bring the catalogues of static/locales/ up to date with the sources, and build nothing.
"""

import sys
from pathlib import Path

from server.build import BuildError, build
from server.build.messages import update_all
from server.build.pageconfig import write_files
from server.build.precompress import QUICK, SMALLEST

ROOT = Path(__file__).parents[2]


def main() -> int:
    if sys.argv[1:] == ["--files"]:
        write_files(ROOT)
        return 0
    if sys.argv[1:] == ["--messages"]:
        update_all(ROOT)
        return 0
    try:
        build(ROOT, quality=SMALLEST if "--smallest" in sys.argv[1:] else QUICK)
    except BuildError as error:
        print(f"The page's runtime could not be built: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
