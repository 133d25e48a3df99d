-- Work of an agent on an issue.
create table seer_run (
    id {identity},
    issue_id bigint not null references issue (id) on delete cascade,
    uuid text not null unique,
    -- Of all that its steps hold, so that no run grows without end.
    bytes bigint not null,
    created_at bigint not null
);

create index seer_run_by_issue on seer_run (issue_id, id);

create table seer_step (
    id {identity},
    run_id bigint not null references seer_run (id) on delete cascade,
    step text not null,
    status text not null,
    -- A JSON object: what the webhook of the step carries beside the run.
    data text not null,
    created_at bigint not null
);

create index seer_step_by_run on seer_step (run_id, id);

-- When the last run was started.
alter table issue add column seer_run_at bigint;
