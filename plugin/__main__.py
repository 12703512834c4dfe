"""The plugin, which the engine starts as `python plugin ADDRESS`."""

import sys
from pathlib import Path

# The engine starts this directory as a program, so it is the first entry of the path, and the repository is on none.
sys.path[0] = str(Path(__file__).absolute().parent.parent)

from ops.provider.serve import serve  # noqa: E402

serve(sys.argv[1:])
