import { storeScript } from "./script.ts";

/** KEYS: marker, records. ARGV: marker, id. The record's text. */
export const getScript = storeScript("return redis.call('HGET', KEYS[2], ARGV[2])");

/** KEYS: marker, records. ARGV: marker, id, the text that must be there, the text in its place. 1 if it was replaced. */
export const replaceScript = storeScript(`
if redis.call('HGET', KEYS[2], ARGV[2]) ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[4])
return 1
`);

/** KEYS: marker, digests, records. ARGV: marker, digest. Id and text of the key that has the digest. */
export const findScript = storeScript(`
local id = redis.call('HGET', KEYS[2], ARGV[2])
return id and { id, redis.call('HGET', KEYS[3], id) }
`);

/**
 * KEYS: marker, ids, records. ARGV: marker, where to begin as ZRANGEBYLEX takes it, how many ids, and texts of which one
 * must be in a record, the first in any case; none for all. The last id looked at, and the ids and texts found.
 */
export const listScript = storeScript(`
local ids = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[2], '+', 'LIMIT', 0, ARGV[3])
if #ids == 0 then return { false, {}, {} } end
local texts = redis.call('HMGET', KEYS[3], unpack(ids))
local function isWanted(text)
  if not ARGV[4] or string.find(string.lower(text), ARGV[4], 1, true) then return true end
  for index = 5, #ARGV do
    if string.find(text, ARGV[index], 1, true) then return true end
  end
end
local foundIds, foundTexts = {}, {}
for index, text in ipairs(texts) do
  if text and isWanted(text) then
    table.insert(foundIds, ids[index])
    table.insert(foundTexts, text)
  end
end
return { #ids == tonumber(ARGV[3]) and ids[#ids], foundIds, foundTexts }
`);

/** Reads what is stored under `id`, and which digests lead to it. What is no JSON of a record is not written over. */
const readStored = `
local kind, id = ARGV[2], ARGV[3]
local function read()
  local text = redis.call('HGET', KEYS[2], id)
  if not text then return { version = 0 } end
  local isJson, stored = pcall(cjson.decode, text)
  if isJson and type(stored) == 'table' and type(stored.version) == 'number' then return stored end
end
local function digests(stored)
  local found = {}
  for _, secret in ipairs(type(stored.secrets) == 'table' and stored.secrets or {}) do
    local digest = type(secret) == 'table' and secret.digest
    if type(digest) == 'string' and redis.call('HGET', KEYS[4], digest) == id then table.insert(found, digest) end
  end
  return found
end
local stored = read()
if not stored then return redis.error_reply('GATEHOUSE damaged') end
`;

/** Numbers a change, keeps it for those who ask, and tells those who listen. */
const noteChange = (kept: number) => `
local number = redis.call('INCR', KEYS[5])
redis.call('RPUSH', KEYS[6], kind .. ':' .. id)
redis.call('LTRIM', KEYS[6], -${kept}, -1)
redis.call('PUBLISH', ARGV[4], number .. ':' .. kind .. ':' .. id)
return 1
`;

/** How many changes are kept for clients that have not yet heard of them. */
export const keptChanges = 10_000;

/**
 * KEYS: marker, records, ids, digests, last change, changes. ARGV: marker, kind, id, channel, version, time of
 * revocation or nothing, text, when what is stored was last used or nothing, digests. 1 if the record was written; what is
 * stored, if that was used at another time.
 *
 * Revocation is final: what follows a revoked record is revoked too, and no later.
 */
export const putScript = storeScript(`${readStored}
if stored.version ~= tonumber(ARGV[5]) - 1 then return 0 end
local revokedAt = tonumber(ARGV[6])
if type(stored.revokedAt) == 'number' and not (revokedAt and revokedAt <= stored.revokedAt) then return 0 end
for index = 9, #ARGV do
  local owner = redis.call('HGET', KEYS[4], ARGV[index])
  if owner and owner ~= id then return 0 end
end
if type(stored.lastUsedAt) == 'number' and ARGV[8] ~= '' and stored.lastUsedAt ~= tonumber(ARGV[8]) then
  return redis.call('HGET', KEYS[2], id)
end
for _, digest in ipairs(digests(stored)) do redis.call('HDEL', KEYS[4], digest) end
for index = 9, #ARGV do redis.call('HSET', KEYS[4], ARGV[index], id) end
redis.call('HSET', KEYS[2], id, ARGV[7])
redis.call('ZADD', KEYS[3], 0, id)
${noteChange(keptChanges)}`);

/** KEYS: as for putScript. ARGV: marker, kind, id, channel, version. 1 if the record was removed. */
export const removeScript = storeScript(`${readStored}
if stored.version ~= tonumber(ARGV[5]) then return 0 end
for _, digest in ipairs(digests(stored)) do redis.call('HDEL', KEYS[4], digest) end
redis.call('HDEL', KEYS[2], id)
redis.call('ZREM', KEYS[3], id)
${noteChange(keptChanges)}`);
