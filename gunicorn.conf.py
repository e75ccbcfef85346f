"""How gunicorn serves `wsgi:app`; read by gunicorn itself. Its command line overrules it.

The application is made once, before any worker: a bad setting ends the start at once with its
faults, instead of workers that die and are started again for ever.
"""

import gc

preload_app = True
threads = 32  # one that waits for a slow body must not keep the others from being served
graceful_timeout = 10
# Its own warnings quote requests as they came, and so whatever was typed.
loglevel = "error"
# Where an access log is wanted: the path alone, since a query may hold a postcode.
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(B)s %(M)sms"


def pre_fork(_server: object, _worker: object) -> None:
    """Leave what was made before the workers out of their rounds of garbage collection.

    It lasts as long as they do: going through all of it again and again, some hundred thousand
    objects, took a tenth of their time, and gave each a copy of pages that they share.
    """
    gc.freeze()
