-- Targets: where in a fleet a record came from.
local host = ...
local type = type
local handles = host.session_handles

-- The session that a record came from; nil for anything else.
function host.target_of(record)
  local session = record.target
  return handles[session] and session
end

-- What comes of a fleet is of this run's part of an array job already: a target, or what one listed.
function host.is_of_fleet(value)
  local query = host.query_of(value)
  if query then return query.fleet ~= nil end
  return type(value) == "table" and host.of_fleets[handles[value] and value or host.target_of(value)] == true
end

-- The same by its handle, of any value.
function host.target_handle(value)
  local session = type(value) == "table" and not host.query_of(value) and host.target_of(value)
  return session and handles[session] or nil
end
