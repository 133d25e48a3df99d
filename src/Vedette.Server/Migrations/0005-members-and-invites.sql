-- A membership has a number of its own, and an invite is one that has no account yet.
create table organization_member_new (
    id {identity},
    organization_id bigint not null references organization (id) on delete cascade,
    -- Null for an invite, which has an address instead.
    account_id bigint references account (id) on delete cascade,
    email text,
    role text not null,
    inviter_id bigint references account (id) on delete set null,
    -- Only the SHA-256 of an invite's token is kept.
    token_hash text,
    token_expires_at bigint,
    created_at bigint not null,
    unique (organization_id, account_id)
);

insert into organization_member_new (organization_id, account_id, role, created_at)
select organization_id, account_id, role, created_at from organization_member order by created_at, organization_id, account_id;

create table team_member_new (
    team_id bigint not null references team (id) on delete cascade,
    member_id bigint not null references organization_member_new (id) on delete cascade,
    primary key (team_id, member_id)
);

insert into team_member_new (team_id, member_id)
select x.team_id, m.id from team_member x
join team t on t.id = x.team_id
join organization_member_new m on m.organization_id = t.organization_id and m.account_id = x.account_id;

drop table team_member;
drop table organization_member;
alter table organization_member_new rename to organization_member;
alter table team_member_new rename to team_member;

-- AccountStore.ByTokenAsync: where somebody is a member.
create index organization_member_by_account on organization_member (account_id);

-- One invite an address.
create unique index organization_member_by_email on organization_member (organization_id, lower(email)) where account_id is null;

-- The teams of a member.
create index team_member_by_member on team_member (member_id);
