-- Headers of the owner's own: a JSON list of texts, each "Name: value"; sealed, because people put credentials into them.
alter table destination add column headers bytea;
alter table destination add column standard_webhooks integer not null default 0;

-- The secret before this one, and until when receivers may still know only that.
alter table destination add column previous_secret bytea;
alter table destination add column previous_secret_until bigint;

-- Which form of the payload a service hook gets.
alter table destination add column version bigint not null default 0;

-- When its owner removed it. It stays for the log, until its last delivery has gone.
alter table destination add column retired_at bigint;

-- Tells an app that it was installed or uninstalled, and is held by nothing.
alter table delivery add column lifecycle integer not null default 0;

-- What the receiver gets in place of the mask that stands in data; sealed, and null for most.
alter table hook_event add column secret bytea;

-- In which form its data is: an event that is sent in two is kept in two.
alter table hook_event add column version bigint not null default 0;
