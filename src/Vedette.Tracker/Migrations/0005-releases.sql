-- A version of what an organization ships, made by hand or by the first event that names it.
create table release (
    id {identity},
    organization_id bigint not null references organization (id) on delete cascade,
    version text not null,
    -- open or archived.
    status text not null,
    ref text,
    url text,
    started_at bigint,
    released_at bigint,
    created_at bigint not null,
    unique (organization_id, version)
);

-- Releases of an organization, newest first.
create index release_by_creation on release (organization_id, created_at, id);

create table release_project (
    release_id bigint not null references release (id) on delete cascade,
    project_id bigint not null references project (id) on delete cascade,
    -- Issues whose first event was of this release.
    new_groups bigint not null,
    -- Null until an event names it. The last is up to a minute behind.
    first_event bigint,
    last_event bigint,
    primary key (release_id, project_id)
);

create index release_project_by_project on release_project (project_id, release_id);

create table release_commit (
    release_id bigint not null references release (id) on delete cascade,
    -- 0 is the newest.
    position bigint not null,
    commit_id text not null,
    repository text,
    message text,
    author_name text,
    author_email text,
    created_at bigint not null,
    primary key (release_id, position)
);

-- Which release has a commit.
create index release_commit_by_commit on release_commit (commit_id);

create table deploy (
    id {identity},
    release_id bigint not null references release (id) on delete cascade,
    environment text not null,
    name text,
    url text,
    started_at bigint,
    finished_at bigint not null,
    created_at bigint not null
);

create index deploy_by_release on deploy (release_id, id);

-- Those that events have named so far.
insert into release (organization_id, version, status, created_at)
select p.organization_id, e.release, 'open', min(e.occurred_at) from event e
join project p on p.id = e.project_id
where e.release is not null
group by p.organization_id, e.release;

insert into release_project (release_id, project_id, new_groups, first_event, last_event)
select r.id, e.project_id, 0, min(e.occurred_at), max(e.occurred_at) from event e
join project p on p.id = e.project_id
join release r on r.organization_id = p.organization_id and r.version = e.release
group by r.id, e.project_id;

update release_project set new_groups = (
    select count(*) from issue i
    join release r on r.version = i.first_release
    where i.project_id = release_project.project_id and r.id = release_project.release_id);
