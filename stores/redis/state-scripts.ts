import { script, storeScript } from "./script.ts";

/**
 * KEYS: marker, initialise, and what a store has. ARGV: marker for a new store, "seen" when there was a store before.
 * The marker of the store, which is begun when there is none and never was one.
 */
export const openScript = script(`
local marker = redis.call('GET', KEYS[1])
if marker then return marker end
for index = 3, #KEYS do
  if redis.call('EXISTS', KEYS[index]) == 1 then return redis.error_reply('GATEHOUSE headless') end
end
if ARGV[2] == 'seen' and redis.call('GET', KEYS[2]) ~= 'yes' then return redis.error_reply('GATEHOUSE missing') end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2])
return ARGV[1]
`);

/**
 * KEYS: marker, last change, changes. ARGV: marker, the number asked for, how many at most. Number of the last change,
 * the server's time in seconds and microseconds, and the changes after that number, unless they are not all kept.
 */
export const changesScript = storeScript(`
local last = redis.call('GET', KEYS[2]) or '0'
local missed = tonumber(last) - tonumber(ARGV[2])
local time = redis.call('TIME')
if missed < 0 or missed > tonumber(ARGV[3]) or missed > redis.call('LLEN', KEYS[3]) then return { last, time } end
return { last, time, missed == 0 and {} or redis.call('LRANGE', KEYS[3], -missed, -1) }
`);

/**
 * KEYS: marker, bucket. ARGV: marker, capacity, window, cost, now, end of the period or empty. 1 or 0, units left, time to one more, time to all.
 *
 * The same arithmetic as in lib/gcra.ts, where it is explained.
 */
export const takeScript = storeScript(`
local capacity, window, cost, now = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local periodEnd = tonumber(ARGV[6])
local full = capacity * window
local at, debt, isSetBack = now, 0, false
local keptAt, keptDebt = string.match(redis.call('GET', KEYS[2]) or '', '^(%S+) (%S+)$')
if keptAt then
  keptAt, debt = tonumber(keptAt), math.min(tonumber(keptDebt), full)
  if periodEnd then
    at = math.max(now, keptAt)
  elseif now >= keptAt then
    debt = math.max(0, debt - (now - keptAt) * capacity)
  elseif keptAt - now > math.max(window, 3600000) then
    isSetBack = true
  else
    at = keptAt
  end
end
local isAllowed = debt + cost * window <= full
if isAllowed then debt = debt + cost * window end
local lag = at - now
local left = math.floor((full - debt) / window)
local function wait(excess)
  return periodEnd and math.max(0, periodEnd - now) or math.ceil(excess / capacity) + lag
end
local untilOne = left > 0 and 0 or wait(debt + window - full)
local untilAll = debt == 0 and 0 or wait(debt)
if isSetBack or (isAllowed and cost > 0) then
  local kept = string.format('%.0f', math.min(untilAll, 1e15) + 5000)
  redis.call('SET', KEYS[2], string.format('%.17g %.17g', at, debt), 'PX', kept)
end
local function text(number) return string.format('%.17g', number) end
return { isAllowed and 1 or 0, text(left), text(untilOne), text(untilAll) }
`);

/**
 * KEYS: marker, nonce. ARGV: marker, end, now, how long to keep it in milliseconds. 1 for the first claim.
 *
 * The end is compared with the caller's clock, by which the message was judged too. It is kept for longer, as that
 * clock may be ahead of the server's and of other callers'.
 */
export const claimScript = storeScript(`
local known = redis.call('GET', KEYS[2])
if known and tonumber(known) > tonumber(ARGV[3]) then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[4])
return 1
`);
