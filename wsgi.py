"""The front door for any WSGI server: `wsgi:app`."""

import sys

from app import create_app
from config import BadSettings

try:
    app = create_app()
except BadSettings as error:
    print("Groundswell cannot start:", *error.faults, sep="\n  ", file=sys.stderr)  # noqa: T201 -- there is no log yet
    sys.exit(1)
