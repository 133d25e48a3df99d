-- What a metric alert watches: how many events that fit a query happened in a window, or how many people had them. Its number,
-- name and project are those of its detector.
create table metric_rule (
    id bigint primary key references detector (id) on delete cascade,
    aggregate text not null,
    query text not null,
    -- Names with commas between them.
    event_types text not null,
    environment text,
    window_minutes bigint not null,
    -- How far back the window lies that it is compared with, as percent; null compares with nothing.
    delta_minutes bigint,
    direction text not null,
    -- A number in JSON, as thresholds are.
    resolve_at text,
    -- The value resolve_at itself resolves.
    resolves_on integer not null,
    -- So many evaluations in a row.
    period bigint not null,
    owner text,
    description text not null,
    created_by bigint,
    created_by_name text,
    created_by_email text,
    -- Under which number it counts; another one when it begins to count anew.
    counter bigint not null,
    -- Events that were received before are counted once, a moment after the rule came to be what it is.
    counted_from bigint not null,
    is_caught_up integer not null,
    -- Counts its changes and those of its triggers, so that an evaluation does not write over an edit.
    version bigint not null
);

create table metric_trigger (
    id {identity},
    rule_id bigint not null references metric_rule (id) on delete cascade,
    label text not null,
    threshold text not null,
    -- A JSON list.
    actions text not null,
    is_active integer not null,
    -- Evaluations in a row that speak for a change.
    hits bigint not null,
    created_at bigint not null,
    unique (rule_id, label)
);

-- What was counted for a rule, in steps that its window decides; they start at a unix second. Retention deletes what no window
-- reaches any more, and what no rule counts any more.
create table metric_count (
    counter bigint not null,
    start bigint not null,
    times bigint not null,
    primary key (counter, start)
) {kept_by_key};

create table metric_person (
    counter bigint not null,
    start bigint not null,
    user_tag text not null,
    primary key (counter, start, user_tag)
) {kept_by_key};

create table metric_rule_snooze (
    id {identity},
    rule_id bigint not null references metric_rule (id) on delete cascade,
    -- 0 for everyone.
    account_id bigint not null,
    -- Null for ever.
    until_at bigint,
    owner_id bigint not null,
    created_at bigint not null,
    unique (rule_id, account_id)
);

-- When metric rules were last looked at: one node does it at a time.
create table metric_round (
    id bigint primary key,
    at bigint not null
);

insert into metric_round (id, at) values (1, 0);

-- Incidents are numbered by organization, and the numbers are not given twice.
alter table organization add column next_incident bigint not null default 1;

create table incident (
    id {identity},
    organization_id bigint not null references organization (id) on delete cascade,
    rule_id bigint not null references metric_rule (id) on delete cascade,
    identifier bigint not null,
    title text not null,
    status text not null,
    status_method text not null,
    -- Everybody whom the rule names was told of it, because it was critical or opened by hand.
    told_all integer not null,
    started_at bigint not null,
    detected_at bigint not null,
    created_at bigint not null,
    closed_at bigint,
    unique (organization_id, identifier)
);

-- One at a time is open, whoever opens it.
create unique index incident_that_is_open on incident (rule_id) where closed_at is null;
create index incident_by_rule on incident (rule_id, id);

create table incident_activity (
    id {identity},
    incident_id bigint not null references incident (id) on delete cascade,
    type text not null,
    -- The status, and the one before it.
    value text,
    previous text,
    account_id bigint,
    created_at bigint not null
);

create index incident_activity_by_incident on incident_activity (incident_id, id);
