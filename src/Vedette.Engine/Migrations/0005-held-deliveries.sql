-- DeliveryStore.StraysAsync: whether a destination has held deliveries, however many others have.
create index delivery_held on delivery (destination_id) where state = 'held';
