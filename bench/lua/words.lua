-- Strings: built, searched, sorted.
local words, seen, state = {}, {}, 42
for i = 1, 60000 do
  state = (state * 1103515245 + 12345) % 2147483648
  words[i] = "vm-" .. string.format("%06x", state % 5000)
end
for word in table.concat(words, " "):gmatch("vm%-%x+") do seen[word] = (seen[word] or 0) + 1 end
local names = {}
for name in pairs(seen) do names[#names + 1] = name end
table.sort(names)
print(#names, names[1], names[#names]:upper())
