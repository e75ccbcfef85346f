"""Entering: people who came on paper, or in another organisation's file, and not by the form."""
