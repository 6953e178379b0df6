"""`python -m grading`."""

import sys

from grading.command_line import cli
from kitbench.command_line import run

if __name__ == "__main__":
    sys.exit(run(cli))
