"""The statement of a giver's year, to look at and to print."""

from flask import abort, g, render_template

from core.database import reading
from members.self_service.views import bp
from payments.monthly import yearly


@bp.get("/statement/<int:year>")
def statement(year: int) -> str:
    """Show everything that came from the holder's address in a year, and what went back."""
    with reading() as session:
        if year not in yearly.years(session, g.holder):
            abort(404)
        found = yearly.of(session, g.holder, year)
    return render_template("members/statement.html", statement=found)
