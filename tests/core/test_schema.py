"""The migrations against the models: what the one makes is what the other says."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect

from core import schema
from core.database import Base, Database
from tests.postgres import owner


def test_the_migrations_make_what_the_models_say(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_check_of_the_models_is_in_the_database(database: Database) -> None:
    inspector = inspect(database.engine)
    for name, table in Base.metadata.tables.items():
        there = {each["name"] for each in inspector.get_check_constraints(name)}
        said = {each.name for each in table.constraints if isinstance(each, CheckConstraint)}
        assert there == said, name


def test_the_newest_migration_can_be_taken_back_and_made_again(database: Database) -> None:
    with owner(database.engine).connect() as connection, connection.begin() as undone:
        config = schema._config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
        assert "outbox_text" not in inspect(connection).get_table_names()
        command.upgrade(config, "head")
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        undone.rollback()
