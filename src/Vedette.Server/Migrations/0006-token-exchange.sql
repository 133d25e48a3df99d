-- Of tokens that can be exchanged for new ones; only its SHA-256 is kept.
alter table api_token add column refresh_hash text;

create index api_token_by_refresh on api_token (refresh_hash) where refresh_hash is not null;

-- Assertions that apps have shown, until they would have expired, so that none counts twice.
create table used_assertion (
    app_id bigint not null references app (id) on delete cascade,
    jti_hash text not null,
    expires_at bigint not null,
    primary key (app_id, jti_hash)
);
