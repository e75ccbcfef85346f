"""A supporter's own pages, opened by a link sent to their address: what I pay, how, stop it."""
