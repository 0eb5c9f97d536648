"""The queue of several processes: the tables of procrastinate, on PostgreSQL alone.

Their SQL lies beside this file as released: asked of the installed package, a revision would mean
something else on the day the package is upgraded. That day's revision brings that package's own
migrations, copied likewise.
"""

from pathlib import Path
from typing import Final

from alembic import op

revision: Final = "0003"
down_revision: Final = "0002"

SCHEMA: Final = Path(__file__).with_suffix(".sql")

# Told of a job's steps, these tables would write four more rows a job. Only statistics that we
# never ask for are made of them: finished jobs are deleted, dead workers known by heartbeats.
EVENTS: Final = (
    "procrastinate_trigger_status_events_insert_v1",
    "procrastinate_trigger_status_events_update_v1",
    "procrastinate_trigger_scheduled_events_v1",
)

# A job that ends frees its key, of which nobody is told: the next job of that key would wait for
# some worker to look by itself.
KEY_FREED: Final = """
CREATE FUNCTION smokejumper_key_freed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    next procrastinate_jobs;
BEGIN
    SELECT * INTO next FROM procrastinate_jobs
        WHERE lock = OLD.lock AND status = 'todo' ORDER BY id LIMIT 1;
    IF FOUND THEN
        PERFORM pg_notify(
            'procrastinate_queue_v1#' || next.queue_name,
            json_build_object('type', 'job_inserted', 'job_id', next.id)::text
        );
    END IF;
    RETURN NULL;
END;
$$;
CREATE TRIGGER smokejumper_key_freed AFTER DELETE ON procrastinate_jobs
    FOR EACH ROW WHEN (OLD.lock IS NOT NULL) EXECUTE FUNCTION smokejumper_key_freed();
"""

# What of a key runs and what is next, for that trigger and for whoever fetches a job.
BY_KEY: Final = """
CREATE INDEX smokejumper_jobs_by_key ON procrastinate_jobs (lock, id)
    WHERE status IN ('todo', 'doing')
"""


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    # Many statements at once, and "%" in some of them: nothing is to be filled in.
    script = connection.execution_options(no_parameters=True)
    script.exec_driver_sql(SCHEMA.read_text(encoding="utf-8"))
    script.exec_driver_sql(KEY_FREED)
    script.exec_driver_sql(BY_KEY)
    for trigger in EVENTS:
        script.exec_driver_sql(f"ALTER TABLE procrastinate_jobs DISABLE TRIGGER {trigger}")
