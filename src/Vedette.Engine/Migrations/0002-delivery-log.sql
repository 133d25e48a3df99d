-- Attempts are looked up by their destination, without a detour over every delivery it ever had.
alter table attempt add column destination_id bigint not null default 0;
update attempt set destination_id = (select y.destination_id from delivery y where y.id = attempt.delivery_id);

-- RequestLog: the newest attempts of an app's destinations in a span of time.
create index attempt_by_destination on attempt (destination_id, started_at);

-- RequestLog with errorsOnly: the same, however many successes lie between two failures.
create index attempt_failed on attempt (destination_id, started_at) where outcome not in ('delivered', 'redirected', 'ours');
