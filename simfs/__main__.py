"""`python -m simfs` works where scripts are not on the PATH."""

from simfs.cli import main

if __name__ == "__main__":
    main(prog_name="simfs")
