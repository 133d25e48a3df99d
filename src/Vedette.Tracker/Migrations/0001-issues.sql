create table organization (
    id {identity},
    slug text not null unique,
    name text not null,
    created_at bigint not null
);

create table project (
    id {identity},
    organization_id bigint not null references organization (id),
    slug text not null,
    name text not null,
    platform text,
    next_short_id bigint not null,
    created_at bigint not null,
    unique (organization_id, slug)
);

create table project_key (
    id {identity},
    project_id bigint not null references project (id) on delete cascade,
    label text not null,
    public_key text not null unique,
    secret_key text not null,
    is_active integer not null,
    created_at bigint not null
);

create table issue (
    id {identity},
    project_id bigint not null references project (id) on delete cascade,
    short_id bigint not null,
    category text not null,
    type text not null,
    level text not null,
    title text not null,
    culprit text not null,
    metadata text not null,
    platform text not null,
    logger text,
    status text not null,
    substatus text,
    priority text not null,
    first_seen bigint not null,
    last_seen bigint not null,
    resolved_at bigint,
    times_seen bigint not null,
    user_count bigint not null,
    num_comments bigint not null,
    is_unhandled integer not null,
    first_release text,
    last_release text,
    unique (project_id, short_id)
);

-- Lists of a project, newest first.
create index issue_by_last_seen on issue (project_id, last_seen);

-- This key is the concurrency control of grouping: one hash, one issue. The version names the rules that made the hash.
create table issue_hash (
    project_id bigint not null references project (id) on delete cascade,
    hash text not null,
    version text not null,
    issue_id bigint not null references issue (id) on delete cascade,
    primary key (project_id, hash)
);

create table issue_user (
    issue_id bigint not null references issue (id) on delete cascade,
    user_tag text not null,
    first_seen bigint not null,
    primary key (issue_id, user_tag)
);

create table event (
    id {identity},
    project_id bigint not null references project (id) on delete cascade,
    event_id text not null,
    issue_id bigint not null references issue (id) on delete cascade,
    occurred_at bigint not null,
    received_at bigint not null,
    type text not null,
    level text not null,
    environment text,
    release text,
    user_tag text,
    platform text not null,
    title text not null,
    message text not null,
    body bytea not null,
    unique (project_id, event_id)
);

-- The newest and the oldest event of an issue, and its hours and days.
create index event_by_issue on event (issue_id, occurred_at);

create table activity (
    id {identity},
    project_id bigint not null references project (id) on delete cascade,
    issue_id bigint not null references issue (id) on delete cascade,
    type text not null,
    user_id bigint,
    data text not null,
    created_at bigint not null
);

create index activity_by_issue on activity (issue_id, created_at);

-- Items of envelopes that are taken and not kept, so that an operator can see what the SDKs send in vain.
create table dropped_item (
    project_id bigint not null references project (id) on delete cascade,
    item_type text not null,
    day bigint not null,
    times bigint not null,
    primary key (project_id, item_type, day)
);
