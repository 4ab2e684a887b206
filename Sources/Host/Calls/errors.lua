-- Errors of calls as texts. Loaded with the first of them.
local host = ...
local rawget, tostring = rawget, tostring
local string, table = string, table

host.set_error_metatable {
  __name = "error",
  __metatable = false,
  __tostring = function(e)
    local where, status = rawget(e, "where"), rawget(e, "http_status")
    local message = tostring(rawget(e, "message") or rawget(e, "code"))
    if rawget(e, "code") ~= "ParamValidation" then
      local operation, code = rawget(e, "operation"), rawget(e, "code")
      -- Our own words for a network that failed name the host, and their code says no more than they do.
      local is_ours = code == "Network" or code == "Configuration"
      local details = { not is_ours and status and rawget(e, "host") or nil }
      local function add(value, form) if value then details[#details + 1] = string.format(form, value) end end
      add(status, "HTTP %s")
      add(rawget(e, "request_id"), "request id %s")
      local attempts = rawget(e, "attempts")
      add(attempts and attempts > 1 and attempts, "%s attempts")
      message = string.format("%s%s%s", operation and operation .. ": " or "", is_ours and "" or tostring(code) .. ": ", message)
      if #details > 0 then message = message .. " (" .. table.concat(details, ", ") .. ")" end
    end
    -- One line, whatever words a service sends.
    message = string.gsub(message, "%s*[\n\r]+%s*", " ")
    return where and where .. ": " .. message or message
  end,
}
