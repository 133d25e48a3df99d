-- An app acts through an account of its own, which nobody can log in to: kind is person or app.
alter table account add column kind text not null default 'person';
-- Of the whole instance, not of one organization.
alter table account add column is_superuser integer not null default 0;

alter table app add column proxy_account_id bigint references account (id);
alter table app add column popularity bigint not null default 1;
alter table app add column features text not null default '0';
alter table app add column metadata text not null default '{}';
-- Sealed, because people put credentials into them; null for none.
alter table app add column webhook_headers bytea;
alter table app add column published_at bigint;
-- Signs beside the new one until then; null when no rotation is under way.
alter table app add column previous_secret bytea;
alter table app add column previous_secret_until bigint;
-- A deleted app keeps its row, so that its slug is never given to another one.
alter table app add column deleted_at bigint;

insert into account (email, name, password_hash, is_active, created_at, kind)
select slug || '-' || uuid || '@proxy-user.sentry.io', name, '', 1, created_at, 'app' from app;

update app set proxy_account_id = (select a.id from account a where a.email = app.slug || '-' || app.uuid || '@proxy-user.sentry.io');

-- The code that an app exchanges for tokens, sealed, while it can still be exchanged.
alter table app_installation add column grant_code bytea;
alter table app_installation add column grant_expires_at bigint;

-- Projects to which issue.created and error.created of an installation are limited; none means all.
create table app_installation_project (
    app_installation_id bigint not null references app_installation (id) on delete cascade,
    project_id bigint not null references project (id) on delete cascade,
    primary key (app_installation_id, project_id)
);

-- Tokens of an installation end with it. They belong to the app's own account.
alter table api_token add column app_installation_id bigint references app_installation (id) on delete cascade;

create index api_token_by_account on api_token (account_id, id);

create table organization_token (
    id {identity},
    organization_id bigint not null references organization (id) on delete cascade,
    name text not null,
    token_hash text not null unique,
    last_characters text not null,
    scopes text not null,
    created_by bigint references account (id) on delete set null,
    created_at bigint not null
);

-- Of browsers. Only the SHA-256 of what the cookie holds is kept.
create table login_session (
    id {identity},
    account_id bigint not null references account (id) on delete cascade,
    token_hash text not null unique,
    created_at bigint not null,
    expires_at bigint not null
);

create index login_session_by_end on login_session (expires_at);

-- One link an app and issue.
create table external_issue (
    id {identity},
    issue_id bigint not null references issue (id) on delete cascade,
    app_id bigint not null references app (id) on delete cascade,
    organization_id bigint not null references organization (id) on delete cascade,
    project text not null,
    identifier text not null,
    web_url text not null,
    created_at bigint not null,
    unique (issue_id, app_id)
);

create table app_avatar (
    app_id bigint not null references app (id) on delete cascade,
    -- logo or icon.
    kind text not null,
    uuid text not null unique,
    png bytea not null,
    primary key (app_id, kind)
);

-- How often it was installed, uninstalled, looked at and used, by the hour.
create table app_count (
    app_id bigint not null references app (id) on delete cascade,
    name text not null,
    hour bigint not null,
    times bigint not null,
    primary key (app_id, name, hour)
);
