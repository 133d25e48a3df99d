-- Whether issue.created and error.created of an installation come of the projects in app_installation_project only, be there
-- none: a limit stays one when its projects are deleted.
alter table app_installation add column is_limited integer not null default 0;

update app_installation set is_limited = 1
where exists (select 1 from app_installation_project p where p.app_installation_id = app_installation.id);
