-- `phone` holds the number sealed; `phone_mark` is a keyed hash of its digits, by which equal numbers are found ('' when
-- there is nothing to find). A row written before has a plain number and no mark until the next start seals it.
ALTER TABLE calls ADD COLUMN phone_mark TEXT;
CREATE INDEX calls_unsealed ON calls (call_id) WHERE phone_mark IS NULL;
