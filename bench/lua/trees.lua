-- Small tables, made and dropped.
local function tree(depth) return depth == 0 and {} or { tree(depth - 1), tree(depth - 1) } end
local function count(node) return node[1] and 1 + count(node[1]) + count(node[2]) or 1 end
local total = 0
for _ = 1, 16 do total = total + count(tree(12)) end
print(total)
