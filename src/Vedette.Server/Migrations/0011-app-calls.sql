-- Requests that the forms of the pages made to apps. Bodies and headers are of failures only.
create table app_call (
    id {identity},
    app_id bigint not null references app (id) on delete cascade,
    organization_id bigint not null,
    event text not null,
    url text not null,
    started_at bigint not null,
    duration_us bigint not null,
    outcome text not null,
    reason text not null,
    status_code bigint,
    request_id text not null,
    request_headers text,
    request_body bytea,
    response_body bytea
);

-- AppCallLog.ListAsync: the newest of an app in a span of time.
create index app_call_by_app on app_call (app_id, started_at);
