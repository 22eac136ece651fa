"""The migrations lead to the tables of the models, back to nothing, and there again."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect

from storage import migrations
from storage.models import Base


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def differences(engine: Engine) -> list[object]:
    """What Alembic would still change, in types and defaults too."""
    options = {"compare_type": True, "compare_server_default": True, "render_as_batch": True}
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, Base.metadata))


def test_up_down_and_up_again(empty_engine: Engine) -> None:
    assert migrations.versions(empty_engine)[0] is None
    for _ in range(2):
        migrations.upgrade(empty_engine)
        current, newest = migrations.versions(empty_engine)
        assert current == newest is not None
        assert tables(empty_engine) == set(Base.metadata.tables)
        migrations.downgrade(empty_engine, "base")
        assert migrations.versions(empty_engine)[0] is None
        assert tables(empty_engine) == set()


def test_the_migrated_database_is_what_the_models_say(empty_engine: Engine) -> None:
    assert differences(empty_engine) != [], "An empty database must differ, or this test compares nothing."
    migrations.upgrade(empty_engine)
    assert differences(empty_engine) == []
    migrations.upgrade(empty_engine)
    assert differences(empty_engine) == []


def test_numbers_of_which_keys_are_made_never_come_again(empty_engine: Engine) -> None:
    if empty_engine.dialect.name != "sqlite":
        return
    migrations.upgrade(empty_engine)
    with empty_engine.connect() as connection:
        made = dict(connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all())
    assert all("AUTOINCREMENT" in made[table] for table in ("updates", "outbox", "web_messages"))
