-- Claiming takes the oldest due rows, and of those due at the same instant (a release, a long absence) the oldest id:
-- without the id in the index, each claim would sort all of them.
drop index delivery_waiting;
create index delivery_waiting on delivery (destination_id, due_at, id) where state = 'pending';
