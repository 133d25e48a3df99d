-- Service hooks of projects. Each is a destination of the engine, which keeps its URL, secret and version; guid is its public id.
create table service_hook (
    id {identity},
    guid text not null unique,
    project_id bigint not null references project (id) on delete cascade,
    destination_id bigint not null references destination (id),
    -- What it is to be told of while it is on, separated by spaces.
    events text not null,
    -- Switched on by its owner. One that is off has no subscriptions.
    is_active integer not null,
    created_at bigint not null
);

-- Hooks of a project, newest first.
create index service_hook_by_project on service_hook (project_id, id);
