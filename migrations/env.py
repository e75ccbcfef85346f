"""Alembic's way in: the connection is handed over by `core.schema`.

On PostgreSQL the policies are made to agree with `walls.py` afterwards, and the service's role,
where there is one beside the owner's, is given its rights.
"""

from alembic import context

from core import row_security
from core.database import Base
from migrations.walls import WALLS

connection = context.config.attributes["connection"]
service = context.config.attributes.get("service")
on_postgres = connection.dialect.name == "postgresql"
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    if on_postgres:  # the owner is held to the policies too, and migrates the rows of everybody
        connection.exec_driver_sql("SELECT set_config('groundswell.scope', 'everything', true)")
    context.run_migrations()
    if (
        on_postgres
        and connection.exec_driver_sql("SELECT to_regprocedure('scope_is_everything()')").scalar()
    ):
        row_security.build(connection, WALLS)
    if on_postgres and service:
        row_security.grant(connection, service)
