-- Applications that people register for OAuth (RFC 6749). The one without an owner is Vedette's own command line.
create table api_application (
    id {identity},
    client_id text not null unique,
    client_secret bytea,
    account_id bigint references account (id) on delete cascade,
    name text not null,
    is_public integer not null,
    requires_org_level_access integer not null,
    scopes text not null,
    redirect_uris text not null,
    allowed_origins text not null,
    homepage_url text,
    privacy_url text,
    terms_url text,
    secret_shown_until bigint not null,
    created_at bigint not null
);

create index api_application_by_account on api_application (account_id, id);

insert into api_application (
    client_id, name, is_public, requires_org_level_access, scopes, redirect_uris, allowed_origins, secret_shown_until, created_at)
values ('vedette-cli', 'Vedette command line', 1, 0, '', '', '', 0, 0);

-- What a person lets an application do, in one organization or, where it is 0, wherever they may. Its end ends its tokens.
create table api_authorization (
    id {identity},
    application_id bigint not null references api_application (id) on delete cascade,
    account_id bigint not null references account (id) on delete cascade,
    organization_id bigint not null,
    scopes text not null,
    created_at bigint not null,
    unique (account_id, application_id, organization_id)
);

-- A person was asked whether they let an application in, and has not answered yet.
create table authorize_request (
    id {identity},
    token_hash text not null unique,
    login_session_id bigint not null references login_session (id) on delete cascade,
    application_id bigint not null references api_application (id) on delete cascade,
    response_type text not null,
    redirect_uri text not null,
    return_uri text not null,
    scopes text not null,
    state text,
    code_challenge text,
    expires_at bigint not null
);

create index authorize_request_by_session on authorize_request (login_session_id);

-- Authorization codes. Only their SHA-256 is kept; each is deleted by the first who shows it.
create table authorization_code (
    id {identity},
    code_hash text not null unique,
    authorization_id bigint not null references api_authorization (id) on delete cascade,
    redirect_uri text not null,
    scopes text not null,
    code_challenge text,
    expires_at bigint not null
);

create index authorization_code_by_end on authorization_code (expires_at);

-- Device codes (RFC 8628). Until somebody enters the code that the device shows, there is no authorization.
create table device_code (
    id {identity},
    device_hash text not null unique,
    user_hash text not null unique,
    application_id bigint not null references api_application (id) on delete cascade,
    authorization_id bigint references api_authorization (id) on delete cascade,
    status text not null,
    scopes text not null,
    polled_at bigint,
    expires_at bigint not null
);

create index device_code_by_end on device_code (expires_at);

alter table api_token add column authorization_id bigint references api_authorization (id) on delete cascade;

create index api_token_by_authorization on api_token (authorization_id) where authorization_id is not null;

-- Refresh tokens of public clients that were exchanged for newer ones: whoever shows one again may be a thief.
create table used_refresh_token (
    refresh_hash text primary key,
    api_token_id bigint not null references api_token (id) on delete cascade,
    used_at bigint not null
);

create index used_refresh_token_by_token on used_refresh_token (api_token_id);

-- Tells a code of another installation from one that there never was.
alter table app_installation add column grant_hash text;

create index app_installation_by_grant on app_installation (grant_hash) where grant_hash is not null;
