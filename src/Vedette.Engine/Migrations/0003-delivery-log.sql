-- Attempts are looked up by their destination, without a detour over every delivery it ever had.
alter table attempt add column destination_id bigint not null default 0;
update attempt set destination_id = (select y.destination_id from delivery y where y.id = attempt.delivery_id);

-- RequestLog: the newest attempts of an app's destinations in a span of time.
create index attempt_by_destination on attempt (destination_id, started_at);

-- RequestLog with errorsOnly: the same, however many successes lie between two failures.
create index attempt_failed on attempt (destination_id, started_at) where outcome not in ('delivered', 'redirected', 'ours');

-- Deliveries are listed by organization.
alter table delivery add column organization_id bigint not null default 0;
update delivery set organization_id = (select d.organization_id from destination d where d.id = delivery.destination_id);

-- DeliveryLogStore.ListAsync: newest first.
create index delivery_by_organization on delivery (organization_id, created_at, id);

-- DeliveryLogStore.ListAsync with a destination.
create index delivery_by_destination on delivery (destination_id, created_at, id);

-- DeliveryLogStore.ListAsync with a state in which few deliveries end. Costs nothing for those that are delivered.
create index delivery_not_delivered on delivery (organization_id, state, created_at, id) where state not in ('pending', 'delivered');

-- DeliveryLogStore.ListAsync with an issue.
create index hook_event_by_issue on hook_event (issue_id) where issue_id is not null;

-- Replays of many deliveries: what they are to match, how far they have come, and who takes the next step.
create table replay_job (
    id {identity},
    organization_id bigint not null,
    state text not null,
    destination_id bigint,
    hook_event_id bigint,
    event text,
    issue_id bigint,
    delivery_state text,
    since bigint,
    until bigint,
    per_second bigint not null,
    total bigint not null,
    -- Later deliveries, its own among them, are not its business.
    last_delivery_id bigint not null,
    -- The delivery up to which it has come: when that was made, and its id.
    place_us bigint not null,
    place_id bigint not null,
    replayed bigint not null,
    skipped bigint not null,
    -- When the next step is due, or, while somebody takes it, when the claim ends.
    due_at bigint not null,
    lease bigint,
    created_at bigint not null,
    finished_at bigint
);

-- ReplayJobStore.ClaimAsync.
create index replay_job_running on replay_job (due_at) where state = 'running';

-- ReplayJobStore.ListAsync.
create index replay_job_by_organization on replay_job (organization_id, id);
