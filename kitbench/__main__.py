"""`python -m kitbench` is the command `kitbench`."""

from kitbench.command_line import main

if __name__ == "__main__":
    main()
