"""``python -m todoku`` is ``todoku``."""

from todoku.cli.main import main

if __name__ == "__main__":
    main()
