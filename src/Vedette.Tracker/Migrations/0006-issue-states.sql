-- When an issue came into its state: a new one when it was first seen, an ongoing one when it was what it was before.
alter table issue add column state_at bigint not null default 0;
update issue set state_at = case when status = 'resolved' then coalesce(resolved_at, last_seen) when substatus = 'new' then first_seen else last_seen end;

-- IssueTimers: what goes on for a week is ongoing. Events do not move it.
create index issue_young on issue (state_at) where status = 'unresolved' and substatus in ('new', 'regressed', 'escalating');

-- IssueTimers: what may escalate. Events do not move it.
create index issue_until_escalating on issue (id) where status = 'ignored' and substatus = 'archived_until_escalating';

-- user or team, and which. Its name and address stand here as well, because every webhook about the issue shows them.
alter table issue add column assignee_kind text;
alter table issue add column assignee_id bigint;
alter table issue add column assignee_name text;
alter table issue add column assignee_email text;
create index issue_by_assignee on issue (assignee_kind, assignee_id) where assignee_id is not null;

-- Somebody chose the priority, and when.
alter table issue add column priority_locked_at bigint;

-- By which everybody may look at it; null for nobody.
alter table issue add column share_id text;

-- What is leaving has the status pending_deletion or pending_merge and is shown to nobody. The rows of one that was merged
-- go to this one.
alter table issue add column merged_into bigint;
create index issue_leaving on issue (id) where status in ('pending_deletion', 'pending_merge');

-- The conditions under which an archived issue comes back, each null for none; windows are minutes.
create table issue_snooze (
    issue_id bigint primary key references issue (id) on delete cascade,
    ignore_until bigint,
    ignore_count bigint,
    ignore_window bigint,
    ignore_user_count bigint,
    ignore_user_window bigint,
    -- What the issue had counted when it was archived.
    times_seen bigint not null,
    users_seen bigint not null,
    actor_id bigint,
    actor_name text,
    actor_email text
);

create index issue_snooze_by_end on issue_snooze (ignore_until) where ignore_until is not null;

-- How an issue was resolved, unless it simply was.
create table issue_resolution (
    issue_id bigint primary key references issue (id) on delete cascade,
    kind text not null,
    -- in_release: that one. in_next_release and in_upcoming_release: the newest one then, if there was any. in_commit: the
    -- one that has the commit, if any has.
    version text,
    commit_id text,
    repository text,
    actor_id bigint,
    actor_name text,
    actor_email text
);

create index issue_resolution_by_commit on issue_resolution (commit_id) where commit_id is not null;

-- Where an issue went that was merged, by its number and by its short id.
create table issue_redirect (
    old_issue_id bigint primary key,
    project_id bigint not null references project (id) on delete cascade,
    old_short_id bigint not null,
    issue_id bigint not null references issue (id) on delete cascade,
    unique (project_id, old_short_id)
);

create index issue_redirect_by_issue on issue_redirect (issue_id);

-- Events with one of these are dropped, because somebody discarded their issue.
create table discarded_hash (
    project_id bigint not null references project (id) on delete cascade,
    hash text not null,
    primary key (project_id, hash)
);
