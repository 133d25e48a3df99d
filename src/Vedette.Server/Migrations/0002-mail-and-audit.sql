-- Webhooks of a disabled app are held.
alter table app add column is_disabled integer not null default 0;

-- Who did what. Kept when the actor is gone, so the label stands here.
create table audit_log_entry (
    id {identity},
    organization_id bigint not null references organization (id) on delete cascade,
    event text not null,
    -- user or system; a system has no id.
    actor_kind text not null,
    actor_id bigint,
    actor_label text not null,
    target_id bigint,
    data text not null,
    ip text,
    created_at bigint not null
);

-- Newest first, by organization.
create index audit_log_entry_by_organization on audit_log_entry (organization_id, created_at, id);

-- What is to be mailed, written in the transaction that causes it.
create table mail (
    id {identity},
    recipient text not null,
    subject text not null,
    body text not null,
    -- Before the @ of its Message-ID: the same on every attempt, so that a mail that came twice is seen to be one.
    message_id text not null unique,
    state text not null,
    attempts bigint not null,
    -- When the next attempt is due, or, while somebody makes it, when the claim ends.
    due_at bigint not null,
    lease bigint,
    last_error text,
    created_at bigint not null,
    finished_at bigint
);

-- MailOutbox.ClaimAsync.
create index mail_waiting on mail (due_at) where state = 'waiting';
