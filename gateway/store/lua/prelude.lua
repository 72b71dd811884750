-- What every transition of the Redis store shares; `redis_scripts` puts it, and `tight`, `folding` and `cases`, before each of them.
--
-- In: KEYS[1], any key of ours, which leads to the slot; ARGV[1], what is to be done, as msgpack; bytes, which Redis's msgpack cannot
-- read, stand in ARGV[2] and on, and in their place there stands the number of the argument. Out: local functions. It changes nothing by
-- itself. A transition looks first and writes then: Redis takes nothing back when a script fails half way.
--
-- ONE SLOT: every key begins with {lapor}: so that each transition is one script, atomic without a protocol of our own. One primary does
-- some ten thousand of them a second, a hundred times the load of a nation; a Cluster gives failover, not room.
-- NO STREAMS: a stream cannot be ordered by due time. A queue is a sorted set by due time, and a leased thing is due when its lease ends.
--
-- THE LAYOUT mirrors the tables of `tables`: a row is a hash whose fields are the columns, with the same names and meanings. NULL and a
-- default are an absent field. Instants are seconds since 1970 as decimal strings; what has more than 53 bits is a decimal string.
-- Long values lie apart, because a hash whose values have at most 64 bytes takes a third of the memory.
--
--   {lapor}:schema                      the version of this layout
--   {lapor}:ids                         hash: table -> the last id given out (case, letter, event, likeness)
--   {lapor}:counts                      hash: channel|word -> n
--   {lapor}:cursors                     hash: name -> value
--   {lapor}:case:<id>                   the table cases, but for raw, expected and come as they are there; also
--                                         settled: what the last settlement was, so that one whose answer was lost is known again
--   {lapor}:folded:<n>                  list: in the place of their rows, what is left of cases in an archive; see `folding`
--   {lapor}:raw:<case>                  what came, exactly; cases.raw and raws.raw
--   {lapor}:parts:<case>                hash: <number>:raw, <number>:fingerprint, <number>:received_at
--   {lapor}:files:<case>                hash: <number>:name, <number>:media_type, <number>:size, <number>:content
--   {lapor}:record:<case>               records.record
--   {lapor}:acts:<case>                 list: at, by, act, words of the first act, then of the second, …
--   {lapor}:tries:<case>                list: tries.try
--   {lapor}:copied                      list: the last hundred waits for a number given by hand, in seconds, the newest first
--   {lapor}:additions:<case>            hash: by_case -> addition
--   {lapor}:adds:<case>                 set: the cases that this one added something to
--   {lapor}:question:<case>             the table questions
--   {lapor}:asked:<sha1>                -> case; by channel, NUL, sender
--   {lapor}:letter:<id>                 the table letters, but for the body; also news: 1 when it waits for its hour and tells news;
--                                         ids: the provider's, as msgpack
--   {lapor}:body:<letter>               letters.body
--   {lapor}:letters_of:<case>           set: letter ids
--   {lapor}:person:<sha1>               zset: ids of the letters that a person got within the hour, by created_at; expires
--   {lapor}:recipient:<sha1>            zset: ids of the last letters to an address, by created_at; by channel, NUL, recipient
--   {lapor}:early:<sha1>                the table early_receipts, and spellings: the ids under which it was kept, as msgpack; expires
--   {lapor}:notes:<channel>             hash: name -> value
--   {lapor}:names:<channel>             zset: the same names, all of score 0, for those that begin alike
--   {lapor}:hand:<case>                 the table hands
--   {lapor}:board:<board>               hash: name -> at, until (- for none) and value of the table board, with spaces between
--   {lapor}:lease:<name>                the table leases, and for_s: for how long it was given
--   {lapor}:leases                      set: their names
--   {lapor}:event:<id>, {lapor}:enclosed:<case>:<number>     their tables; see the scripts that write them
--   {lapor}:wanted                      zset: stubs of cases in an archive to which something has happened, by when; see `stubs`
--
--   queues and indexes
--   {lapor}:due:<ledger>                zset: case ids by due
--   {lapor}:lost                        zset: ids of letters that are parked or failed, by id
--   {lapor}:lost_from                   below this id of a letter nobody has looked yet which belong there; see `lost`
--   {lapor}:ledgers                     set: the ledgers that ever had a queue, but for the default one
--   {lapor}:letters:<channel>           zset: letter ids by due
--   {lapor}:step:<step>:<told>          zset: case ids by id, of the steps in INDEXED (a case that is done is in none)
--   {lapor}:worklist:<ledger>           zset: case ids by id, of the step worklist
--   {lapor}:waiting:<channel>           zset: case ids by received_at, of the steps in WAITING
--   {lapor}:held:<owner>                hash: case:<id>, letter:<id>, file:<case>:<number> -> what `release` must know: the number of the
--                                         claim, and whether the case was unsure before it; the leases of a process
--   {lapor}:<index>:<bucket>            hash: key -> ids with spaces between, in the order in which they came; see `find`. The indexes:
--                                         reference, identity, tracking (number) -> cases; key -> letter; provider (channel, NUL, id)
--                                         -> letter. Ten rows in a small hash take less than one key would.

