create table account (
    id {identity},
    email text not null unique,
    name text not null,
    password_hash text not null,
    is_active integer not null,
    created_at bigint not null
);

create table organization_member (
    organization_id bigint not null references organization (id) on delete cascade,
    account_id bigint not null references account (id) on delete cascade,
    role text not null,
    created_at bigint not null,
    primary key (organization_id, account_id)
);

create table team (
    id {identity},
    organization_id bigint not null references organization (id) on delete cascade,
    slug text not null,
    name text not null,
    created_at bigint not null,
    unique (organization_id, slug)
);

create table team_member (
    team_id bigint not null references team (id) on delete cascade,
    account_id bigint not null references account (id) on delete cascade,
    primary key (team_id, account_id)
);

create table team_project (
    team_id bigint not null references team (id) on delete cascade,
    project_id bigint not null references project (id) on delete cascade,
    primary key (team_id, project_id)
);

-- Tokens of people. Only the SHA-256 of a token is kept.
create table api_token (
    id {identity},
    account_id bigint not null references account (id) on delete cascade,
    name text not null,
    token_hash text not null unique,
    last_characters text not null,
    scopes text not null,
    expires_at bigint,
    created_at bigint not null
);

create table app (
    id {identity},
    uuid text not null unique,
    slug text not null unique,
    organization_id bigint not null references organization (id),
    name text not null,
    author text not null,
    status text not null,
    scopes text not null,
    events text not null,
    webhook_url text,
    redirect_url text,
    overview text,
    is_alertable integer not null,
    verify_install integer not null,
    allowed_origins text not null,
    delivery text not null,
    client_id text not null unique,
    client_secret bytea not null,
    created_at bigint not null
);

create table app_installation (
    id {identity},
    uuid text not null unique,
    app_id bigint not null references app (id),
    organization_id bigint not null references organization (id),
    status text not null,
    destination_id bigint references destination (id) on delete set null,
    created_at bigint not null,
    unique (app_id, organization_id)
);

-- Keys of ASP.NET Data Protection, so that all nodes can open what one of them sealed.
create table data_protection_key (
    id {identity},
    friendly_name text not null,
    xml text not null
);

-- One row once VEDETTE_SECRET has been used: a text that only the same secret unwraps.
create table secret_check (
    wrapped text not null
);
