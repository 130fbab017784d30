-- What the store asks of a server that speaks PostgreSQL's protocol. On an empty database, as the store's own user:
--     psql -v ON_ERROR_STOP=1 -f postgresql-needs.sql "host=… dbname=… user=…"
-- Every statement must pass; everything is undone at the end. Passing is needed, and not enough: the tests have to pass on it too.
BEGIN;
SET lock_timeout = '30s';
SET idle_in_transaction_session_timeout = '600s';
-- names and locks: who writes alone, who writes beside others, which machine
SELECT pg_advisory_xact_lock(2053242882), pg_advisory_xact_lock_shared(2053242883);
SELECT pg_advisory_xact_lock(31330, number) FROM unnest(ARRAY[1, 2, 3]::int[]) AS number;
-- texts in the order of their bytes, numbers that go on, bytes
CREATE TABLE zhengban_needs (
    id SERIAL NOT NULL, digest TEXT COLLATE "C" NOT NULL, packed BYTEA, part FLOAT,
    CONSTRAINT pk_zhengban_needs PRIMARY KEY (id), CONSTRAINT uq_zhengban_needs_digest UNIQUE (digest)
);
CREATE INDEX ix_zhengban_needs ON zhengban_needs ((CASE digest WHEN 'a' THEN 0 ELSE 1 END), coalesce(digest, '9'), id);
-- a row that is there already is passed over, whichever process was first
INSERT INTO zhengban_needs (digest, packed) VALUES ('a', '\x00ff') ON CONFLICT DO NOTHING;
INSERT INTO zhengban_needs (digest, packed) VALUES ('a', '\x00ff') ON CONFLICT DO NOTHING;
INSERT INTO zhengban_needs (digest) VALUES ('Z'), ('é') RETURNING id;
DO $$ BEGIN
    IF (SELECT count(*) FROM zhengban_needs) <> 3 THEN RAISE EXCEPTION 'ON CONFLICT DO NOTHING'; END IF;
    IF (SELECT min(digest) FROM zhengban_needs) <> 'Z' THEN RAISE EXCEPTION 'COLLATE "C"'; END IF;
END $$;
-- each document of a group stands behind a point of its own
SAVEPOINT one_document;
DELETE FROM zhengban_needs;
ROLLBACK TO SAVEPOINT one_document;
RELEASE SAVEPOINT one_document;
-- the newest document of each machine; what no row names any more
SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY digest ORDER BY id DESC) AS rank FROM zhengban_needs) AS last WHERE rank = 1;
SELECT digest FROM zhengban_needs EXCEPT SELECT digest FROM zhengban_needs WHERE id > 1;
-- moving and restoring
COPY zhengban_needs (digest, part) FROM STDIN;
b	0.5
\.
SELECT setval(pg_get_serial_sequence('zhengban_needs', 'id'), (SELECT max(id) FROM zhengban_needs));
SELECT pg_total_relation_size(c.oid) FROM pg_class c WHERE c.relname = 'zhengban_needs';
ROLLBACK;
-- reports and backups see one state throughout
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT 1;
COMMIT;