local P = '{lapor}:'
local call = redis.call
local time = call('TIME')
-- the server's clock, as a string and as a number: whose clock is wrong must not matter for a lease
local NOW = time[1] .. '.' .. string.format('%06d', time[2])
local T = tonumber(NOW)
-- what is to be done
local DO = cmsgpack.unpack(ARGV[1])

local INDEXED = { held = true, asked = true, submit = true, worklist = true, triage = true, parked = true, declined = true }
-- in these a case waits for its ledger; `ages` has the same
local WAITING = { held = true, asked = true, submit = true, worklist = true }
-- what the ledger of the table [ledger] is called
local DEFAULT = 'ledger'

local function instant(seconds)
  return string.format('%.6f', seconds)
end

-- Now, and a microsecond later each time: what is written in one transition is due in the order in which it was written.
local ticks = 0
local function tick()
  ticks = ticks + 1
  return instant(T + (ticks - 1) / 1000000)
end

-- A hash as a table; nil when there is none.
local function row(key)
  local flat = call('HGETALL', key)
  if #flat == 0 then
    return nil
  end
  local fields = {}
  for i = 1, #flat, 2 do
    fields[flat[i]] = flat[i + 1]
  end
  return fields
end

local MOST = 1000

-- Set fields of a hash; false takes one away.
local function write(key, fields)
  local set, gone = {}, {}
  for name, value in pairs(fields) do
    if value == false then
      gone[#gone + 1] = name
    else
      set[#set + 1] = name
      set[#set + 1] = value
    end
  end
  -- Lua puts no more than some thousand values on its stack
  for i = 1, #set, MOST do
    call('HSET', key, unpack(set, i, math.min(i + MOST - 1, #set)))
  end
  for i = 1, #gone, MOST do
    call('HDEL', key, unpack(gone, i, math.min(i + MOST - 1, #gone)))
  end
end

-- What a transition changes again and again is written once, at its end: see `finish`.
local counted, ids, held, cursors = {}, {}, {}, {}

local function count(channel, word, n)
  local name = channel .. '|' .. word
  counted[name] = (counted[name] or 0) + n
end

local function next_id(of)
  ids[of] = (ids[of] or tonumber(call('HGET', P .. 'ids', of) or 0)) + 1
  return string.format('%d', ids[of])
end

-- A process has a lease: of case:<id>, letter:<id> or file:<case>:<number>, with what `release` must know of it; false: no more.
local function lease(owner, what, known)
  held[owner] = held[owner] or {}
  held[owner][what] = known
end

-- When a channel last brought something.
local function came(channel, at)
  cursors['latest of ' .. channel] = at
end

-- Called behind each transition by `redis_scripts`, also behind one that fails half way: no id is given out twice.
local function finish()
  for name, n in pairs(counted) do
    if n ~= 0 then
      call('HINCRBY', P .. 'counts', name, n)
    end
  end
  write(P .. 'ids', ids)
  write(P .. 'cursors', cursors)
  for owner, leases in pairs(held) do
    write(P .. 'held:' .. owner, leases)
  end
end

-- INDEXES. The key lies in one of 65,536 small hashes.
local function bucket(index, key)
  return P .. index .. ':' .. string.sub(redis.sha1hex(key), 1, 4)
end

-- The ids under a key, the oldest first.
local function find(index, key)
  local ids = {}
  for id in string.gmatch(call('HGET', bucket(index, key), key) or '', '%S+') do
    ids[#ids + 1] = id
  end
  return ids
end

local function link(index, key, id)
  local place = bucket(index, key)
  local ids = call('HGET', place, key)
  call('HSET', place, key, ids and (ids .. ' ' .. id) or id)
end

-- … when it is known that there is none yet.
local function link_first(index, key, id)
  call('HSET', bucket(index, key), key, id)
end

local function unlink(index, key, id)
  local left = {}
  for _, other in ipairs(find(index, key)) do
    if other ~= id then
      left[#left + 1] = other
    end
  end
  if #left > 0 then
    call('HSET', bucket(index, key), key, table.concat(left, ' '))
  else
    call('HDEL', bucket(index, key), key)
  end
end
