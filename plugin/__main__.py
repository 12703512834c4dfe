"""What the engine starts as `python plugin ADDRESS`: it makes the components for programs of others, until it is ended."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).absolute().parent.parent)  # this repository

from ops.provider.serve import serve  # noqa: E402

serve(sys.argv[1:])
