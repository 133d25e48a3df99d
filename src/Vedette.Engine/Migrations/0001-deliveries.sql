-- Who is called. One row an installation of an app, or a service hook; the engine knows no more of either.
create table destination (
    id {identity},
    kind text not null,
    public_id text not null unique,
    organization_id bigint not null,
    url text not null,
    secret bytea not null,
    timeout_ms bigint not null,
    concurrency bigint not null,
    encoding text not null,
    ordered integer not null,
    is_published integer not null,
    state text not null,
    state_reason text not null,
    -- Until when it is left alone after failures or at its own wish, and why; for all nodes and across restarts.
    rests_until bigint,
    rest_reason text,
    rest_us bigint not null,
    created_at bigint not null
);

-- What a destination wants: one row an event and project; project 0 stands for every project of the organization.
create table subscription (
    destination_id bigint not null references destination (id) on delete cascade,
    organization_id bigint not null,
    event text not null,
    project_id bigint not null,
    primary key (destination_id, event, project_id)
);

-- Matching asks by organization and event.
create index subscription_by_event on subscription (organization_id, event);

-- What happened, its payload stored once for all who receive it.
create table hook_event (
    id {identity},
    organization_id bigint not null,
    project_id bigint,
    issue_id bigint,
    resource text not null,
    action text not null,
    subject_type text,
    subject_id text,
    seed text not null,
    data bytea not null,
    actor bytea not null,
    created_at bigint not null
);

-- One row an event and destination: a repeat creates nothing. replay_of is 0, or the delivery that is sent again.
create table delivery (
    id {identity},
    hook_event_id bigint not null references hook_event (id),
    destination_id bigint not null references destination (id) on delete cascade,
    replay_of bigint not null,
    action text not null,
    -- The issue, when the destination wants the deliveries of one issue in order.
    order_key bigint,
    state text not null,
    reason text not null,
    due_at bigint not null,
    lease bigint,
    attempts bigint not null,
    created_at bigint not null,
    finished_at bigint,
    unique (hook_event_id, destination_id, replay_of)
);

-- Each lane asks for its own oldest due rows, however many other lanes have waiting.
create index delivery_waiting on delivery (destination_id, due_at) where state = 'pending';

-- Whether an older delivery of the same issue is still to be made.
create index delivery_in_order on delivery (destination_id, order_key, id) where state = 'pending' and order_key is not null;

create table attempt (
    id {identity},
    delivery_id bigint not null references delivery (id) on delete cascade,
    number bigint not null,
    request_id text not null,
    url text not null,
    started_at bigint not null,
    duration_us bigint not null,
    outcome text not null,
    reason text not null,
    status_code bigint,
    -- Kept of failures only.
    request_headers text,
    response_body bytea,
    -- What the receiver said of its own error, in Sentry-Hook-Error and Sentry-Hook-Project.
    error_id text,
    error_project text
);

create index attempt_by_delivery on attempt (delivery_id, number);

-- Attempts a day and destination, for finding receivers that are broken for good.
create table destination_day (
    destination_id bigint not null references destination (id) on delete cascade,
    day bigint not null,
    successes bigint not null,
    errors bigint not null,
    timeouts bigint not null,
    primary key (destination_id, day)
);
