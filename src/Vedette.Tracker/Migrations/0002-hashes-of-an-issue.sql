-- Deleting an issue takes its hashes with it, and must not look through all of them.
create index issue_hash_by_issue on issue_hash (issue_id);
