-- Counts the changes of what fires for a project, so that who holds its rules in memory knows when to read them again. 0 while
-- there never was a rule.
alter table project add column alert_version bigint not null default 0;

-- What workflows listen to. Every project has one of the kind error and one of the kind issue_stream; detectors of other kinds
-- take their numbers from the same sequence, so that no two of any kind are alike.
create table detector (
    id {identity},
    organization_id bigint not null references organization (id) on delete cascade,
    project_id bigint not null references project (id) on delete cascade,
    kind text not null,
    name text not null,
    enabled integer not null,
    created_at bigint not null,
    updated_at bigint not null
);

create unique index detector_of_project on detector (project_id, kind) where kind in ('error', 'issue_stream');

-- Detectors of an organization, and those of a project.
create index detector_by_organization on detector (organization_id, id);
create index detector_by_project on detector (project_id);

insert into detector (organization_id, project_id, kind, name, enabled, created_at, updated_at)
select organization_id, id, 'error', 'Error Monitor', 1, created_at, created_at from project order by id;
insert into detector (organization_id, project_id, kind, name, enabled, created_at, updated_at)
select organization_id, id, 'issue_stream', 'Issue Stream', 1, created_at, created_at from project order by id;

-- Gives numbers to the parts of rules: groups, conditions and actions.
create table alert_part (
    id bigint primary key,
    next bigint not null
);

insert into alert_part (id, next) values (1, 1);

create table alert_rule (
    id {identity},
    organization_id bigint not null references organization (id) on delete cascade,
    name text not null,
    enabled integer not null,
    environment text,
    -- Minutes in which it fires for an issue at most once; 0 for every time.
    frequency bigint not null,
    -- user:1 or team:2.
    owner text,
    created_by bigint,
    -- JSON: one group of conditions, and a list of groups with actions.
    triggers text not null,
    filters text not null,
    -- A hash of all that decides what it does and when, to find twins.
    sameness text not null,
    created_at bigint not null,
    updated_at bigint not null
);

create index alert_rule_by_organization on alert_rule (organization_id, id);

create table alert_rule_detector (
    rule_id bigint not null references alert_rule (id) on delete cascade,
    detector_id bigint not null references detector (id) on delete cascade,
    primary key (rule_id, detector_id)
);

-- Who listens to a detector.
create index alert_rule_detector_by_detector on alert_rule_detector (detector_id, rule_id);

-- When a group of a rule last fired for an issue.
create table alert_rule_state (
    group_id bigint not null,
    issue_id bigint not null references issue (id) on delete cascade,
    rule_id bigint not null references alert_rule (id) on delete cascade,
    fired_at bigint not null,
    primary key (group_id, issue_id)
);

-- Deleting an issue or a rule takes its rows along.
create index alert_rule_state_by_issue on alert_rule_state (issue_id);
create index alert_rule_state_by_rule on alert_rule_state (rule_id);

create table alert_firing (
    id {identity},
    rule_id bigint not null references alert_rule (id) on delete cascade,
    issue_id bigint not null references issue (id) on delete cascade,
    event_id text,
    fired_at bigint not null,
    -- A JSON list: what became of each action.
    actions text not null
);

-- The newest of a rule, and what is old.
create index alert_firing_by_rule on alert_firing (rule_id, id);
create index alert_firing_by_issue on alert_firing (issue_id);
create index alert_firing_by_time on alert_firing (fired_at);

create table alert_rule_snooze (
    id {identity},
    rule_id bigint not null references alert_rule (id) on delete cascade,
    -- 0 for everyone.
    account_id bigint not null,
    -- Null for ever.
    until_at bigint,
    owner_id bigint not null,
    created_at bigint not null,
    unique (rule_id, account_id)
);

-- An event left it open whether a group fires: its frequency conditions are looked at with the next tick.
create table alert_open (
    group_id bigint not null,
    issue_id bigint not null references issue (id) on delete cascade,
    -- What is known of each condition, triggers first: 0, 1, or ? for those that are still to be looked at.
    facts text not null,
    rule_id bigint not null references alert_rule (id) on delete cascade,
    -- Of the rule, when the event was looked at.
    updated_at bigint not null,
    -- So many events left it so.
    times bigint not null,
    primary key (group_id, issue_id, facts)
);

create index alert_open_by_rule on alert_open (rule_id);
create index alert_open_by_issue on alert_open (issue_id);

-- Who had an issue in which minutes, hours or days, in projects where a rule counts people. The scope names the conditions that
-- their events fulfilled; it is empty when there are none.
create table issue_user_bucket (
    issue_id bigint not null references issue (id) on delete cascade,
    scope text not null,
    step bigint not null,
    start bigint not null,
    environment text not null,
    user_tag text not null,
    primary key (issue_id, scope, step, start, environment, user_tag)
) {kept_by_key};

-- What is old.
create index issue_user_bucket_by_start on issue_user_bucket (step, start);
