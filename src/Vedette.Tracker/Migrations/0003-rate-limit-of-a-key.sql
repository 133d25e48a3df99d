-- At most so many events in so many seconds are taken with the key; both null when there is no limit.
alter table project_key add column rate_count bigint;
alter table project_key add column rate_window bigint;
