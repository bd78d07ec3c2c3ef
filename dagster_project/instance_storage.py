"""The SQLite storage of a deployment's Dagster instance, faster where a run covers many days.

Belongs here: how Dagster's own storage reaches its files. Does not belong here: the instance's
folder (`dagster_project.instance`) and its settings, `instance.yaml`, which name this class.

Dagster tells each partition of a run twice (planned, materialised) and opens and closes the index
of its event log two to three times for each: a year of one asset is 364 days and takes 12 seconds.
With the connection to the index kept open it takes 6. The logs of single runs stay as they are: the
UI notices new events by their files being closed.

Dagster offers no setting for this, so it stands on internals of the pinned minor version, and the
files are Dagster's own: without the block `storage` in `dagster.yaml` its usual storage reads on.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy
from dagster._core.storage.event_log.sqlite.sqlite_event_log import (
    INDEX_SHARD_NAME,
    SqliteEventLogStorage,
)
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData


class OpenIndexEventLogStorage(SqliteEventLogStorage):
    """Dagster's event log in SQLite, whose index stays open."""

    @functools.cached_property
    def _index_engine(self) -> sqlalchemy.Engine:
        engine = sqlalchemy.create_engine(
            self.conn_string_for_shard(INDEX_SHARD_NAME),
            connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS},
        )
        # Another process may have made the file and not its tables yet.
        self._initdb(engine)
        return engine

    @contextmanager
    def index_connection(self) -> Iterator[sqlalchemy.Connection]:
        """Begin a transaction on the index; the lock lets one thread in at a time."""
        with self._db_lock, self._index_engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Stop watching files, and close the index."""
        super().dispose()
        if "_index_engine" in self.__dict__:
            self._index_engine.dispose()


class OpenIndexSqliteStorage(DagsterSqliteStorage):
    """Dagster's SQLite storage, with the event log above; its files are the same."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None):
        """Put the event log in the place of the usual one.

        Args:
            base_dir: The instance's folder.
            inst_data: What Dagster read of this class in the settings.
        """
        super().__init__(base_dir, inst_data=inst_data)
        usual = self._event_log_storage
        self._event_log_storage = OpenIndexEventLogStorage(usual._base_dir)
        usual.dispose()

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData, config_value: Any
    ) -> "OpenIndexSqliteStorage":
        """Make the storage that the instance's settings ask for."""
        return cls.from_local(inst_data=inst_data, **config_value)
