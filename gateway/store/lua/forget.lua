-- What a message said is taken out, and that this was done is written down. In: identity, source_id, why, waiting (it may still wait for
-- somebody). Out: 1, or 0 when it is not here, in somebody's hands now, or waits and may not. See `cases.forget` for the same in SQL.
-- with: talk, hands, enclosed, likenesses

local found = 0
for _, id in ipairs(find('identity', DO.identity)) do
  local of = case(id)
  local ended = of and (of.step == 'done' or of.step == 'declined')
  if of and of.source_id == DO.source_id and not of.owner and (DO.waiting or ended) and not in_hand(of) then
    found = 1
    local gone = { facts = false, files = false, edited = false, words = false, archived = false, code = DO.why }
    move(of, ended and of.step or 'declined', nil, gone)
    call('DEL', P .. 'files:' .. id, P .. 'record:' .. id)
    call('SET', P .. 'raw:' .. id, '')
    for _, name in ipairs(call('HKEYS', P .. 'parts:' .. id)) do
      if string.sub(name, -4) == ':raw' then
        call('HSET', P .. 'parts:' .. id, name, '')
      end
    end
    for _, event in ipairs(call('LRANGE', P .. 'events_of:' .. id, 0, -1)) do
      call('HSET', P .. 'event:' .. event, 'by', '', 'note', '')
    end
    -- what was answered may repeat what the message said
    call('DEL', P .. 'tries:' .. id)
    for _, letter in ipairs(call('SMEMBERS', P .. 'letters_of:' .. id)) do
      call('HDEL', P .. 'letter:' .. letter, 'said')
    end
    let_go(id)
    forget_kin(id)
    forget_enclosed(of)
    forget_talk(of)
    act(of, NOW, 'channel', 'forget', DO.why)
    -- what was ever kept of it, also before it came back
    for _, machine in ipairs(call('SMEMBERS', P .. 'archives')) do
      call('SADD', P .. 'erase:' .. machine, id)
    end
  end
end
return found
