-- While it rests after timeouts: until when the deliveries that fell due meanwhile are counted as timeouts of the day.
alter table destination add column rest_counted_until bigint;
