"""Protecting: the defence of every form that leads to a payment, before Stripe is called.

An attempt is *counted* (`meters`), *weighed* (`weighing`), and where it must, *asked* to prove
itself (`puzzles`, `questions`). What is more than we let through is put aside, and its maker
written to when it is calm (`setting_aside`). `watching` says when everybody is asked.
"""
