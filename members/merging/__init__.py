"""Merging: two records of one person become one, with everything that hangs on either."""
