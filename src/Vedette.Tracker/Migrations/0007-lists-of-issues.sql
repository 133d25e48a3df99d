-- Whose issue it is, so that the list of an organization is one walk through an index; and what words of a search are
-- looked for in, in lower case: title, culprit and newest message.
alter table issue add column organization_id bigint not null default 0;
alter table issue add column search_text text not null default '';

update issue set
    organization_id = (select p.organization_id from project p where p.id = issue.project_id),
    search_text = lower(title || ' ' || culprit);

-- Lists of a project and of an organization in each order that can be asked for. Most ask for one status, and the others are
-- put together from one walk a status.
drop index issue_by_last_seen;
create index issue_of_project_by_last_seen on issue (project_id, status, last_seen, id);
create index issue_of_project_by_first_seen on issue (project_id, status, first_seen, id);
create index issue_of_project_by_times_seen on issue (project_id, status, times_seen, id);
create index issue_of_project_by_user_count on issue (project_id, status, user_count, id);
create index issue_of_organization_by_last_seen on issue (organization_id, status, last_seen, id);
create index issue_of_organization_by_first_seen on issue (organization_id, status, first_seen, id);
create index issue_of_organization_by_times_seen on issue (organization_id, status, times_seen, id);
create index issue_of_organization_by_user_count on issue (organization_id, status, user_count, id);

-- How often the events of an issue had a value for a tag. Keys that begin with @ are no tags but members of events that can
-- be searched for like one, such as @error.type.
create table issue_tag (
    issue_id bigint not null references issue (id) on delete cascade,
    key text not null,
    value text not null,
    project_id bigint not null,
    times bigint not null,
    first_seen bigint not null,
    last_seen bigint not null,
    primary key (issue_id, key, value)
) {kept_by_key};

-- The issues that have a value.
create index issue_tag_by_value on issue_tag (project_id, key, value, issue_id);

-- How many events of an issue happened in a minute, an hour and a day: steps of 60, 3600 and 86400 seconds, which start at a
-- unix second. Events without an environment have the empty one.
create table event_bucket (
    issue_id bigint not null references issue (id) on delete cascade,
    step bigint not null,
    start bigint not null,
    environment text not null,
    project_id bigint not null,
    times bigint not null,
    primary key (issue_id, step, start, environment)
) {kept_by_key};

-- What is old, and what happened in a project.
create index event_bucket_by_start on event_bucket (project_id, step, start);

-- The events of a project, newest first.
create index event_by_project on event (project_id, occurred_at);

-- Of the events that are there: how many when, and the tags that are columns. Their other tags are not counted.
insert into event_bucket (issue_id, step, start, environment, project_id, times)
select issue_id, 60, occurred_at / 60000000 * 60, coalesce(environment, ''), project_id, count(*) from event group by 1, 2, 3, 4, 5;
insert into event_bucket (issue_id, step, start, environment, project_id, times)
select issue_id, 3600, occurred_at / 3600000000 * 3600, coalesce(environment, ''), project_id, count(*) from event group by 1, 2, 3, 4, 5;
insert into event_bucket (issue_id, step, start, environment, project_id, times)
select issue_id, 86400, occurred_at / 86400000000 * 86400, coalesce(environment, ''), project_id, count(*) from event group by 1, 2, 3, 4, 5;

insert into issue_tag (issue_id, key, value, project_id, times, first_seen, last_seen)
select issue_id, 'level', level, project_id, count(*), min(occurred_at), max(occurred_at) from event group by 1, 2, 3, 4;
insert into issue_tag (issue_id, key, value, project_id, times, first_seen, last_seen)
select issue_id, 'environment', environment, project_id, count(*), min(occurred_at), max(occurred_at) from event where environment is not null group by 1, 2, 3, 4;
insert into issue_tag (issue_id, key, value, project_id, times, first_seen, last_seen)
select issue_id, 'release', release, project_id, count(*), min(occurred_at), max(occurred_at) from event where release is not null group by 1, 2, 3, 4;
insert into issue_tag (issue_id, key, value, project_id, times, first_seen, last_seen)
select issue_id, 'user', user_tag, project_id, count(*), min(occurred_at), max(occurred_at) from event where user_tag is not null group by 1, 2, 3, 4;
