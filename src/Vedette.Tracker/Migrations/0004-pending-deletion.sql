-- active, or pending_deletion: hidden from everybody, and deleted step by step.
alter table organization add column status text not null default 'active';
alter table project add column status text not null default 'active';

-- Hours without an event after which an issue counts as resolved; 0 for never.
alter table project add column resolve_age bigint not null default 0;

-- Deleting a project takes its activities with it, and must not look through all of them.
create index activity_by_project on activity (project_id);
