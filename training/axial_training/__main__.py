"""Command line: `python -m axial_training COMMAND`."""

from axial_training.command_line import main

if __name__ == "__main__":
    main()
