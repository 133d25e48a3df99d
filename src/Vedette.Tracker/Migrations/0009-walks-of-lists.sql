-- A walk finds in its index all that decides whether it goes on: the category, which all lists ask for, and in that of an
-- organization the project, which may be one that is being deleted.
drop index issue_of_project_by_last_seen;
drop index issue_of_project_by_first_seen;
drop index issue_of_project_by_times_seen;
drop index issue_of_project_by_user_count;
drop index issue_of_organization_by_last_seen;
drop index issue_of_organization_by_first_seen;
drop index issue_of_organization_by_times_seen;
drop index issue_of_organization_by_user_count;
create index issue_of_project_by_last_seen on issue (project_id, category, status, last_seen, id);
create index issue_of_project_by_first_seen on issue (project_id, category, status, first_seen, id);
create index issue_of_project_by_times_seen on issue (project_id, category, status, times_seen, id);
create index issue_of_project_by_user_count on issue (project_id, category, status, user_count, id);
create index issue_of_organization_by_last_seen on issue (organization_id, category, status, last_seen, id, project_id);
create index issue_of_organization_by_first_seen on issue (organization_id, category, status, first_seen, id, project_id);
create index issue_of_organization_by_times_seen on issue (organization_id, category, status, times_seen, id, project_id);
create index issue_of_organization_by_user_count on issue (organization_id, category, status, user_count, id, project_id);

-- The events of a project, newest first. Pages begin at an event, so its number is part of the order.
drop index event_by_project;
create index event_by_project on event (project_id, occurred_at, id);
