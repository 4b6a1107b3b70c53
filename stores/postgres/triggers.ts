/** How many there are: with fewer, or one that is switched off, edits would go unnoticed. */
export const triggerCount = 15;

/** One statement that touches more records than this is told as "any of this kind". */
const mostNamed = 100;

const head = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$";

/**
 * What keeps the rules when a person edits by SQL, too. The functions run with the rights of the schema's owner, so that
 * a role needs no rights but those on the records.
 */
export function triggersSql(schema: string, channel: string): string {
  const parts = [recordFunctions(schema), secretFunction(schema), numbering(schema, channel)];
  return [...parts, recordTriggers(schema), noteTriggers(schema, "key_secrets", "note_secret()")].join("\n");
}

/** All but the time of the last use, which is no change. */
const secretColumns = "key_id, digest, last_four, created_at, expires_at, position";

/** Rows that a statement changed in these columns, as they were and as they are. */
function changedRows(columns: string): string {
  const without = (one: string, other: string) =>
    `(SELECT ${columns} FROM ${one} EXCEPT SELECT ${columns} FROM ${other})`;
  return `${without("old_rows", "new_rows")} UNION ${without("new_rows", "old_rows")}`;
}

function recordFunctions(schema: string): string {
  return `
CREATE FUNCTION ${schema}.guard_record() RETURNS trigger ${head}
BEGIN
  IF OLD.revoked_at IS NOT NULL AND (NEW.revoked_at IS NULL OR NEW.revoked_at > OLD.revoked_at) THEN
    RAISE EXCEPTION 'what is revoked stays revoked' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  -- A use is noted without a change: nobody's edit is refused for it.
  IF (NEW.last_used_at, NEW.last_used_from) IS DISTINCT FROM (OLD.last_used_at, OLD.last_used_from)
    AND to_jsonb(NEW) - ARRAY['last_used_at', 'last_used_from'] = to_jsonb(OLD) - ARRAY['last_used_at', 'last_used_from']
  THEN RETURN NEW;
  END IF;
  IF NEW.version = OLD.version THEN
    IF NEW.updated_at = OLD.updated_at THEN NEW.updated_at := clock_timestamp(); END IF;
    IF NEW.updated_by = OLD.updated_by THEN NEW.updated_by := session_user; END IF;
  END IF;
  NEW.version := OLD.version + 1;
  RETURN NEW;
END $body$;
CREATE FUNCTION ${schema}.note_change() RETURNS trigger ${head}
DECLARE
  ids text[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    ids := ARRAY(SELECT id FROM new_rows LIMIT ${mostNamed + 1});
  ELSIF TG_OP = 'DELETE' THEN
    ids := ARRAY(SELECT id FROM old_rows LIMIT ${mostNamed + 1});
  ELSIF TG_OP = 'UPDATE' THEN
    ids := ARRAY(SELECT DISTINCT id FROM (${changedRows("id, version")}) AS changed LIMIT ${mostNamed + 1});
  END IF;
  IF ids IS NULL OR cardinality(ids) > ${mostNamed} THEN
    INSERT INTO ${schema}.changes (kind) VALUES (TG_ARGV[0]);
  ELSE
    INSERT INTO ${schema}.changes (kind, id) SELECT TG_ARGV[0], unnest(ids);
  END IF;
  RETURN NULL;
END $body$;`;
}

function secretFunction(schema: string): string {
  return `
CREATE FUNCTION ${schema}.note_secret() RETURNS trigger ${head}
DECLARE
  ids text[];
BEGIN
  IF TG_OP = 'INSERT' THEN ids := ARRAY(SELECT DISTINCT key_id FROM new_rows);
  ELSIF TG_OP = 'DELETE' THEN ids := ARRAY(SELECT DISTINCT key_id FROM old_rows);
  ELSIF TG_OP = 'UPDATE' THEN
    ids := ARRAY(SELECT DISTINCT key_id FROM (${changedRows(secretColumns)}) AS changed);
  END IF;
  -- Not when the key itself was written by the same transaction: its version has grown already.
  IF ids IS NULL THEN UPDATE ${schema}.keys SET version = version;
  ELSIF ids <> '{}' THEN
    UPDATE ${schema}.keys SET version = version WHERE id = ANY (ids) AND xmin <> pg_current_xact_id()::xid;
  END IF;
  RETURN NULL;
END $body$;`;
}

/**
 * A change gets its number when its transaction commits, one transaction at a time: whoever has seen a number has seen
 * all below it.
 */
function numbering(schema: string, channel: string): string {
  return `
CREATE FUNCTION ${schema}.number_change() RETURNS trigger ${head}
DECLARE
  number bigint;
BEGIN
  PERFORM pg_advisory_xact_lock('${schema}.changes'::regclass::oid::bigint);
  number := nextval('${schema}.change_numbers');
  UPDATE ${schema}.changes SET sequence = number WHERE entry = NEW.entry;
  PERFORM pg_notify('${channel}', json_build_array(number, NEW.kind, NEW.id)::text);
  RETURN NULL;
END $body$;
CREATE CONSTRAINT TRIGGER number_change AFTER INSERT ON ${schema}.changes
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ${schema}.number_change();`;
}

function recordTriggers(schema: string): string {
  const ofTable = ([table, kind]: readonly [string, string]) => `
CREATE TRIGGER guard_record BEFORE UPDATE ON ${schema}.${table}
  FOR EACH ROW EXECUTE FUNCTION ${schema}.guard_record();
${noteTriggers(schema, table, `note_change('${kind}')`)}`;
  return [["keys", "key"] as const, ["users", "user"] as const].map(ofTable).join("\n");
}

function noteTriggers(schema: string, table: string, call: string): string {
  const rowsOf = {
    INSERT: "REFERENCING NEW TABLE AS new_rows",
    UPDATE: "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    DELETE: "REFERENCING OLD TABLE AS old_rows",
    TRUNCATE: "",
  };
  const triggers = Object.entries(rowsOf).map(
    ([operation, rows]) => `
CREATE TRIGGER note_${operation.toLowerCase()} AFTER ${operation} ON ${schema}.${table} ${rows}
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.${call};`,
  );
  return triggers.join("");
}
