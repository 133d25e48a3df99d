-- When somebody last looked at an issue.
create table issue_seen (
    issue_id bigint not null references issue (id) on delete cascade,
    account_id bigint not null references account (id) on delete cascade,
    seen_at bigint not null,
    primary key (issue_id, account_id)
);

create index issue_seen_by_account on issue_seen (account_id);

create table issue_bookmark (
    issue_id bigint not null references issue (id) on delete cascade,
    account_id bigint not null references account (id) on delete cascade,
    created_at bigint not null,
    primary key (issue_id, account_id)
);

create index issue_bookmark_by_account on issue_bookmark (account_id);

-- Who takes part in an issue, and why. Not active when they do not want to any more.
create table issue_subscription (
    issue_id bigint not null references issue (id) on delete cascade,
    account_id bigint not null references account (id) on delete cascade,
    is_active integer not null,
    reason text not null,
    created_at bigint not null,
    primary key (issue_id, account_id)
);

create index issue_subscription_by_account on issue_subscription (account_id);
