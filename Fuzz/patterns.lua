-- Gives two texts out of one, divided by zeros, to everything that takes a pattern, a format or a position.
local input = ...
local pattern, subject, more = string.match(input, "^([^\0]*)\0?([^\0]*)\0?(.*)$")
-- With more that may repeat, or more to repeat it in, a pattern may take for ever, in Lua too; no clock runs here.
if select(2, string.gsub(pattern, "[-*+?]", "")) > 4 then return end
subject = string.sub(subject, 1, 48)
local place = tonumber(string.match(more, "%-?%d+")) or 1
for _, plain in ipairs{ false, true } do pcall(string.find, subject, pattern, place, plain) end
pcall(string.match, subject, pattern, place)
pcall(string.gsub, subject, pattern, more)
pcall(string.gsub, subject, pattern, { a = "b", [""] = false })
pcall(string.gsub, subject, pattern, function(a, b) return b end, place)
pcall(function() for a, b, c in string.gmatch(subject, pattern) do end end)
pcall(string.format, pattern, place, subject, place + 0.5, more)
if not string.find(pattern, "%d%d%d%d") then
  pcall(string.unpack, pattern, subject, place)
  pcall(string.pack, pattern, place, subject, place + 0.5, more)
  pcall(string.packsize, pattern)
end
pcall(string.rep, subject, place % 100, pattern)
pcall(string.byte, subject, place, -place)
pcall(utf8.codepoint, subject, place, -1)
pcall(utf8.offset, subject, place)
pcall(utf8.len, subject, place)
