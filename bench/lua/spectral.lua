-- Floating point.
local n, u = 120, {}
local function times(v, transposed)
  local out = {}
  for i = 0, n - 1 do
    local sum = 0
    for j = 0, n - 1 do
      local row, column = transposed and j or i, transposed and i or j
      sum = sum + v[j + 1] / ((row + column) * (row + column + 1) / 2 + row + 1)
    end
    out[i + 1] = sum
  end
  return out
end
for i = 1, n do u[i] = 1 end
local v
for _ = 1, 10 do v = times(times(u), true) u = times(times(v), true) end
local uv, vv = 0, 0
for i = 1, n do uv = uv + u[i] * v[i] vv = vv + v[i] * v[i] end
print(string.format("%.9f", math.sqrt(uv / vv)))
