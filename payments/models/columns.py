"""What the tables of money have in common."""


def one_of(column: str, values: tuple[str, ...]) -> str:
    """Return the SQL condition that a column holds one of these words."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"
