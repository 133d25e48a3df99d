-- What an app adds to the pages, as it was given: a JSON object, {} for nothing.
alter table app add column schema text not null default '{}';

-- One row an element of the schema.
create table app_component (
    id {identity},
    app_id bigint not null references app (id) on delete cascade,
    uuid text not null unique,
    type text not null,
    schema text not null,
    unique (app_id, type)
);
