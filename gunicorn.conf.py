"""How gunicorn serves `wsgi:app`; read by gunicorn itself. Its command line overrules it.

The application is made once, before any worker: a bad setting ends the start at once with its
faults, instead of workers that die and are started again for ever.
"""

preload_app = True
threads = 32  # one that waits for a slow body must not keep the others from being served
graceful_timeout = 10
# Its own warnings quote requests as they came, and so whatever was typed.
loglevel = "error"
# Where an access log is wanted: the path alone, since a query may hold a postcode.
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(B)s %(M)sms"
